"""A clock that is set neither freezes a camera nor adds to a dwell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.incidents import BlindReason
from tests.detectors.places.street import CAR, Thing, closed, memory, moment, opened, see_steadily, watch, zone

PARKED = Thing(CAR)


@pytest.mark.parametrize("step", [-3600.0, -300.0, -5.0, 5.0, 300.0, 3600.0])
def test_with_a_steady_clock_a_step_neither_raises_early_nor_late(step: float) -> None:
    street = memory(zone(60))
    events = []
    for at in range(120):
        events += see_steadily(street, at + (step if at >= 30 else 0.0), at, PARKED)
    (raised,) = opened(events)
    assert raised.at == moment(60 + step)
    assert (raised.standing.observed_s, raised.standing.bridged_s) == (60.0, 0.0)
    assert raised.standing.first_seen == moment(0)
    assert street.counters["clock_stepped"] == 1
    assert street.counters["clock_backwards"] == 0


@given(st.lists(st.floats(-4000, 4000), min_size=1, max_size=4), st.integers(5, 15))
def test_whatever_the_clock_does_dwell_is_the_time_that_passed(steps: list[float], every: int) -> None:
    street, off = memory(zone(1000)), 0.0
    for at in range(80):
        if at and at % every == 0:
            off += steps[at // every % len(steps)]
        see_steadily(street, at + off, at, PARKED)
    (place,) = street.places
    # Steps of less than a second are not told from the time it takes to get a picture.
    assert place.dwell.total_s == pytest.approx(79.0, abs=80 / every)


def test_without_a_steady_clock_a_step_back_costs_three_looks_not_its_length() -> None:
    street = memory(zone(60))
    watch(street, range(30), lambda _at: [PARKED])
    (raised,) = opened(watch(street, range(-270, -100), lambda _at: [PARKED]))
    assert moment(-242) <= raised.at <= moment(-236)
    assert street.counters["clock_stepped"] == 1
    assert street.counters["clock_backwards"] == 2


def test_single_late_looks_are_no_step() -> None:
    street = memory(zone(60))
    for at in range(60):
        watch(street, [at, at - 20.0] if at % 5 == 0 else [at], lambda _at: [PARKED])
    assert street.counters["clock_stepped"] == 0
    assert street.counters["clock_backwards"] == 12


def test_a_step_while_nobody_can_look_is_followed_too() -> None:
    street = memory(zone(60))
    for at in range(20):
        see_steadily(street, at, at, PARKED)
    for at in range(20, 30):
        street.could_not_look(moment(at - 300), BlindReason.OFFLINE, steady_s=float(at))
    events = []
    for at in range(30, 80):
        events += see_steadily(street, at - 300, at, PARKED)
    (raised,) = opened(events)
    assert raised.at == moment(60 - 300)
    assert not closed(events)
