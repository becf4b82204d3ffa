"""What only looks like a problem is not raised, what is one is; with zones and hours as data."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.incidents import CloseReason, OpenReason, Transition, Updated, UpdateReason
from detectors.places import state
from detectors.places.memory import PlaceMemory
from detectors.places.rules import DEFAULT_TIME_ZONE
from detectors.places.settings import MemorySettings
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Point, Polygon, Zone
from tests.detectors.places.street import (
    EVERYWHERE,
    START,
    Ids,
    Thing,
    closed,
    memory,
    moment,
    opened,
    see,
    watch,
    zone,
)

CAR: Box = (0.1, 0.4, 0.2, 0.6)
NEXT: Box = (0.4, 0.4, 0.5, 0.6)
LAST: Box = (0.7, 0.4, 0.8, 0.6)
STALL = ObjectClass.STALL
VENDOR = Category.STREET_VENDOR


def clock(seconds: float) -> str:
    """Civil time so long after the start, without seconds."""
    return f"{START.astimezone(DEFAULT_TIME_ZONE) + timedelta(seconds=seconds):%H:%M}"


def made(base: Zone, **fields: Any) -> Zone:
    return Zone.model_validate({**base.model_dump(by_alias=True), **fields})


def permitted(begin_s: float, end_s: float, category: Category = VENDOR, dwell_s: float = 20.0) -> Zone:
    permit = {"category": category, "from": clock(begin_s), "to": clock(end_s)}
    return made(zone(dwell_s, category), permits=[permit])


def waiting(purpose: ZonePurpose, max_wait_s: float, polygon: Polygon = EVERYWHERE) -> Zone:
    return Zone(name="wait", purpose=purpose, polygon=polygon, max_wait_s=max_wait_s)


def first_at(events: Sequence[Transition]) -> float:
    (event,) = opened(events)
    return (event.at - START).total_seconds()


# -- permitted hours ------------------------------------------------------------------------------


def test_a_vendor_who_overstays_is_raised_one_dwell_after_the_permit_ended() -> None:
    street = memory(permitted(-3600, 120))
    events = watch(street, range(200), lambda _: [Thing(CAR, STALL)])
    (event,) = opened(events)
    assert first_at(events) == 140
    assert event.reason is OpenReason.PERMIT_ENDED
    assert event.standing.first_seen == moment(120)
    assert event.standing.observed_s == pytest.approx(20)
    assert street.counters["permitted_street_vendor"] == 1


def test_who_leaves_in_time_is_counted_once_and_never_raised() -> None:
    street = memory(permitted(-3600, 600))
    assert opened(watch(street, range(100), lambda _: [Thing(CAR, STALL)])) == []
    assert street.counters["permitted_street_vendor"] == 1


def test_a_permit_that_begins_ends_what_was_a_problem_until_then() -> None:
    street = memory(permitted(120, 240))
    events = watch(street, range(300), lambda _: [Thing(CAR, STALL)])
    assert [(event.at - START).total_seconds() for event in opened(events)] == [20, 260]
    (event,) = closed(events)
    assert event.at == moment(120)
    assert event.reason is CloseReason.PERMITTED


def test_a_rule_with_hours_begins_to_count_when_they_do() -> None:
    timed = zone(20)
    rule = timed.rules[0].model_copy(update={"hours": ()})
    hours = [{"from": clock(60), "to": clock(600)}]
    street = memory(made(timed, rules=[{**rule.model_dump(), "hours": hours}]))
    assert first_at(watch(street, range(120), lambda _: [Thing(CAR)])) == 80


def test_what_a_collection_left_behind_is_raised_after_its_grace() -> None:
    point = made(
        zone(20, Category.GARBAGE, purpose=ZonePurpose.GARBAGE_POINT),
        collection={"times": [clock(60)], "set_out_s": 3600, "grace_s": 60},
    )
    events = watch(memory(point), range(200), lambda _: [Thing(CAR, ObjectClass.GARBAGE)])
    assert first_at(events) == 140
    assert opened(events)[0].reason is OpenReason.COLLECTION_MISSED


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 180), st.integers(1, 5))
def test_permits_decide_the_same_with_a_restart_anywhere(cut: int, end_min: int) -> None:
    zones = [permitted(-3600, 60 * end_min)]

    def run(restart: bool) -> list[Transition]:
        street, events = memory(*zones), []
        for at in range(0, 200, 2):
            if restart and at >= cut and at - 2 < cut:
                ids = street._new_id
                saved = json.loads(json.dumps(state.dump(street)))
                street = PlaceMemory(zones, look_interval_s=1.0, new_id=ids, settings=MemorySettings())
                state.load(street, saved)
            events += see(street, at, Thing(CAR, STALL))
        return events

    assert run(True) == run(False)


# -- lanes before a light -------------------------------------------------------------------------


def queue(at: float, green_s: float, *, parked: bool) -> list[Thing]:
    """Three vehicles that stand from the start; at green all but the parked one go."""
    boxes = [CAR, NEXT, LAST]
    gone = at >= green_s
    return [
        Thing(box, face=number + 1) for number, box in enumerate(boxes) if not gone or (parked and number == 1)
    ]


def test_a_queue_that_drives_on_at_green_is_never_raised() -> None:
    street = memory(zone(20), waiting(ZonePurpose.SIGNAL_QUEUE, 180))
    assert opened(watch(street, range(150), lambda at: queue(at, 90, parked=False), bare_known=True)) == []
    assert street.counters["waiting_parked_vehicle"] == 3


def test_who_stands_on_after_its_queue_has_gone_is_raised() -> None:
    street = memory(zone(20), waiting(ZonePurpose.SIGNAL_QUEUE, 180))
    events = watch(street, range(150), lambda at: queue(at, 90, parked=True), bare_known=True)
    (event,) = opened(events)
    assert event.standing.box == pytest.approx(NEXT, abs=0.01)
    assert 90 < first_at(events) <= 125


def test_alone_in_a_queue_zone_it_is_raised_after_the_longest_wait() -> None:
    street = memory(zone(20), waiting(ZonePurpose.SIGNAL_QUEUE, 100))
    assert first_at(watch(street, range(150), lambda _: [Thing(CAR)])) == 100


def test_who_came_as_the_others_left_waits_for_the_next_green() -> None:
    def scene(at: float) -> list[Thing]:
        return [Thing(CAR, face=1)] if at < 90 else [Thing(NEXT, face=2)]

    street = memory(zone(20), waiting(ZonePurpose.SIGNAL_QUEUE, 180))
    assert opened(watch(street, range(200), scene, bare_known=True)) == []


# -- bus stops ------------------------------------------------------------------------------------


class Metres:
    """A street on which a frame's width is 20 m."""

    def size_m(self, box: Box) -> tuple[float, float]:
        return (box[2] - box[0]) * 20, (box[3] - box[1]) * 20

    def distance_m(self, first: Point, second: Point) -> float:
        return 20 * math.dist(first, second)


