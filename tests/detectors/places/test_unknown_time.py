"""While nobody knows what time it is, rules with hours wait and all others go on."""

from __future__ import annotations

from datetime import timedelta

from detectors.incidents import Transition
from detectors.places.memory import PlaceMemory
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from tests.detectors.places.street import Thing, closed, memory, moment, opened, see_steadily, watch, zone
from tests.detectors.places.test_firing import clock, made, permitted

CAR: Box = (0.1, 0.4, 0.2, 0.6)
STALL = Thing(CAR, ObjectClass.STALL)
PARKED = Thing(CAR, ObjectClass.VEHICLE)
VENDOR = Category.STREET_VENDOR


def test_a_rule_with_hours_waits_for_the_time_and_fires_as_soon_as_it_is_known() -> None:
    street = memory(permitted(-3600, 5))
    street.trust_hours(False)
    assert opened(watch(street, range(100), lambda _: [STALL])) == []
    street.trust_hours(True)
    (event,) = opened(watch(street, range(100, 110), lambda _: [STALL]))
    assert event.at == moment(100)
    assert event.standing.observed_s >= 90


def test_a_rule_without_hours_does_not_wait() -> None:
    street = memory(zone(20))
    street.trust_hours(False)
    (event,) = opened(watch(street, range(60), lambda _: [PARKED]))
    assert event.at == moment(20)


def test_a_longer_rule_without_hours_fires_beside_one_that_waits() -> None:
    hours = [{"from": clock(-3600), "to": clock(3600)}]
    short = made(zone(10), name="by-hours", rules=[{"category": "parked_vehicle", "dwell_s": 10, "hours": hours}])
    street = memory(short, zone(20))
    street.trust_hours(False)
    (event,) = opened(watch(street, range(60), lambda _: [PARKED]))
    assert event.at == moment(20)
    assert event.standing.zone != "by-hours"


def test_no_permit_ends_an_incident_by_a_clock_that_is_not_believed() -> None:
    street = memory(permitted(120, 240))
    events = watch(street, range(100), lambda _: [STALL])
    street.trust_hours(False)
    events += watch(street, range(100, 200), lambda _: [STALL])
    assert closed(events) == []
    street.trust_hours(True)
    assert len(closed(watch(street, range(200, 205), lambda _: [STALL]))) == 1


def test_the_clock_stepped_out_of_1970_leaves_the_dwell_as_it_was() -> None:
    """A box starts 50 years behind; the time comes after 30 s; nothing is raised early, late or twice."""
    behind = timedelta(days=365 * 50)
    street = memory(permitted(-7200, -3600, dwell_s=60))
    street.trust_hours(False)
    events = looked(street, range(30), behind)
    street.trust_hours(True)
    events += looked(street, range(30, 200), timedelta(0))
    (event,) = opened(events)
    assert event.at == moment(60)
    assert event.standing.first_seen == moment(0)
    assert street.counters["clock_stepped"] == 1


def test_what_was_told_before_the_time_was_known_moves_along_and_afterwards_stays_told() -> None:
    street = memory(zone(20, VENDOR))
    behind = timedelta(days=365 * 50)
    street.trust_hours(False)
    (event,) = opened(looked(street, range(40), behind))
    assert event.standing.first_seen == moment(0) - behind
    street.trust_hours(True)
    looked(street, range(40, 50), timedelta(0))
    assert street.places[0].first_seen == moment(0)
    looked(street, range(50, 60), timedelta(hours=1))
    assert street.places[0].first_seen == moment(0), "a clock that is set while it is trusted moves nothing told"


def looked(street: PlaceMemory, seconds: range, behind: timedelta) -> list[Transition]:
    events: list[Transition] = []
    for second in seconds:
        events += see_steadily(street, second - behind.total_seconds(), float(second), STALL)
    return events
