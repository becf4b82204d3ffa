"""Windows of readings, and the share of time lit."""

from __future__ import annotations

import math
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places.rules import Clock
from detectors.sensors.decisions import Condition
from detectors.sensors.lit import BUCKETS, LitTime
from detectors.sensors.settings import LimitRule, LitShare, SensorSettings, place_of
from detectors.sensors.windows import Windows
from ingest.hours import Hours, OutsideOf, Timetable
from ingest.sensors.gauge import Gauge, NoData
from ingest.sensors.quantities import Mean, Quantity
from tests.detectors.sensors.bench import START, Bench

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.floats(0.1, 90), st.floats(-40, 140)), min_size=1, max_size=60), st.sampled_from(Mean)
)
def test_windows_lose_no_reading_and_are_aligned(steps: list[tuple[float, float]], mean: Mean) -> None:
    windows, at, told = Windows(60.0, mean), START, []
    for step_s, value in steps:
        at += timedelta(seconds=round(step_s, 3))
        told += windows.passed(at)
        windows.add(at, value)
    told += windows.flush()
    assert sum(window.count for window in told) == len(steps)
    for window in told:
        assert (window.begin - EPOCH) % timedelta(minutes=1) == timedelta(0)
        assert window.least <= window.mean <= window.most
    assert len({window.begin for window in told}) == len(told)


def test_the_mean_of_levels_is_that_of_their_energy() -> None:
    windows = Windows(60.0, Mean.ENERGY)
    for value in (40.0, 80.0):
        windows.add(START, value)
    (told,) = windows.flush()
    assert told.mean == pytest.approx(80 - 10 * math.log10(2), abs=0.01)


def test_a_window_that_was_only_refused_tells_nothing_and_one_open_survives_a_restart() -> None:
    windows = Windows(60.0, Mean.ARITHMETIC)
    windows.add(START, None)
    assert windows.flush() == []
    windows.add(START, 3.0)
    windows.add(START, None)
    again = Windows(60.0, Mean.ARITHMETIC)
    again.load(windows.dump())
    assert (again.flush()[0].count, windows.flush()[0].refused) == (1, 1)


def lit_time(*, hours: tuple[Hours, ...] = (), window_s: float = 3600.0) -> LitTime:
    calendars = (OutsideOf(hours),) if hours else ()
    clock = Clock(Timetable(calendars, SensorSettings(Gauge(Quantity.NOISE, "dB"), numbered_place).time_zone))
    return LitTime(above=0.5, window_s=window_s, least_seen=0.5, longest_gap_s=180.0, clock=clock)


def numbered_place(rule: str) -> object:
    return place_of("s", "n", "x", rule)


@given(st.lists(st.booleans(), min_size=62, max_size=200))
def test_the_share_is_that_of_the_last_hour_to_within_a_bucket_and_stays_small(states: list[bool]) -> None:
    lit = lit_time()
    share: float | NoData = NoData.SILENT
    for minute, state in enumerate(states):
        share = lit.reading(START + timedelta(minutes=minute), float(state))
    last = states[-61:-1]
    assert isinstance(share, float)
    assert share == pytest.approx(sum(last) / len(last), abs=1.5 / BUCKETS)
    assert len(lit.dump()["buckets"]) <= BUCKETS + 1


def test_there_is_no_share_before_enough_was_seen_and_gaps_count_for_nothing() -> None:
    lit = lit_time()
    for minute in range(30):
        assert lit.reading(START + timedelta(minutes=minute), 1.0) is NoData.TOO_LITTLE_SEEN
    assert lit.reading(START + timedelta(minutes=30), 1.0) == 1.0
    # Forty minutes without a word: what was seen before is too little of this hour.
    assert lit.reading(START + timedelta(minutes=70), 0.0) is NoData.TOO_LITTLE_SEEN


def test_time_outside_its_hours_does_not_count() -> None:
    dusk = (Hours.model_validate({"from": time(16, 30), "to": time(18)}),)
    lit = lit_time(hours=dusk)
    for minute in range(62):
        share = lit.reading(START + timedelta(minutes=minute), float(minute >= 30))
    assert share == pytest.approx(1.0)


def test_lamps_that_go_dark_raise_by_their_share() -> None:
    rule = LimitRule("dark", Condition.BELOW, 0.88, for_s=600.0)
    given_ = SensorSettings(
        gauge=Gauge(Quantity.LAMP_RATIO, "1"),
        place=lambda name: place_of("s", "n", "lamps", name),
        rules=(rule,),
        lit=LitShare(Gauge(Quantity.ILLUMINANCE, "lux"), above=5.0),
    )
    bench = Bench(given_).run([80.0] * 60, every_s=60.0)
    assert bench.told == []
    bench.run([0.2] * 30, from_s=3600, every_s=60.0)
    (opened,) = bench.opened
    assert 0.6 < (opened.alarm.value or 0.0) < 0.88
    assert {window.least for window in bench.windows[:20]} == {1.0}
