"""What holds whatever readings come: order, repetition, restarts, askers, clocks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from detectors.sensors.decisions import AlarmEnded, AlarmOpened, Condition, Decision, EndReason
from detectors.sensors.observer import SensorObserver, SnapshotInvalid
from detectors.sensors.settings import LimitRule
from ingest.sensors.gauge import NoData
from tests.detectors.sensors.bench import BAND, LOUD, NIGHT, QUIET, Bench, numbered, settings

VALUES = st.sampled_from([QUIET, QUIET, LOUD, LOUD, LOUD, BAND, NoData.NOT_A_NUMBER, 500.0, None])
COURSES = st.lists(VALUES, min_size=1, max_size=60)
RULES = settings(
    NIGHT,
    LimitRule("slow", Condition.ABOVE, 60.0, for_s=45.0, clear_s=25.0, max_bridge_s=40.0),
    missing_after_s=70.0,
)


def fed(course: list[Any], *, ticks: tuple[float, ...] = (), cuts: tuple[int, ...] = ()) -> Bench:
    bench = Bench(RULES)
    for number, value in enumerate(course):
        if number in cuts:
            bench.restart()
        if value is not None:
            bench.read(number * 10.0, value)
        for tick in ticks:
            bench.tick(number * 10.0 + tick)
    bench.tick(len(course) * 10.0)
    return bench


def said(bench: Bench) -> list[tuple[datetime, str, str]]:
    """What was told and when; asking often may part what else is told together, so in the order of times."""
    return sorted((one.at, type(one).__name__, str(getattr(one, "reason", ""))) for one in bench.told)


@profile(max_examples=120, deadline=None)
@given(COURSES)
def test_alarms_open_and_end_in_turn_for_each_place_and_never_for_want_of_data(course: list[Any]) -> None:
    standing: dict[Any, Any] = {}
    for decision in fed(course).told:
        if isinstance(decision, AlarmOpened):
            assert decision.alarm.place_id not in standing
            standing[decision.alarm.place_id] = decision.alarm
            assert decision.alarm.observed_s + decision.alarm.bridged_s >= decision.alarm.threshold_s
            assert decision.alarm.first_seen <= decision.alarm.last_seen <= decision.at
        elif isinstance(decision, AlarmEnded):
            opened = standing.pop(decision.alarm.place_id)
            assert opened.incident_id == decision.alarm.incident_id
            assert decision.reason in (EndReason.BACK_WITHIN_LIMIT, EndReason.DATA_AGAIN)


@profile(max_examples=80, deadline=None)
@given(COURSES, st.sets(st.integers(0, 60), max_size=8))
def test_a_restart_anywhere_changes_nothing(course: list[Any], cuts: set[int]) -> None:
    assert fed(course, cuts=tuple(cuts)).told == fed(course).told


@profile(max_examples=80, deadline=None)
@given(COURSES, st.sets(st.sampled_from([1.0, 2.5, 5.0, 9.5]), min_size=1))
def test_it_does_not_matter_how_often_somebody_asks(course: list[Any], ticks: set[float]) -> None:
    assert said(fed(course, ticks=tuple(sorted(ticks)))) == said(fed(course))


@profile(max_examples=60, deadline=None)
@given(COURSES)
def test_readings_told_twice_or_out_of_order_change_nothing(course: list[Any]) -> None:
    once, often = Bench(RULES), Bench(RULES)
    for number, value in enumerate(course):
        if value is None:
            continue
        once.read(number * 10.0, value)
        often.read(number * 10.0, value)
        if number % 3 == 0:
            # Repeated and late, without a steady clock that could tell: refused and counted.
            often.observer.reading(often._at(number * 10.0), LOUD, number * 10.0 - 1e-9)
    assert often.told == once.told


@profile(max_examples=80, deadline=None)
@given(COURSES, st.integers(0, 59), st.sampled_from([-3600.0, -30.0, 45.0, 3600.0, -56 * 365.25 * 86400]))
def test_a_clock_that_is_set_ends_nothing_and_makes_nothing_last_longer(
    course: list[Any], moment: int, by_s: float
) -> None:
    straight, stepped = Bench(RULES), Bench(RULES)
    for number, value in enumerate(course):
        stepped.off_s = by_s if number >= moment else 0.0
        for bench in (straight, stepped):
            bench.tick(number * 10.0)
            if value is not None:
                bench.read(number * 10.0 + 1.0, value)

    def durations(told: list[Decision]) -> list[tuple[str, float, float]]:
        return [
            (type(one).__name__, one.alarm.observed_s, one.alarm.bridged_s)
            for one in told
            if isinstance(one, AlarmOpened | AlarmEnded)
        ]

    assert durations(stepped.told) == [
        (name, pytest.approx(observed, abs=0.01), pytest.approx(bridged, abs=0.01))
        for name, observed, bridged in durations(straight.told)
    ]


@profile(max_examples=60, deadline=None)
@given(st.lists(st.floats(), max_size=80))
def test_any_number_at_all_leaves_a_state_that_json_holds_and_that_stays_small(numbers: list[float]) -> None:
    bench = Bench(RULES).run(numbers)
    snapshot = bench.observer.snapshot()
    json.loads(snapshot, parse_constant=lambda text: pytest.fail(text))
    assert len(snapshot) < 4000


@profile(max_examples=60, deadline=None)
@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["format", "memory", "windows", "lit", "quantity"]), inner),
    ).map(lambda state: json.dumps(state).encode())
)
def test_a_snapshot_that_is_none_is_refused_and_nothing_else(snapshot: bytes) -> None:
    with pytest.raises(SnapshotInvalid):
        SensorObserver(RULES, new_id=numbered, snapshot=snapshot)


def test_a_call_from_the_past_is_refused_and_counted() -> None:
    bench = Bench(RULES).run([QUIET])
    bench.observer.reading(bench._at(0.0), LOUD, -1.0)
    assert bench.observer.counters()["clock_backwards"] == 1