BUS: Box = (0.3, 0.3, 0.6, 0.5)


@pytest.mark.parametrize(("box", "raised_s"), [(BUS, 100), (CAR, 20)])
def test_a_bus_may_wait_at_its_stop_and_a_car_may_not(box: Box, raised_s: float) -> None:
    zones = [zone(20), waiting(ZonePurpose.BUS_STOP, 100)]
    sized: Box = box if box is BUS else (0.3, 0.4, 0.4, 0.48)
    street = PlaceMemory(zones, look_interval_s=1.0, new_id=Ids(), settings=MemorySettings(), ground=Metres())
    assert first_at(watch(street, range(130), lambda _: [Thing(sized)])) == raised_s


def test_a_car_seen_along_the_street_is_no_bus_though_its_box_is_half_as_tall_again() -> None:
    zones = [zone(20), waiting(ZonePurpose.BUS_STOP, 100)]
    street = PlaceMemory(zones, look_interval_s=1.0, new_id=Ids(), settings=MemorySettings(), ground=Metres())
    oblique: Box = (0.3, 0.3, 0.43, 0.475)
    assert first_at(watch(street, range(130), lambda _: [Thing(oblique)])) == 20


@pytest.mark.parametrize(("box", "raised_s"), [(BUS, 100), ((0.3, 0.4, 0.4, 0.5), 20)])
def test_without_metres_a_bus_is_what_covers_most_of_its_stop(box: Box, raised_s: float) -> None:
    polygon: Polygon = ((0.25, 0.25), (0.65, 0.25), (0.65, 0.55), (0.25, 0.55))
    street = memory(zone(20), waiting(ZonePurpose.BUS_STOP, 100, polygon))
    assert first_at(watch(street, range(130), lambda _: [Thing(box)])) == raised_s


# -- sizes, sellers, shops, abandoned vehicles ----------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "raised"), [({"min_size_m": 3}, 0), ({"max_size_m": 3}, 0), ({"min_size_m": 1}, 1)]
)
def test_sizes_in_metres_leave_out_what_is_too_small_or_too_large(limits: dict[str, float], raised: int) -> None:
    boxes: dict[str, Box] = {"min_size_m": (0.3, 0.4, 0.4, 0.48), "max_size_m": BUS}
    base = zone(20)
    ruled = made(base, rules=[{**base.rules[0].model_dump(), **limits}])
    street = PlaceMemory([ruled], look_interval_s=1.0, new_id=Ids(), settings=MemorySettings(), ground=Metres())
    seen = Thing(boxes[next(iter(limits))])
    assert len(opened(watch(street, range(40), lambda _: [seen]))) == raised


def test_a_vehicle_with_goods_is_one_vendor_unless_its_rule_says_otherwise() -> None:
    def sells(_: float) -> list[Thing]:
        goods: Box = (0.16, 0.44, 0.24, 0.6)
        return [Thing(CAR, face=1), Thing(goods, STALL, face=2)]

    both = zone(20, Category.PARKED_VEHICLE, VENDOR)
    street = memory(both)
    found = opened(watch(street, range(40), sells))
    assert [event.standing.category for event in found] == [VENDOR]
    assert street.counters["selling_parked_vehicle"] == 1
    rules = [{**rule.model_dump(), "also_when_selling": rule.category is not VENDOR} for rule in both.rules]
    assert len(opened(watch(memory(made(both, rules=rules)), range(40), sells))) == 2


@pytest.mark.parametrize("kind", [STALL, ObjectClass.UNKNOWN])
def test_goods_in_front_of_a_shop_are_out_of_shop_trade(kind: ObjectClass) -> None:
    street = memory(zone(20, VENDOR, purpose=ZonePurpose.SHOP_FRONT))
    (event,) = opened(watch(street, range(40), lambda _: [Thing(CAR, kind)]))
    assert event.reason is OpenReason.OUT_OF_SHOP_TRADE
    assert event.standing.category is VENDOR


def test_an_abandoned_vehicle_is_told_once() -> None:
    base = zone(20)
    ruled = made(base, rules=[{**base.rules[0].model_dump(), "abandoned_after_s": 100}])
    events = watch(memory(ruled), range(300), lambda _: [Thing(CAR)])
    told = [event for event in events if isinstance(event, Updated) and event.reason is UpdateReason.ABANDONED]
    assert [(event.at - START).total_seconds() for event in told] == [100]
