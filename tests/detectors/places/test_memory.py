"""Place memory on simulated streets: what is raised, once, and what never is."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from detectors.incidents import Closed, CloseReason, Opened, Updated
from ingest.taxonomy import SEEN_CATEGORIES, Category, ObjectClass, ZonePurpose
from tests.detectors.places.street import (
    CAR,
    EVERYWHERE,
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

PARKED = Thing(CAR)
PERSON = ObjectClass.PERSON


def _jitter(box: tuple[float, float, float, float], rng: random.Random) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (side + rng.gauss(0, 0.004) for side in box)
    return x1, y1, x2, y2


def test_a_parked_car_is_raised_once_when_its_dwell_is_reached() -> None:
    street = memory(zone(20))
    events = watch(street, range(300), lambda _at: [PARKED])
    (raised,) = opened(events)
    assert raised.at == moment(20)
    assert raised.standing.observed_s == 20.0
    assert raised.standing.bridged_s == 0.0
    assert raised.standing.first_seen == moment(0)
    assert not closed(events)


def test_jitter_misses_and_class_flicker_still_make_one_incident() -> None:
    rng = random.Random(4)
    street = memory(zone(20, Category.PARKED_VEHICLE, Category.PARKED_TWO_WHEELER))

    def scene(_at: float) -> list[Thing]:
        kind = ObjectClass.TWO_WHEELER if rng.random() < 0.2 else ObjectClass.VEHICLE
        return [Thing(_jitter(CAR, rng), kind, detected=rng.random() < 0.6, score=rng.uniform(0.3, 0.9))]

    events = watch(street, range(600), scene)
    assert [event.standing.category for event in opened(events)] == [Category.PARKED_VEHICLE]
    assert not closed(events)


def test_a_car_that_leaves_is_closed_after_clear_s_with_the_time_it_was_last_seen() -> None:
    street = memory(zone(20, clear_s=8))
    events = watch(street, range(60), lambda at: [PARKED] if at <= 40 else [])
    (ended,) = closed(events)
    assert ended.reason is CloseReason.LOOKED_AND_ABSENT
    assert ended.at == moment(49)
    assert ended.standing.last_seen == moment(40)


def test_with_rare_looks_an_end_still_takes_three_of_them() -> None:
    street = memory(zone(120, clear_s=5), look_interval_s=30)
    events = watch(street, range(0, 1200, 30), lambda at: [PARKED] if at <= 600 else [])
    assert [event.at for event in closed(events)] == [moment(690)]


def test_people_walking_past_raise_nothing_and_end_nothing() -> None:
    street = memory(zone(20, *SEEN_CATEGORIES))

    def scene(at: float) -> Sequence[Thing]:
        walkers = [Thing((x, 0.3, x + 0.08, 0.7), PERSON) for x in ((at * 0.03 + n * 0.2) % 0.9 for n in range(4))]
        return [PARKED, *walkers]

    events = watch(street, range(400), scene)
    assert len(opened(events)) == 1
    assert not closed(events)


def test_a_person_standing_still_is_never_raised() -> None:
    events = watch(memory(zone(5, *SEEN_CATEGORIES)), range(100), lambda _at: [Thing(CAR, PERSON)])
    assert events == []


@pytest.mark.parametrize("step", [0.004, 0.01, 0.05, 0.2])
def test_traffic_that_moves_on_or_creeps_is_never_raised(step: float) -> None:
    street = memory(zone(40))
    width = CAR[2] - CAR[0]
    events = watch(street, range(400), lambda at: [Thing((x := (at * step) % 0.8, 0.4, x + width, 0.6))])
    assert opened(events) == []


def test_a_stop_and_go_queue_of_different_cars_is_never_raised() -> None:
    street = memory(zone(20))

    def scene(at: float) -> list[Thing]:
        # Each car stands 8 s, then moves up one length in 3 s; the place is hardly ever empty.
        turn, phase = divmod(at, 11.0)
        shift = max(0.0, phase - 8) / 3 * 0.22
        return [Thing(moved(CAR, (slot - 1) * 0.22 + shift), face=int(turn) - slot + 100) for slot in range(3)]

    assert opened(watch(street, range(600), scene)) == []


def test_a_different_car_in_the_same_place_is_another_visit() -> None:
    street = memory(zone(20))

    def scene(at: float) -> list[Thing]:
        if at < 50:
            return [Thing(CAR, face=1)]
        return [Thing(CAR, face=2)] if at >= 54 else []

    events = watch(street, range(120), scene)
    first, second = opened(events)
    (ended,) = closed(events)
    assert ended.reason is CloseReason.REPLACED
    assert ended.standing.incident_id == first.standing.incident_id
    assert first.standing.place_id != second.standing.place_id
    assert second.standing.first_seen == moment(54)
    assert second.at >= moment(74)


def test_an_opened_boot_is_not_another_car() -> None:
    street = memory(zone(20))
    events = watch(street, range(200), lambda at: [Thing(CAR, face=2 if 60 <= at < 120 else 1)])
    assert len(opened(events)) == 1
    assert not closed(events)


@pytest.mark.parametrize("kind", [PERSON, ObjectClass.VEHICLE])
def test_something_in_front_neither_ends_nor_feeds_an_incident(kind: ObjectClass) -> None:
    street = memory(zone(60, clear_s=5))
    front = Thing((0.2, 0.3, 0.7, 0.7), kind, face=5)
    hidden = Thing(CAR, detected=False)
    events = watch(street, range(120), lambda at: [hidden, front] if 30 <= at < 70 else [PARKED])
    (raised,) = opened([e for e in events if isinstance(e, Opened) and e.standing.box == CAR])
    assert not closed(events)
    assert raised.at == moment(70)
    assert (raised.standing.observed_s, raised.standing.bridged_s) == (29.0, 41.0)


def test_a_parked_neighbour_does_not_hide_that_a_car_has_left() -> None:
    street = memory(zone(20))
    neighbour = Thing((0.34, 0.42, 0.6, 0.7), face=3)
    events = watch(street, range(80), lambda at: [neighbour, PARKED] if at <= 40 else [neighbour])
    assert [event.standing.box for event in closed(events)] == [CAR]


def test_missed_by_the_detector_but_still_looking_the_same_counts_as_seen() -> None:
    street = memory(zone(20))
    events = watch(street, range(60), lambda at: [Thing(CAR, detected=at < 30)])
    assert len(opened(events)) == 1
    assert not closed(events)


def test_a_hallucination_on_the_bare_street_is_never_raised() -> None:
    street = memory(zone(20))
    ghost = Thing(CAR, face=1000)
    hits = {0, 1, 2, 7, 30, 31}
    events = watch(
        street,
        range(300),
        lambda at: [Thing(CAR, face=1000, detected=at in hits)] if ghost else [],
        bare_known=True,
    )
    assert events == []


def test_a_low_score_is_not_enough_where_the_rule_wants_more() -> None:
    weak = Thing(CAR, score=0.4)
    assert opened(watch(memory(zone(20, min_score=0.5)), range(60), lambda _at: [weak])) == []
    assert opened(watch(memory(zone(20, min_score=0.3)), range(60), lambda _at: [weak]))


def test_one_object_in_two_zones_is_one_incident_of_the_quicker_zone() -> None:
    street = memory(zone(60, name="carriageway"), zone(20, name="crossing"))
    (raised,) = opened(watch(street, range(200), lambda _at: [PARKED]))
    assert raised.standing.zone == "crossing"


def test_a_car_in_its_bay_is_not_raised() -> None:
    bay = zone(20, purpose=ZonePurpose.PARKING_BAY, name="bay").model_copy(update={"rules": ()})
    assert watch(memory(zone(20), bay), range(100), lambda _at: [PARKED]) == []


def test_what_stands_outside_every_zone_raises_nothing() -> None:
    corner = ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1), (0.0, 0.1))
    assert watch(memory(zone(20, polygon=corner)), range(100), lambda _at: [PARKED]) == []


def test_present_at_start_marks_only_what_the_first_looks_saw() -> None:
    street = memory(zone(20))
    late = Thing(moved(CAR, 0.0, 0.3), face=9)
    events = watch(street, range(80), lambda at: [PARKED, late] if at >= 30 else [PARKED])
    assert [event.standing.present_at_start for event in opened(events)] == [True, False]


def test_updates_come_once_per_interval() -> None:
    events = watch(memory(zone(20), update_interval_s=60), range(300), lambda _at: [PARKED])
    assert [event.at for event in events if isinstance(event, Updated)] == [moment(s) for s in (80, 140, 200, 260)]


def test_an_unnamed_thing_recognised_later_is_raised_under_its_name_once() -> None:
    street = memory(zone(20, Category.STATIC_OBJECT, Category.GARBAGE))
    events = watch(
        street, range(100), lambda at: [Thing(CAR, ObjectClass.UNKNOWN if at < 10 else ObjectClass.GARBAGE)]
    )
    assert [event.standing.category for event in opened(events)] == [Category.GARBAGE]
    assert opened(events)[0].at == moment(20)


def test_an_open_incident_keeps_its_category_when_the_object_gets_a_name() -> None:
    street = memory(zone(20, Category.STATIC_OBJECT, Category.GARBAGE))
    events = watch(
        street, range(200), lambda at: [Thing(CAR, ObjectClass.UNKNOWN if at < 50 else ObjectClass.GARBAGE)]
    )
    assert [event.standing.category for event in opened(events)] == [Category.STATIC_OBJECT]
    updates = [event for event in events if isinstance(event, Updated)]
    assert {event.standing.category for event in updates} == {Category.STATIC_OBJECT}
    assert updates[-1].standing.object_class is ObjectClass.GARBAGE
    assert not closed(events)


def test_an_object_that_the_detector_calls_by_two_names_in_turn_is_raised_once() -> None:
    street = memory(zone(20, Category.PARKED_VEHICLE, Category.STREET_VENDOR))
    events = watch(
        street, range(200), lambda at: [Thing(CAR, ObjectClass.STALL if at % 3 == 0 else ObjectClass.VEHICLE)]
    )
    assert len(opened(events)) == 1


def test_a_change_of_light_does_not_make_another_object() -> None:
    street = memory(zone(20))
    events = [e for at in range(120) for e in see(street, at, PARKED, gain=1.0 if at < 50 else 0.4)]
    assert len(opened(events)) == 1
    assert not closed(events)


def test_a_look_from_the_past_is_ignored_and_counted() -> None:
    street = memory(zone(20))
    watch(street, range(10), lambda _at: [PARKED])
    assert see(street, 5, PARKED) == []
    assert see(street, 9) == []
    assert blind(street, [3]) == []
    assert street.counters["clock_backwards"] == 3
    (raised,) = opened(watch(street, range(10, 40), lambda _at: [PARKED]))
    assert raised.at == moment(20)


def test_memory_stays_bounded_and_gives_up_candidates_before_incidents() -> None:
    street = memory(zone(5), max_places=10)
    events = watch(street, range(10), lambda _at: [PARKED])
    crowd = [Thing((x / 30, 0.1, x / 30 + 0.02, 0.15), face=x) for x in range(30)]
    events += watch(street, range(10, 20), lambda _at: [PARKED, *crowd])
    assert len(street.places) <= 10
    assert street.counters["places_evicted"] > 0
    assert not [event for event in events if isinstance(event, Closed) and event.standing.box == CAR]


def test_a_full_memory_of_incidents_drops_new_sightings_and_counts_them() -> None:
    street = memory(zone(5), max_places=1)
    watch(street, range(10), lambda _at: [PARKED])
    see(street, 10, PARKED, Thing(moved(CAR, 0.3)))
    assert street.counters["sightings_dropped"] == 1


def test_the_whole_frame_as_zone_includes_its_edges() -> None:
    cut_off = Thing((0.8, 0.7, 1.0, 1.0))
    assert opened(watch(memory(zone(20, polygon=EVERYWHERE)), range(40), lambda _at: [cut_off]))


def test_a_bag_within_the_box_of_a_stall_is_a_problem_of_its_own() -> None:
    street = memory(zone(20, Category.STREET_VENDOR, Category.GARBAGE))
    stall = Thing(CAR, ObjectClass.STALL)
    bag = Thing((0.32, 0.5, 0.37, 0.6), ObjectClass.GARBAGE, face=7)
    events = watch(street, range(80), lambda at: [stall, bag] if at >= 10 else [stall])
    assert [event.standing.category for event in opened(events)] == [Category.STREET_VENDOR, Category.GARBAGE]


def test_two_boxes_of_one_vehicle_are_one_problem() -> None:
    street = memory(zone(20))
    cabin = Thing((0.31, 0.41, 0.38, 0.59), face=1)
    assert len(opened(watch(street, range(80), lambda _at: [PARKED, cabin]))) == 1


@pytest.mark.parametrize("period", [3, 5, 10])
def test_a_person_taken_for_a_two_wheeler_now_and_then_is_never_raised(period: int) -> None:
    street = memory(zone(20, Category.PARKED_TWO_WHEELER))
    events = watch(
        street, range(300), lambda at: [Thing(CAR, ObjectClass.TWO_WHEELER if at % period == 0 else PERSON)]
    )
    assert events == []


def test_a_person_right_in_front_does_not_end_what_has_been_raised() -> None:
    street = memory(zone(20, Category.GARBAGE))
    bag = Thing(CAR, ObjectClass.GARBAGE)
    hidden = Thing(CAR, ObjectClass.GARBAGE, detected=False)
    events = watch(street, range(120), lambda at: [hidden, Thing(CAR, PERSON, face=4)] if 40 <= at < 90 else [bag])
    assert len(opened(events)) == 1
    assert not closed(events)


@pytest.mark.parametrize(
    ("kind", "category", "score", "first_look", "bare_known", "raised"),
    [
        (ObjectClass.GARBAGE, Category.GARBAGE, 0.45, 0, False, 0),  # a bin, most likely
        (ObjectClass.GARBAGE, Category.GARBAGE, 0.7, 0, False, 1),
        (ObjectClass.GARBAGE, Category.GARBAGE, 0.45, 10, True, 1),
        (ObjectClass.GARBAGE, Category.GARBAGE, 0.45, 10, False, 0),  # people stood before it since the start
        (ObjectClass.STALL, Category.STREET_VENDOR, 0.45, 0, False, 0),
        (ObjectClass.TWO_WHEELER, Category.PARKED_TWO_WHEELER, 0.62, 0, False, 0),  # a frame full of stones
        (ObjectClass.VEHICLE, Category.PARKED_VEHICLE, 0.45, 0, False, 1),
    ],
)
def test_doubtful_rubbish_stalls_and_two_wheelers_that_nobody_saw_arrive_are_not_raised(
    kind: ObjectClass, category: Category, score: float, first_look: int, bare_known: bool, raised: int
) -> None:
    thing = Thing(CAR, kind=kind, score=score)
    street = memory(zone(20.0, category))
    events = watch(street, range(40), lambda at: [thing] if at >= first_look else [], bare_known)
    assert len(opened(events)) == raised


@pytest.mark.parametrize(
    ("face", "score", "raised", "at_start"), [(1000, 0.75, 0, []), (1000, 0.9, 1, [True]), (5, 0.45, 1, [False])]
)
def test_a_late_find_that_looks_as_the_bare_street_did_was_there_at_the_start(
    face: int, score: float, raised: int, at_start: list[bool]
) -> None:
    thing = Thing(CAR, kind=ObjectClass.GARBAGE, face=face, score=score)
    street = memory(zone(20.0, Category.GARBAGE))
    events = watch(street, range(50), lambda at: [thing] if at >= 10 else [], bare_known=True)
    assert len(opened(events)) == raised
    assert [event.standing.present_at_start for event in opened(events)] == at_start
