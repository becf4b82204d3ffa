"""An answer that is carried from an earlier look goes on with what it saw, and proves nothing by what it lacks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.incidents import Closed, CloseReason, WentBlind
from detectors.places import state
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from ingest.messages import Box
from ingest.taxonomy import SEEN_CATEGORIES, Category, ObjectClass
from tests.detectors.places.street import CAR, Ids, Thing, closed, memory, moved, opened, see, watch, zone

SETTINGS = MemorySettings(update_interval_s=7, blind_after_s=60)
NAMED = (ObjectClass.VEHICLE, ObjectClass.STALL, ObjectClass.GARBAGE, ObjectClass.TWO_WHEELER)


def nowhere(_box: Box) -> bool:
    return False


things = st.builds(
    Thing,
    box=st.sampled_from([CAR, moved(CAR, 0.02), moved(CAR, 0.11), moved(CAR, 0.3), moved(CAR, 0, 0.25)]),
    kind=st.sampled_from([*[ObjectClass.VEHICLE] * 3, *NAMED, ObjectClass.PERSON]),
    face=st.sampled_from([1, 1, 2]),
    detected=st.sampled_from([True, True, True, False]),
    score=st.sampled_from([0.55, 0.9]),
)
scenes = st.one_of(st.just([Thing(CAR)]), st.just([]), st.lists(things, max_size=3))
stretches = st.lists(
    st.tuples(st.sampled_from([1.0, 1.0, 1.0, 2.5, 30.0]), scenes, st.integers(1, 9), st.booleans()), max_size=14
)


@settings(max_examples=100)
@given(stretches)
def test_a_look_at_which_nobody_asked_the_detector_ends_nothing_and_counts_as_no_absence(
    history: list[tuple[float, list[Thing], int, bool]],
) -> None:
    """Whatever stands, comes, hides or is exchanged, for however long; also where the memory of it has expired."""
    street = PlaceMemory(
        [zone(4, *SEEN_CATEGORIES, max_bridge_s=20, clear_s=2)],
        look_interval_s=1.0,
        new_id=Ids(),
        settings=SETTINGS,
    )
    now = 0.0
    for gap, scene, looks, fresh in history:
        for look in range(looks):
            now += gap if look == 0 else 1.0
            if fresh:
                see(street, now, *scene)
                continue
            stale = [Thing(t.box, t.kind, t.face, t.detected, t.score, carried=True) for t in scene]
            before = {id(place): (place.misses, place.absent_looks, place.absent_s) for place in street.places}
            events = see(street, now, *stale, looked=nowhere)
            assert not closed(events)
            assert not [event for event in events if isinstance(event, WentBlind)]
            assert {id(place) for place in street.places} == set(before)
            for place in street.places:
                missed = (place.misses, place.absent_looks, place.absent_s)
                assert missed in (before[id(place)], (0, 0, 0.0))


def test_looks_that_ask_nobody_end_nothing_and_the_first_ones_that_ask_do() -> None:
    street = memory(zone(10))
    assert opened(watch(street, range(20), lambda _at: [Thing(CAR)]))
    for at in range(20, 80):
        assert see(street, at, looked=nowhere) == []
        assert street.places[0].unasked
    (ended,) = closed(watch(street, range(80, 95), lambda _at: []))
    assert ended.reason is CloseReason.LOOKED_AND_ABSENT
    assert (ended.at - ended.standing.last_seen).total_seconds() == pytest.approx(66)


def test_time_at_which_nobody_asked_is_unobserved_not_bare() -> None:
    """The car stood all the time: the picture was spoilt for a while, say by rain on the lens."""
    street = memory(zone(10))
    watch(street, range(20), lambda _at: [Thing(CAR)])
    for at in range(20, 50):
        see(street, at, looked=nowhere)
    see(street, 50, Thing(CAR))
    dwell = street.places[0].dwell
    assert (dwell.observed_s, dwell.bridged_s) == (19, 31)


def test_a_carried_sighting_of_another_car_does_not_replace_what_is_remembered() -> None:
    street = memory(zone(5, max_bridge_s=20), blind_after_s=60)
    watch(street, range(10), lambda _at: [Thing(CAR)])
    other = Thing(CAR, face=2)
    assert see(street, 60, Thing(CAR, face=2, carried=True), looked=nowhere) == []
    (ended,) = closed(see(street, 61, other))
    assert ended.reason is CloseReason.REPLACED


def test_what_no_rule_speaks_for_goes_by_the_picture_and_what_has_no_name_by_its_change() -> None:
    unruled = memory(zone(10, Category.GARBAGE))
    watch(unruled, range(10), lambda _at: [Thing(CAR)])
    for at in range(10, 20):
        see(unruled, at, looked=nowhere)
    assert unruled.places == []
    unnamed = memory(zone(10, Category.STATIC_OBJECT))
    assert opened(watch(unnamed, range(20), lambda _at: [Thing(CAR, ObjectClass.UNKNOWN)]))
    events = [event for at in range(20, 40) for event in see(unnamed, at, looked=nowhere)]
    assert [event.reason for event in events if isinstance(event, Closed)] == [CloseReason.LOOKED_AND_ABSENT]


def test_a_restart_remembers_that_nobody_asked_and_an_older_checkpoint_is_read() -> None:
    street = memory(zone(10))
    watch(street, range(20), lambda _at: [Thing(CAR)])
    see(street, 20, looked=nowhere)
    saved = json.loads(json.dumps(state.dump(street)))
    again = memory(zone(10))
    state.load(again, saved)
    assert again.places[0].unasked
    for place in saved["places"]:
        del place["unasked"]
    older = memory(zone(10))
    state.load(older, saved)
    assert not older.places[0].unasked
