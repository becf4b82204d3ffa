"""A sensor at work: one transaction for all a reading leaves, restarts that neither lose nor double, isolation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.checkpoints import load_checkpoint
from edge.sensors import worker as worker_module
from edge.sensors.worker import SensorWorker
from ingest.clock import ManualClock
from ingest.messages import Blindness, IncidentClosed, IncidentOpened, Reading
from ingest.sensors.source import Failure, NoSample, Sample
from ingest.taxonomy import Category
from tests.edge.doubles import START, open_spool
from tests.edge.sensors.doubles import LOUD, QUIET, Script, events, room, section, worker
from tests.waiting import wait_for

COURSE = [QUIET] * 10 + [LOUD] * 10 + [QUIET] * 10


def identity(told: list[Any]) -> list[tuple[Any, ...]]:
    """What was told, without the identifiers that every run makes anew."""
    found = []
    for event in told:
        data = event.data.model_dump(exclude={"incident_id"})
        found.append((event.type, event.time, data))
    return found


def run_whole(folder: Path, **changes: object) -> tuple[SensorWorker, list[Any]]:
    folder.mkdir(parents=True, exist_ok=True)
    clock = ManualClock(START)
    database, spool = open_spool(folder, clock=clock)
    one = worker(section(folder, COURSE, **changes), room(folder, database, spool, clock))
    one.start()
    assert one.wait_finished(30)
    one.stop()
    return one, events(spool)


def test_a_recording_becomes_windows_and_one_alarm_with_its_end(tmp_path: Path) -> None:
    one, told = run_whole(tmp_path)
    readings = [event for event in told if isinstance(event.data, Reading)]
    assert [(event.data.count, event.data.at - START) for event in readings] == [
        (6, timedelta(minutes=minute)) for minute in range(5)
    ]
    opened, closed = (event for event in told if event.data.TYPE.startswith("kerbwatch.incident"))
    assert isinstance(opened.data, IncidentOpened)
    assert isinstance(closed.data, IncidentClosed)
    assert opened.source == "/xuhui/j17/noise-1"
    assert (opened.data.category, opened.data.camera, opened.data.zone) == (
        Category.SENSOR_ALARM,
        "noise-1",
        "night",
    )
    assert opened.data.incident_id == closed.data.incident_id
    assert opened.data.alarm is not None
    assert (opened.data.alarm.limit, opened.data.alarm.value, opened.data.alarm.unit) == (55.0, LOUD, "dB(A)")
    assert opened.data.reason == "noise 70 dB(A), above 55 dB(A) for 35 s (allowed 30 s; furthest 70 dB(A))"
    assert opened.data.evidence.withheld == "no_camera_near"
    assert closed.data.ended_at - START == timedelta(seconds=190)
    status = one.status()
    assert (status.state, status.readings, status.value) == ("ended", 30, QUIET)
    assert one.counters["decision_alarmopened"] == 1


@pytest.mark.parametrize("fails_at", range(1, 8))
def test_a_power_cut_at_any_commit_neither_loses_nor_doubles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    _, whole = run_whole(tmp_path / "whole")
    folder = tmp_path / "cut"
    folder.mkdir()
    clock = ManualClock(START)
    database, spool = open_spool(folder, clock=clock)
    shared, sensor = room(folder, database, spool, clock), section(folder, COURSE)
    commits = 0
    save = worker_module.save_checkpoint

    def dies(*arguments: Any) -> None:
        nonlocal commits
        commits += 1
        if commits == fails_at:
            raise SystemExit  # nothing of this transaction stays, and nobody catches it
        save(*arguments)

    monkeypatch.setattr(worker_module, "save_checkpoint", dies)
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    first = worker(sensor, shared)
    first.start()
    wait_for(lambda: commits >= fails_at, what="the power cut")
    first.stop()
    second = worker(sensor, shared)
    second.start()
    assert second.wait_finished(30)
    second.stop()
    assert commits > fails_at
    assert identity(events(spool)) == identity(whole)
    raised = [event.data.incident_id for event in events(spool) if isinstance(event.data, IncidentOpened)]
    ended = [event.data.incident_id for event in events(spool) if isinstance(event.data, IncidentClosed)]
    assert raised == ended
    assert len(raised) == 1


def live(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: object) -> tuple[SensorWorker, Script, Any]:
    script, clock = Script(), ManualClock(START)
    monkeypatch.setattr(worker_module, "open_sensor", lambda *_, **__: script)
    database, spool = open_spool(folder, clock=clock)
    sensor = section(folder, [], csv=None, mqtt={"topic": "x"}, **changes)
    return worker(sensor, room(folder, database, spool, clock)), script, spool


def test_a_live_alarm_survives_a_restart_and_ends_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, script, spool = live(tmp_path, monkeypatch)
    script.answers.extend(Sample(START + timedelta(seconds=s), float(s), LOUD) for s in range(0, 60, 10))
    one.start()
    wait_for(lambda: one.counters.get("decision_alarmopened"), what="the alarm")
    one.stop()
    again = SensorWorker(one._sensor, one._room, one._snapshots, rng=one._rng)
    script.answers.extend(
        Sample(START + timedelta(seconds=3600 + s), float(s), value) for s, value in ((0, LOUD), (10, QUIET))
    )
    again.start()
    wait_for(lambda: again.counters.get("decision_alarmended"), what="the end of the alarm")
    again.stop()
    incidents = [event.data for event in events(spool) if event.type.startswith("kerbwatch.incident")]
    assert len({data.incident_id for data in incidents}) == 1
    assert [type(data).__name__ for data in incidents if not data.TYPE.endswith("updated")] == [
        "IncidentOpened",
        "IncidentClosed",
    ]


def test_failures_are_typed_counted_shown_and_end_no_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, script, spool = live(tmp_path, monkeypatch)
    script.answers.extend(Sample(START + timedelta(seconds=s), float(s), LOUD) for s in range(0, 60, 10))
    script.answers.append(
        NoSample(START + timedelta(seconds=100), 100.0, Failure.UNREACHABLE, "http://u:secret@host/x is gone")
    )
    script.answers.append(Sample(START + timedelta(seconds=101), 101.0, 1e9))
    one.start()
    wait_for(lambda: one.counters.get("no_data_out_of_range"), what="the refused reading")
    wait_for(lambda: one.status().refused, what="its count")
    status = one.status()
    assert status.state == "silent"
    assert one.counters["no_reading_unreachable"] == 1
    one.stop()
    told = events(spool)
    assert not any(isinstance(event.data, IncidentClosed) for event in told)
    assert [event.data.state for event in told if isinstance(event.data, Blindness)] == ["began"]
    assert "secret" not in str(one.status()) + str(told)


def test_a_source_that_breaks_is_opened_again_after_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module.Backoff, "failed", lambda self: 0.0)
    one, script, _spool = live(tmp_path, monkeypatch)
    script.answers.extend([RuntimeError("no bus"), Sample(START, 0.0, QUIET)])
    one.start()
    wait_for(lambda: one.status().readings, what="a reading after the failure")
    one.stop()
    assert one.counters["failures_RuntimeError"] == 1
    assert script.closed == 2


def test_a_recording_that_cannot_be_read_is_given_up_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "GIVE_UP_AFTER", 1)
    clock = ManualClock(START)
    database, spool = open_spool(tmp_path, clock=clock)
    sensor = section(tmp_path, [QUIET])
    (tmp_path / "noise.csv").write_text("a,b\n1,2\n")
    one = worker(sensor, room(tmp_path, database, spool, clock))
    one.start()
    assert one.wait_finished(30)
    assert one.failed
    assert "no column 'time'" in one.status().detail


def test_a_damaged_memory_begins_anew_and_is_counted(tmp_path: Path) -> None:
    clock = ManualClock(START)
    database, spool = open_spool(tmp_path, clock=clock)
    shared, sensor = room(tmp_path, database, spool, clock), section(tmp_path, COURSE)
    first = worker(sensor, shared)
    first.start()
    assert first.wait_finished(30)
    first.stop()
    with database.transaction() as connection:
        connection.execute("UPDATE checkpoint SET memory = x'7b7d', position_s = NULL")
    again = worker(sensor, shared)
    again.start()
    assert again.wait_finished(30)
    again.stop()
    assert again.counters["memory_lost"] == 1
    assert load_checkpoint(database, "sensor:noise-1") is not None


def test_another_recording_starts_from_its_beginning(tmp_path: Path) -> None:
    clock = ManualClock(START)
    database, spool = open_spool(tmp_path, clock=clock)
    shared = room(tmp_path, database, spool, clock)
    for quantity in ("noise", "pm10"):
        one = worker(section(tmp_path, COURSE, quantity=quantity), shared)
        one.start()
        assert one.wait_finished(30)
        one.stop()
        assert one.status().readings == len(COURSE)
    assert one.counters["checkpoint_of_other_source"] == 1
