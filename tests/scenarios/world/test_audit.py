"""The audit passes an honest scenario and finds each planted lie."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.world.audit import audit
from tests.scenarios.world.streets import CAMERA, KERB, PARKED, PARKER, PAVEMENT, Table, actor, parking, street

_VENDOR = actor("vendor", "stall_table", (50.0, 6.0, 12.0), (400.0, 6.0, 12.0), (430.0, 6.0, 22.0), leaves_s=800.0)
_SALE: Table = {
    "id": "sale",
    "category": "street_vendor",
    "zone": "pavement",
    "actors": ("vendor",),
    "start_s": 50.0,
    "end_s": 800.0,
}
_SECOND = actor("second", "stall_cart", (50.0, 6.5, 16.0), leaves_s=800.0)
_SECOND_SALE: Table = {**_SALE, "id": "second-sale", "actors": ("second",)}
_LANE: Table = {
    "path": ((3.0, -20.0), (3.0, 80.0)),
    "every_s": (5.0, 8.0),
    "speed_mps": (7.0, 9.0),
    "signal": {"stop_at_m": 52.0, "red_s": 120.0, "green_s": 60.0, "first_red_s": 50.0},
}
_DUSTY: Table = {
    "name": "dust",
    "quantity": "pm10",
    "every_s": 10,
    "course": ((0, 50), (300, 50), (310, 400), (600, 400), (610, 50)),
    "rule": {"limit": 150, "for_s": 60},
}
_ALARM: Table = {"id": "dusty", "category": "sensor_alarm", "sensor": "dust", "start_s": 303, "end_s": 607}
_BAY: Table = {"id": "bay", "why": "inside_bay", "category": "parked_vehicle", "actors": ("parker",)}


def _market(**parts: Any) -> Table:
    return {"id": "m", "members": ("sale", "second-sale"), "start_s": 50.0, "end_s": 800.0, **parts}


_HONEST: dict[str, dict[str, Any]] = {
    "a parked car": {"actor": (PARKER,), "problem": (PARKED,)},
    "a vendor that moves on": {"actor": (_VENDOR,), "problem": (_SALE,)},
    "a short stop": {
        "actor": (actor("parker", "car", (100, 3, 18), leaves_s=150),),
        "must_not": (
            {"id": "n", "why": "short_stop", "category": "parked_vehicle", "actors": ("parker",), "start_s": 100},
        ),
    },
    "a queue at a light": {
        "traffic": (_LANE,),
        "must_not": ({"id": "q", "why": "queue_at_light", "category": "parked_vehicle", "zone": "kerb"},),
    },
    "a market": {"actor": (_VENDOR, _SECOND), "problem": (_SALE, _SECOND_SALE), "market": (_market(),)},
    "a sensor": {"sensor": (_DUSTY,), "problem": (_ALARM,)},
    "a bench since ever": {"actor": (actor("bench", "bench", (0, 6, 12)),)},
    "a thing that nobody looks for": {"actor": (actor("crate", "crate", (50, 6, 12)),)},
    "a car in a bay": {
        "actor": (actor("parker", "car", (100, 3, 18)),),
        "scenery": {"bays": ((2.0, 15.0, 4.0, 21.0),)},
        "zone": (KERB, {"name": "bay", "purpose": "parking_bay", "ground": ((2, 15), (4, 15), (4, 21), (2, 21))}),
        "must_not": (_BAY,),
    },
}


@pytest.mark.parametrize("name", _HONEST)
def test_an_honest_scenario_passes(name: str) -> None:
    assert audit(street(**_HONEST[name])) == []


def _parked(**changes: Any) -> Table:
    return {**PARKED, **changes}


def _stall(*frames: tuple[float, float, float], **more: Any) -> Table:
    return actor("vendor", "stall_table", *frames, **more)


_PERMIT = {"category": "street_vendor", "from": "10:00", "to": "10:05"}  # the scenario starts at 10:00 civil time

_LIES: dict[str, tuple[dict[str, Any], str]] = {
    "never in the zone": (
        {"actor": (actor("parker", "car", (100, -3, 18)),), "problem": (_parked(),)},
        "none of its actors stands in zone 'kerb'",
    ),
    "starts before it came": ({"actor": (PARKER,), "problem": (_parked(start_s=60),)}, "from 60 s to 108 s"),
    "ends after it left": ({"actor": (PARKER,), "problem": (_parked(end_s=None),)}, "from 900 s to 1000 s"),
    "came earlier": (
        {"actor": (actor("parker", "car", (70, 3, 18), leaves_s=900),), "problem": (_parked(),)},
        "from 70 s to 108 s too, which no claim covers",
    ),
    "moves twice": (
        {
            "actor": (_stall((50, 6, 12), (200, 6, 12), (230, 6, 22), (400, 6, 22), (430, 6, 12), leaves_s=800),),
            "problem": (_SALE,),
        },
        "nothing of it stands in zone 'pavement' from 400 s to 430 s",
    ),
    "stands elsewhere in between": (
        {
            "actor": (
                _stall((50, 6, 12), (200, 6, 12), (210, -6, 12), (400, -6, 12), (410, 6, 12), leaves_s=800),
            ),
            "problem": (_SALE,),
        },
        "from 200 s to 410 s",
    ),
    "stands in a bay that allows it": (
        {**_HONEST["a car in a bay"], "problem": (_parked(start_s=100, end_s=None),), "must_not": ()},
        "none of its actors stands in zone 'kerb'",
    ),
    "unclaimed": ({"actor": (PARKER,)}, "actor 'parker' stands in zone 'kerb' from 108 s to 900 s"),
    "claimed for too short": (
        {"actor": (PARKER,), "problem": (_parked(end_s=500),)},
        "actor 'parker' stands in zone 'kerb' from 500 s to 900 s",
    ),
    "claimed as something else": (
        {
            "actor": (PARKER,),
            "must_not": ({"id": "n", "why": "passing", "category": "garbage", "actors": ("parker",)},),
        },
        "actor 'parker' stands in zone 'kerb'",
    ),
    "a queue without a must_not": ({"traffic": (_LANE,)}, "traffic 1:"),
    "a crate where cameras look for such things": (
        {"actor": (actor("crate", "crate", (50, 6, 12)),), "camera": ({**CAMERA, "static_objects": True},)},
        "actor 'crate' stands in zone 'pavement'",
    ),
    "a crate that nobody looks for": (
        {
            "actor": (actor("crate", "crate", (50, 6, 12)),),
            "problem": (
                {"id": "c", "category": "static_object", "zone": "pavement", "actors": ("crate",), "start_s": 50},
            ),
        },
        "no camera that sees it looks for static objects",
    ),
    "out of all frames": (
        {
            "actor": (actor("parker", "car", (100, 3, -30)),),
            "zone": ({**KERB, "ground": ((2, -40), (5, -40), (5, 40), (2, 40))},),
            "problem": (_parked(start_s=100, end_s=None),),
        },
        "no camera sees it",
    ),
    "in permitted hours": (
        {"actor": (_VENDOR,), "problem": (_SALE,), "zone": (KERB, {**PAVEMENT, "permit": (_PERMIT,)})},
        "permits street_vendor from 50 s to 300 s",
    ),
    "permitted too late": (
        {
            "actor": (_VENDOR,),
            "zone": (KERB, {**PAVEMENT, "permit": (_PERMIT,)}),
            "must_not": (
                {"id": "n", "why": "permitted_hours", "category": "street_vendor", "actors": ("vendor",)},
            ),
        },
        "permitted_hours is no reason",
    ),
    "no short stop": (
        {
            "actor": (PARKER,),
            "must_not": ({"id": "n", "why": "short_stop", "category": "parked_vehicle", "actors": ("parker",)},),
        },
        "short_stop is no reason",
    ),
    "no bay": ({"actor": (PARKER,), "must_not": (_BAY,)}, "stands in no parking bay"),
    "no relief point": (
        {"actor": (PARKER,), "must_not": ({**_BAY, "why": "relief_point"},)},
        "stands in no relief point",
    ),
    "both guilty and innocent": (
        {
            "actor": (PARKER,),
            "problem": (PARKED,),
            "must_not": (
                {"id": "n", "why": "queue_at_light", "category": "parked_vehicle", "actors": ("parker",)},
            ),
        },
        "'parker' is in problem 'parked' from 108 s to 900 s",
    ),
    "cameras back to back": (
        {
            "camera": (
                {**CAMERA, "overlaps": ("back",)},
                {**CAMERA, "name": "back", "y": -5.0, "heading_deg": 180.0},
            )
        },
        "overlaps 'back', but no ground lies in both pictures",
    ),
    "a camera that overlaps itself": ({"camera": ({**CAMERA, "overlaps": ("cam",)},)}, "names the camera itself"),
    "a market of one": (
        {
            "actor": (_VENDOR, actor("second", "stall_cart", (50, 6.5, 16), leaves_s=150)),
            "problem": (_SALE, {**_SECOND_SALE, "end_s": 150.0}),
            "market": (_market(),),
        },
        "fewer than two members stand",
    ),
    "a market of cars": (
        {
            "actor": (_VENDOR, PARKER),
            "problem": (_SALE, PARKED),
            "market": (_market(members=("sale", "parked"), start_s=108.0),),
        },
        "parked is not about street vendors",
    ),
    "an alarm without cause": (
        {"sensor": (_DUSTY,), "problem": ({**_ALARM, "start_s": 100},)},
        "'dust' is not beyond its limit all that time",
    ),
    "a clock step in pictures": (
        {"condition": ({"kind": "clock_step", "step_s": 60, "from_s": 9},)},
        "clock_step: only the tier detections can play it, not composed",
    ),
    "half a node without power": (
        {
            "camera": (CAMERA, {**CAMERA, "name": "two"}),
            "condition": ({"kind": "power_cut", "cameras": ("cam",), "from_s": 9},),
        },
        "befalls a whole node; name two among its cameras too",
    ),
    "a stricter zone below": (
        {
            "actor": (PARKER,),
            "problem": (PARKED,),
            "zone": (KERB, {**KERB, "name": "hydrant", "rule": ({"category": "parked_vehicle", "dwell_s": 20},)}),
        },
        "stands in zone 'hydrant' too, which allows 20 s only",
    ),
    "an excess without an alarm": ({"sensor": (_DUSTY,)}, "'dust' is beyond its limit from"),
}


@pytest.mark.parametrize("name", _LIES)
def test_a_planted_lie_is_found(name: str) -> None:
    parts, sentence = _LIES[name]
    found = audit(street(**parts))
    assert any(sentence in line for line in found), found


def test_a_claim_may_miss_the_timeline_by_less_than_a_look() -> None:
    assert audit(parking(problem=(_parked(start_s=109.5),))) == []
