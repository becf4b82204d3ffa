"""A problem that moves, spreads, hides or comes back stays one problem; two of them stay two."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from detectors.incidents import Closed, CloseReason, Opened, Transition, Updated
from detectors.places.returning import LIMIT
from ingest.taxonomy import Category, ObjectClass
from tests.detectors.places.street import (
    CAR,
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

STALL = ObjectClass.STALL
GARBAGE = ObjectClass.GARBAGE
CART = Thing(CAR, STALL)
FARTHER = moved(CAR, 0.4)
BAG = (0.30, 0.50, 0.36, 0.58)


def _moves(at: float, face: int = 1, arrives: float = 52) -> Sequence[Thing]:
    if at < 40:
        return [CART]
    return [Thing(FARTHER, STALL, face)] if at >= arrives else []


def _ids(events: Sequence[Transition]) -> set[object]:
    return {event.standing.incident_id for event in events if isinstance(event, Opened | Updated | Closed)}


def test_a_vendor_who_moves_some_metres_is_one_incident_that_moves_along() -> None:
    street = memory(zone(20, Category.STREET_VENDOR))
    events = watch(street, range(200), _moves)
    (raised,) = opened(events)
    assert not closed(events)
    assert _ids(events) == {raised.standing.incident_id}
    last = [event for event in events if isinstance(event, Updated)][-1].standing
    assert (last.box, last.first_seen, last.place_id) == (FARTHER, moment(0), raised.standing.place_id)


def test_a_vendor_who_moves_before_the_dwell_is_over_starts_no_new_one() -> None:
    street = memory(zone(80, Category.STREET_VENDOR))
    (raised,) = opened(watch(street, range(200), _moves))
    assert raised.at <= moment(82)
    assert raised.standing.first_seen == moment(0)


def test_a_new_vendor_while_the_old_one_still_stands_is_another_problem() -> None:
    street = memory(zone(20, Category.STREET_VENDOR))
    second = Thing(FARTHER, STALL)
    events = watch(street, range(120), lambda at: [CART, second] if at >= 40 else [CART])
    assert len(opened(events)) == 2


def test_another_vendor_who_comes_as_the_first_one_leaves_is_another_problem() -> None:
    street = memory(zone(20, Category.STREET_VENDOR))
    events = watch(street, range(200), lambda at: _moves(at, face=7))
    assert len(opened(events)) == 2
    assert [event.reason for event in closed(events)] == [CloseReason.LOOKED_AND_ABSENT]


def test_a_car_that_moves_up_one_place_is_parked_anew() -> None:
    street = memory(zone(20))
    events = watch(street, range(150), lambda at: [Thing(CAR)] if at < 40 else [Thing(FARTHER)] if at > 45 else [])
    assert len(opened(events)) == 2
    assert len(closed(events)) == 1


def test_a_vendor_who_moved_behind_a_bus_is_not_raised_a_second_time() -> None:
    street = memory(zone(20, Category.STREET_VENDOR))
    bus = Thing((0.22, 0.2, 0.58, 0.7), ObjectClass.VEHICLE, face=5)

    def scene(at: float) -> Sequence[Thing]:
        if at < 40:
            return [CART]
        shown = [Thing(moved(CAR, 0.45), STALL)] if at >= 55 else []
        return [*shown, bus] if at < 120 else shown

    events = watch(street, range(200), scene)
    assert len(opened(events)) == 1
    assert not closed(events)


def test_rubbish_that_grows_and_spreads_beside_itself_is_one_problem_since_its_first_bag() -> None:
    street = memory(zone(60, Category.GARBAGE))

    def scene(at: float) -> Sequence[Thing]:
        grown = (0.27, 0.44, 0.39, 0.58)
        heap = Thing(grown if at >= 30 else BAG, GARBAGE, face=2 if at >= 30 else 1)
        beside = Thing(moved(BAG, 0.13), GARBAGE, face=3)
        return [heap, beside] if at >= 45 else [heap]

    (raised,) = events = opened(watch(street, range(300), scene))
    assert len(events) == 1
    assert raised.standing.first_seen == moment(0)
    assert raised.at <= moment(65)


def test_bags_far_apart_are_two_problems() -> None:
    street = memory(zone(20, Category.GARBAGE))
    far = Thing(moved(BAG, 0.5), GARBAGE, face=3)
    assert len(opened(watch(street, range(100), lambda _at: [Thing(BAG, GARBAGE), far]))) == 2


def test_rubbish_of_which_a_part_is_collected_is_still_the_same_problem() -> None:
    street = memory(zone(20, Category.GARBAGE))
    beside = Thing(moved(BAG, 0.1), GARBAGE, face=3)
    first = Thing(BAG, GARBAGE)
    events = watch(street, range(200), lambda at: [beside] if at >= 80 else [first, beside])
    assert len(opened(events)) == 1
    assert not closed(events)


@pytest.mark.parametrize(("face", "incidents"), [(1, 1), (4, 2)])
@pytest.mark.parametrize("kind", [ObjectClass.VEHICLE, STALL])
def test_who_is_back_at_the_same_place_goes_on_and_another_one_does_not(
    kind: ObjectClass, face: int, incidents: int
) -> None:
    street = memory(zone(20, Category.PARKED_VEHICLE, Category.STREET_VENDOR))

    def scene(at: float) -> Sequence[Thing]:
        if at < 60:
            return [Thing(CAR, kind)]
        return [Thing(CAR, kind, face)] if at >= 200 else []

    events = watch(street, range(400), scene)
    assert len(_ids(events)) == incidents
    assert len(closed(events)) == 1


def test_a_truck_that_stops_in_front_is_a_problem_of_its_own_and_ends_nothing() -> None:
    street = memory(zone(20))
    truck = Thing((0.2, 0.25, 0.55, 0.75), face=6)
    hidden = Thing(CAR, detected=False)
    events = watch(street, range(120), lambda at: [hidden, truck] if at >= 40 else [Thing(CAR)])
    assert len(opened(events)) == 2
    assert not closed(events)


def test_what_replaced_a_car_behind_a_bus_is_found_as_soon_as_the_bus_has_gone() -> None:
    street = memory(zone(20))
    bus = Thing((0.2, 0.2, 0.6, 0.8), face=6)
    first, second = Thing(CAR), Thing(CAR, face=2)

    def scene(at: float) -> Sequence[Thing]:
        if at < 40:
            return [first]
        if at < 100:
            return [Thing(CAR, face=2, detected=False), bus]
        return [second]

    events = watch(street, range(160), scene)
    at_bay = [event for event in opened(events) if event.standing.box == CAR]
    assert len(at_bay) == 2
    assert at_bay[1].at <= moment(122)
    assert [e.reason for e in closed(events) if e.standing.box == CAR] == [CloseReason.REPLACED]


def test_a_bag_before_which_people_gather_early_keeps_its_dwell() -> None:
    street = memory(zone(40, Category.GARBAGE))
    bag, group = Thing(CAR, GARBAGE), Thing(CAR, ObjectClass.PERSON, face=8)
    gone = Thing(CAR, GARBAGE, detected=False)
    (raised,) = opened(watch(street, range(100), lambda at: [gone, group] if 20 <= at < 70 else [bag]))
    assert raised.at == moment(70)
    assert raised.standing.first_seen == moment(0)


def test_a_carried_answer_goes_on_with_a_dwell_but_is_no_new_evidence() -> None:
    street = memory(zone(20))
    watch(street, range(10), lambda _at: [Thing(CAR)])
    place = street.places[0]
    evidence = (place.sightings, place.looks, place.seen_looks, list(place.scores), dict(place.votes))
    events = watch(street, range(10, 30), lambda _at: [Thing(CAR, carried=True)])
    assert (place.sightings, place.looks, place.seen_looks, list(place.scores), dict(place.votes)) == evidence
    assert [event.at for event in opened(events)] == [moment(20)]


def test_a_carried_answer_alone_starts_no_place() -> None:
    street = memory(zone(5))
    assert watch(street, range(20), lambda _at: [Thing(CAR, carried=True)]) == []
    assert street.places == []
    assert street.counters["carried_without_place"] == 20


def test_a_bare_place_that_a_detector_fancies_half_of_the_time_is_not_raised_and_counted() -> None:
    street = memory(zone(20))
    ghost = [Thing(CAR, face=1000, score=0.5)]
    assert opened(watch(street, range(100), lambda _at: ghost, bare_known=True)) == []
    assert street.counters["bare_parked_vehicle"] > 0


def test_memory_of_those_who_left_is_bounded() -> None:
    street = memory(zone(2), vehicle_returns_s=1e6)
    for turn in range(80):
        x, y = 0.1 + turn % 10 * 0.08, 0.1 + turn // 10 * 0.08
        car = Thing((x, y, x + 0.05, y + 0.05), face=turn)
        for at in range(turn * 15, turn * 15 + 15):
            see(street, at, *([car] if at < turn * 15 + 7 else []))
    assert len(street.departed.places) == LIMIT


def test_unobserved_at_the_far_end_a_vendor_is_waited_for_but_not_for_ever() -> None:
    street = memory(zone(20, Category.STREET_VENDOR))
    events = watch(street, range(120), lambda at: [CART] if at < 40 else [])
    (ended,) = closed(events)
    assert ended.at <= moment(65)
    assert not blind(street, range(120, 125))
    assert not see(street, 125)
