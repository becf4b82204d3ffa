"""A silent sensor: told as blindness, and as an alarm where that is wanted; also across a power cut."""

from __future__ import annotations

from datetime import timedelta

from detectors.sensors.decisions import AlarmReason, Condition, EndReason, FellSilent, SpeaksAgain
from detectors.sensors.settings import LimitRule
from ingest.sensors.gauge import NoData
from tests.detectors.sensors.bench import LOUD, NIGHT, QUIET, START, Bench, settings

MISSING = settings(missing_after_s=100.0)


def test_a_silence_is_told_when_it_was_due_and_its_end_with_the_first_reading() -> None:
    bench = Bench().run([QUIET, QUIET]).run([None] * 3, from_s=37)
    (silent,) = bench.told
    assert isinstance(silent, FellSilent)
    assert (silent.at, silent.since) == (START + timedelta(seconds=40), START + timedelta(seconds=10))
    bench.read(70, QUIET)
    assert isinstance(bench.told[1], SpeaksAgain)
    assert bench.told[1].since == silent.since


def test_missing_data_is_an_alarm_of_its_own_which_data_ends() -> None:
    bench = Bench(MISSING).run([QUIET]).run([NoData.NOT_A_NUMBER] * 30, from_s=10)
    (opened,) = bench.opened
    assert (opened.reason, opened.at) == (AlarmReason.DATA_MISSING, START + timedelta(seconds=100))
    assert isinstance(bench.told[0], FellSilent)
    assert bench.told[0].reason is NoData.NOT_A_NUMBER
    bench.read(400, QUIET)
    assert [one.reason for one in bench.ended] == [EndReason.DATA_AGAIN]


def test_a_sensor_that_never_spoke_is_missed_from_the_start() -> None:
    bench = Bench(MISSING).run([None] * 11)
    assert [one.at for one in bench.opened] == [START + timedelta(seconds=100)]


def test_the_node_being_away_is_no_alarm_about_the_sensor_but_is_told_as_blindness() -> None:
    bench = Bench(MISSING).run([QUIET, QUIET])
    bench.restart(live=True)
    bench.tick(5000)
    bench.tick(5090)
    assert bench.opened == []
    assert [type(one) for one in bench.told] == [FellSilent]
    bench.tick(5100)
    (opened,) = bench.opened
    assert opened.alarm.bridged_s > 4900


def test_an_alarm_survives_a_power_cut_under_the_same_identity() -> None:
    bench = Bench(MISSING).run([LOUD] * 5)
    bench.restart(live=True)
    bench.run([LOUD], from_s=3000)
    bench.restart(live=True)
    bench.read(3010, QUIET)
    (opened,), (ended,) = bench.opened, bench.ended
    assert opened.alarm.incident_id == ended.alarm.incident_id
    assert ended.reason is EndReason.BACK_WITHIN_LIMIT


def test_a_rule_that_is_gone_takes_its_alarm_with_it_and_another_side_is_another_rule() -> None:
    for changed in (
        settings(LimitRule("other", Condition.ABOVE, 55.0)),
        settings(LimitRule("night", Condition.BELOW, 20.0)),
    ):
        bench = Bench().run([LOUD] * 5)
        bench.restart(changed)
        bench.tick(50)
        assert [one.reason for one in bench.ended] == [EndReason.RULE_REMOVED]
        assert bench.ended[0].alarm.incident_id == bench.opened[0].alarm.incident_id


def test_the_missing_data_rule_being_gone_ends_its_alarm() -> None:
    bench = Bench(MISSING).run([QUIET]).run([None] * 12, from_s=10)
    bench.restart(settings(NIGHT))
    bench.tick(200)
    assert [one.reason for one in bench.ended] == [EndReason.RULE_REMOVED]
