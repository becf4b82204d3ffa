"""Could not look: nothing fires, nothing ends, zones are reported blind, unobserved time is bridged apart."""

from __future__ import annotations

import pytest

from detectors.incidents import BlindReason, CloseReason, SeesAgain, Updated, WentBlind
from detectors.places.blindness import Blindness
from tests.detectors.places.street import (
    CAR,
    Thing,
    blind,
    closed,
    memory,
    moment,
    opened,
    see,
    watch,
    zone,
)

PARKED = Thing(CAR)


def test_a_zone_is_reported_blind_once_after_the_grace_time_and_seeing_again_once() -> None:
    street = memory(zone(20, name="a"), zone(30, name="b"))
    see(street, 0)
    events = blind(street, range(1, 60), BlindReason.DARK)
    assert events == [WentBlind(moment(12), name, moment(1), BlindReason.DARK) for name in ("a", "b")]
    assert see(street, 60) == [SeesAgain(moment(60), name, moment(1), BlindReason.DARK) for name in ("a", "b")]
    assert see(street, 61) == []


def test_short_failures_are_not_reported_and_do_not_add_up() -> None:
    street = memory(zone(20))
    for start in range(0, 100, 10):
        see(street, start)
        assert blind(street, range(start + 1, start + 10)) == []


def test_the_first_cause_stays_the_reason() -> None:
    blindness = Blindness()
    blindness.could_not_look(moment(0), BlindReason.OFFLINE, ["a"], 10)
    (event,) = blindness.could_not_look(moment(11), BlindReason.DETECTOR_FAILED, ["a"], 10)
    assert event.reason is BlindReason.OFFLINE


def test_no_threshold_fires_while_blind_but_at_the_next_sighting() -> None:
    street = memory(zone(20))
    watch(street, range(10), lambda _at: [PARKED])
    assert not opened(blind(street, range(10, 100)))
    (raised,) = opened(see(street, 100, PARKED))
    assert (raised.standing.observed_s, raised.standing.bridged_s) == (9.0, 91.0)


def test_blindness_never_ends_an_incident_however_long() -> None:
    street = memory(zone(20, max_bridge_s=7 * 86400))
    watch(street, range(30), lambda _at: [PARKED])
    assert not closed(blind(street, range(30, 86400, 60)))
    assert not closed(see(street, 86400, PARKED))


def test_the_first_sighting_after_a_blindness_brings_an_update() -> None:
    street = memory(zone(20))
    watch(street, range(30), lambda _at: [PARKED])
    blind(street, range(30, 60))
    events = see(street, 60, PARKED)
    assert [type(event) for event in events] == [SeesAgain, Updated]
    assert [type(event) for event in see(street, 61, PARKED)] == []


@pytest.mark.parametrize(("gap", "face", "visits"), [(500, 1, 1), (700, 1, 1), (700, 2, 2)])
def test_an_open_incident_outlasts_max_bridge_unless_something_else_stands_there(
    gap: int, face: int, visits: int
) -> None:
    street = memory(zone(20, max_bridge_s=600))
    events = watch(street, range(30), lambda _at: [PARKED])
    blind(street, range(30, 30 + gap))
    events += watch(street, range(30 + gap, 100 + gap), lambda _at: [Thing(CAR, face=face)])
    assert len({event.standing.place_id for event in opened(events)}) == visits
    assert [event.reason for event in closed(events)] == [CloseReason.REPLACED] * (visits - 1)


@pytest.mark.parametrize(("gap", "total"), [(500, 529.0), (700, 29.0)])
def test_time_beyond_max_bridge_is_no_dwell(gap: int, total: float) -> None:
    street = memory(zone(20, max_bridge_s=600))
    watch(street, range(30), lambda _at: [PARKED])
    blind(street, range(30, 30 + gap))
    see(street, 29 + gap, PARKED)
    see(street, 30 + gap, PARKED)
    assert street.places[0].dwell.total_s == pytest.approx(total, abs=2.0)


def test_beyond_max_bridge_what_was_not_raised_begins_a_new_visit() -> None:
    street = memory(zone(60, max_bridge_s=600))
    watch(street, range(30), lambda _at: [PARKED])
    blind(street, range(30, 730))
    (raised,) = opened(watch(street, range(730, 800), lambda _at: [PARKED]))
    assert (raised.at, raised.standing.first_seen) == (moment(790), moment(730))


def test_a_car_gone_when_sight_returns_is_closed_as_of_its_last_sighting() -> None:
    street = memory(zone(20))
    watch(street, range(30), lambda _at: [PARKED])
    blind(street, range(30, 300))
    (ended,) = closed(watch(street, range(300, 320), lambda _at: []))
    assert ended.standing.last_seen == moment(29)


def test_failures_between_absent_looks_do_not_lengthen_the_absence() -> None:
    street = memory(zone(20, clear_s=5))
    watch(street, range(30), lambda _at: [PARKED])
    see(street, 30)
    blind(street, range(31, 100))
    assert not closed(see(street, 100))
    assert not closed(see(street, 101, PARKED))
