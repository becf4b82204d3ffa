"""When a limit rule raises and ends: threshold, duration, hysteresis, missing data, hours."""

from __future__ import annotations

from datetime import time
from itertools import pairwise
from typing import Any

import pytest

from detectors.sensors.decisions import AlarmReason, AlarmStands, Condition, EndReason
from detectors.sensors.settings import LimitRule
from ingest.hours import Hours
from ingest.sensors.gauge import NoData
from tests.detectors.sensors.bench import BAND, LOUD, NIGHT, QUIET, START, Bench, settings


def test_an_excess_is_an_alarm_when_it_has_lasted_and_not_before() -> None:
    bench = Bench().run([QUIET, LOUD, LOUD, LOUD])
    assert bench.opened == []
    bench.read(40, LOUD)
    (opened,) = bench.opened
    assert opened.reason is AlarmReason.ABOVE_LIMIT
    # The limit is passed half way between the readings at 0 s (40 dB) and 10 s (70 dB).
    assert (opened.alarm.first_seen - START).total_seconds() == pytest.approx(5.0)
    assert opened.alarm.observed_s == pytest.approx(35.0)
    assert (opened.alarm.limit, opened.alarm.value, opened.alarm.threshold_s) == (55.0, LOUD, 30.0)


def test_a_short_excess_is_counted_and_raises_nothing() -> None:
    bench = Bench().run([QUIET, LOUD, LOUD, QUIET, QUIET])
    assert bench.told == []
    assert bench.observer.counters()["short_excess"] == 1


def test_the_limit_itself_is_not_beyond_it() -> None:
    assert Bench().run([55.0] * 20).told == []


def test_what_dips_into_the_hysteresis_goes_on_and_only_a_reading_beyond_raises() -> None:
    bench = Bench().run([QUIET, LOUD, BAND, BAND, BAND, BAND])
    assert bench.opened == []
    bench.read(60, LOUD)
    bench.run([BAND, BAND], from_s=70)
    assert (len(bench.opened), bench.ended) == (1, [])
    bench.read(90, 52.9)
    assert [one.reason for one in bench.ended] == [EndReason.BACK_WITHIN_LIMIT]
    assert (bench.ended[0].alarm.last_seen - START).total_seconds() == 80


def test_below_is_the_mirror_of_above() -> None:
    dark = LimitRule("dark", Condition.BELOW, 50.0, for_s=20.0, hysteresis=2.0)
    bench = Bench(settings(dark)).run([60.0, 40.0, 30.0, 45.0, 51.0, 53.0])
    assert [one.reason for one in bench.opened] == [AlarmReason.BELOW_LIMIT]
    assert bench.ended[0].alarm.extreme == 30.0


def test_an_end_has_to_last_where_the_rule_says_so() -> None:
    rule = LimitRule("night", Condition.ABOVE, 55.0, for_s=20.0, hysteresis=2.0, clear_s=20.0)
    bench = Bench(settings(rule)).run([LOUD, LOUD, LOUD, QUIET, QUIET, LOUD, QUIET, QUIET])
    assert (len(bench.opened), bench.ended) == (1, [])
    bench.read(80, QUIET)
    assert [one.at for one in bench.ended] == [bench.observer.last_call]


@pytest.mark.parametrize("nothing", [None, NoData.NOT_A_NUMBER, 500.0, float("nan"), float("inf"), -1.0])
def test_no_data_never_ends_an_alarm_nor_lets_it_run_on(nothing: float | NoData | None) -> None:
    bench = Bench().run([LOUD] * 4).run([nothing] * 500, from_s=40)
    assert (len(bench.opened), bench.ended) == (1, [])
    bench.read(5040, LOUD)
    bench.read(5050, QUIET)
    (ended,) = bench.ended
    assert ended.alarm.incident_id == bench.opened[0].alarm.incident_id
    assert ended.alarm.observed_s == pytest.approx(30.0)
    assert ended.alarm.bridged_s == pytest.approx(5010.0)


@pytest.mark.parametrize("nothing", [None, NoData.NOT_A_NUMBER, 500.0])
def test_no_threshold_fires_for_time_without_data(nothing: float | NoData | None) -> None:
    bench = Bench().run([LOUD, LOUD]).run([nothing] * 8, from_s=20).run([LOUD, LOUD], from_s=100)
    assert bench.opened == []
    bench.read(120, LOUD)
    assert len(bench.opened) == 1
    assert bench.opened[0].alarm.bridged_s == pytest.approx(90.0)


def test_an_excess_that_is_no_alarm_does_not_outlive_a_long_gap() -> None:
    bench = Bench().run([LOUD, LOUD, LOUD]).run([LOUD, LOUD, LOUD], from_s=700)
    assert bench.opened == []
    assert bench.observer.counters()["pending_lost_in_gap"] == 1


def test_a_value_that_never_changes_is_no_data_where_it_may_not() -> None:
    bench = Bench(settings(stuck_after_s=100.0, missing_after_s=200.0)).run([LOUD + n for n in range(4)])
    bench.run([LOUD] * 100, from_s=40)
    assert (len(bench.opened), bench.ended) == (2, [])
    assert bench.opened[1].reason is AlarmReason.DATA_MISSING
    assert bench.observer.counters()["no_data_stuck"] == 90
    bench.read(2000, QUIET)
    assert [one.reason for one in bench.ended] == [EndReason.DATA_AGAIN, EndReason.BACK_WITHIN_LIMIT]


def test_an_alarm_that_stands_is_told_again_at_most_once_an_interval() -> None:
    bench = Bench().run([LOUD + n % 7 for n in range(100)])
    stands = [one.at for one in bench.told if isinstance(one, AlarmStands)]
    assert len(stands) == 3
    assert all((b - a).total_seconds() >= 300 for a, b in pairwise(stands))


def hours(begin: str, end: str) -> tuple[Hours, ...]:
    return (Hours.model_validate({"from": time.fromisoformat(begin), "to": time.fromisoformat(end)}),)


# The bench begins at 16:00 in Shanghai.
AFTER_ONE = LimitRule("evening", Condition.ABOVE, 55.0, for_s=30.0, hours=hours("16:01", "16:05"))


def test_outside_its_hours_a_rule_raises_nothing_and_counts_from_their_beginning() -> None:
    bench = Bench(settings(AFTER_ONE)).run([LOUD] * 10)
    (opened,) = bench.opened
    assert ((opened.at - START).total_seconds(), (opened.alarm.first_seen - START).total_seconds()) == (90, 60)


@pytest.mark.parametrize("asked", [True, False])
def test_an_alarm_ends_with_its_hours_whether_or_not_anybody_asks_then(asked: bool) -> None:
    bench = Bench(settings(AFTER_ONE)).run([LOUD] * 10)
    later: list[Any] = [None] * 30 if asked else []
    bench.run(later, from_s=100).run([LOUD], from_s=86400 + 70)
    (ended,) = bench.ended
    assert (ended.reason, (ended.at - START).total_seconds()) == (EndReason.OUTSIDE_HOURS, 300)


def test_two_rules_of_one_sensor_are_two_places() -> None:
    worse = LimitRule("worse", Condition.ABOVE, 65.0, for_s=30.0)
    bench = Bench(settings(NIGHT, worse)).run([LOUD] * 5)
    assert len({one.alarm.place_id for one in bench.opened}) == len(bench.opened) == 2
