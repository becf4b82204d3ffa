"""Garbage points (垃圾投放点): what no model names is rubbish there, and a point may hold only so much."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detectors.incidents import CloseReason, OpenReason, Transition
from detectors.places import state
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Zone
from tests.detectors.places.street import (
    Thing,
    blind,
    closed,
    memory,
    moment,
    moved,
    opened,
    see,
    watch,
    zone,
)
from tests.detectors.places.test_firing import clock

BAG: Box = (0.4, 0.4, 0.5, 0.6)
UNKNOWN, RUBBISH = ObjectClass.UNKNOWN, ObjectClass.GARBAGE
AROUND = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
LOOKS = {"dwell_s": 20.0, "category": "garbage"}


def point(*rules: dict[str, Any], **fields: Any) -> Zone:
    return Zone.model_validate(
        {"name": "bins", "purpose": "garbage_point", "polygon": AROUND, "rules": list(rules), **fields}
    )


def pavement(*categories: Category) -> Zone:
    return zone(20, *categories, name="pavement", purpose=ZonePurpose.PAVEMENT)


# -- what no model names --------------------------------------------------------------------------


def test_a_thing_without_a_name_at_a_garbage_point_is_garbage_with_a_reason_of_its_own() -> None:
    (event,) = opened(watch(memory(point(LOOKS)), range(60), lambda _: [Thing(BAG, UNKNOWN)]))
    assert (event.standing.category, event.reason) == (Category.GARBAGE, OpenReason.UNNAMED_GARBAGE)


def test_it_may_stand_as_long_as_rubbish_may_against_every_zone() -> None:
    collected = point(LOOKS, collection={"times": [clock(60)], "set_out_s": 3600, "grace_s": 0})
    eyes = memory(collected, pavement(Category.STATIC_OBJECT))
    events = watch(eyes, range(120), lambda _: [Thing(BAG, UNKNOWN)])
    (event,) = opened(events)
    assert event.at == moment(80)
    assert event.standing.zone in ("bins", "pavement")
    assert eyes.counters["permitted_static_object"] + eyes.counters["permitted_garbage"] == 1


def test_a_point_with_a_rule_against_such_things_says_what_they_are() -> None:
    own = point(LOOKS, {"category": "static_object", "dwell_s": 30.0})
    (event,) = opened(watch(memory(own), range(60), lambda _: [Thing(BAG, UNKNOWN)]))
    assert (event.standing.category, event.reason) == (Category.STATIC_OBJECT, OpenReason.DWELL_EXCEEDED)


def test_on_a_pavement_with_a_rule_against_garbage_alone_it_stays_unraised() -> None:
    """Most of what is left on a pavement is no rubbish; who wants it gives a rule against static objects."""
    eyes = memory(pavement(Category.GARBAGE))
    assert opened(watch(eyes, range(120), lambda _: [Thing(BAG, UNKNOWN)])) == []


# -- overflow -------------------------------------------------------------------------------------

FULL = {"share": 0.25, "after_s": 60}


def heap(count: int) -> list[Thing]:
    """Bags in a row, each a tenth of the picture wide and as tall as the zone."""
    return [Thing((0.01 + 0.1 * n, 0.02, 0.09 + 0.1 * n, 0.99), RUBBISH, face=n + 1) for n in range(count)]


@pytest.mark.parametrize(
    "allowed",
    [{}, {"collection": {"times": [clock(7200)], "set_out_s": 12 * 3600}}],
    ids=["at all times", "until the collection"],
)
def test_more_than_a_point_may_hold_is_raised_once_though_bags_may_stand(allowed: dict[str, Any]) -> None:
    rules = [LOOKS] if allowed else []
    eyes = memory(point(*rules, overflow=FULL, **allowed))
    events = watch(eyes, range(200), lambda _: heap(4))
    (event,) = opened(events)
    assert (event.reason, event.standing.category) == (OpenReason.OVERFLOW, Category.GARBAGE)
    assert (event.at, event.standing.threshold_s) == (moment(60), 60)
    assert closed(events) == []


def test_what_fits_is_not_raised_however_long() -> None:
    assert opened(watch(memory(point(overflow=FULL)), range(400), lambda _: heap(2))) == []


def test_what_was_put_there_a_moment_ago_does_not_count_yet() -> None:
    eyes = memory(point(overflow=FULL))
    events = watch(eyes, range(200), lambda at: heap(2 if at < 100 else 4))
    assert [event.at for event in opened(events)] == [moment(160)]


def test_it_ends_when_most_was_taken_away_though_a_bag_still_stands() -> None:
    eyes = memory(point(overflow=FULL))
    events = watch(eyes, range(250), lambda at: heap(4 if at < 150 else 1))
    (event,) = closed(events)
    assert event.reason is CloseReason.PERMITTED
    assert event.at > moment(150)
    assert len(opened(events)) == 1


def test_blindness_neither_ends_nor_raises_an_overflow() -> None:
    eyes = memory(point(overflow=FULL))
    watch(eyes, range(100), lambda _: heap(4))
    events = blind(eyes, range(100, 400))
    events += watch(eyes, range(400, 420), lambda _: heap(4))
    assert opened(events) == closed(events) == []


def test_a_heap_that_grows_where_it_lies_fills_its_point() -> None:
    def grows(at: float) -> list[Thing]:
        wide = 0.1 if at < 100 else 0.4
        return [Thing((0.3, 0.02, 0.3 + wide, 0.99), RUBBISH)]

    assert [e.reason for e in opened(watch(memory(point(overflow=FULL)), range(200), grows))] == [
        OpenReason.OVERFLOW
    ]


def test_what_no_model_names_fills_a_point_too() -> None:
    things = [Thing(one.box, UNKNOWN, one.face) for one in heap(4)]
    (event,) = opened(watch(memory(point(overflow=FULL)), range(100), lambda _: things))
    assert event.reason is OpenReason.OVERFLOW


def test_rubbish_left_behind_by_the_collection_is_not_raised_a_second_time_as_overflow() -> None:
    left = point(LOOKS, collection={"times": [clock(60)], "set_out_s": 3600, "grace_s": 0}, overflow=FULL)
    eyes = memory(left, spread_m=50.0, spread_sizes=50.0)
    events = watch(eyes, range(60, 200), lambda _: heap(4))
    assert [event.reason for event in opened(events)] == [OpenReason.DWELL_EXCEEDED]


def test_a_restart_within_an_overflow_changes_nothing() -> None:
    zones = [point(overflow=FULL)]

    def run(restart_at: float | None) -> list[Transition]:
        eyes, events = memory(*zones), []
        for at in range(250):
            if at == restart_at:
                saved, ids = json.loads(json.dumps(state.dump(eyes))), eyes._new_id
                eyes = PlaceMemory(zones, look_interval_s=1.0, new_id=ids, settings=MemorySettings())
                state.load(eyes, saved)
            events += see(eyes, at, *heap(4 if at < 150 else 1))
        return events

    assert run(100) == run(30) == run(None)


def test_rubbish_beside_the_point_does_not_fill_it() -> None:
    small = [[0.0, 0.0], [0.3, 0.0], [0.3, 1.0], [0.0, 1.0]]
    narrow = Zone.model_validate(
        {"name": "bins", "purpose": "garbage_point", "polygon": small, "overflow": {"share": 0.5, "after_s": 60}}
    )
    beside = [Thing(moved(one.box, 0.4), RUBBISH, one.face) for one in heap(4)]
    assert opened(watch(memory(narrow), range(120), lambda _: beside)) == []
