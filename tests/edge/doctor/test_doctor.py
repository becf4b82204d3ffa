"""The doctor names what is wrong, in words and in codes, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.alive import FRESH_S, alive_file, is_alive, say_alive
from edge.doctor.finding import Level
from edge.doctor.judging import judge_certificate, judge_clock, judge_disk, judge_spool
from kerbwatch.commands.doctor import doctor
from tests.edge.doubles import ZONE, open_spool
from tests.ingest.cameras.servers import MjpegServer
from tests.servers import Mosquitto, free_port

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def written(directory: Path, *, mqtt_port: int, source: str, extra: str = "") -> Path:
    file = directory / "node.toml"
    file.write_text(
        '[node]\nsite = "xuhui"\nname = "j17"\ndata_dir = "data"\n'
        f'[mqtt]\nport = {mqtt_port}\n{extra}[[camera]]\nname = "north"\nsource = "{source}"\n{ZONE}'
    )
    return file


def examined(file: Path, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    result = CliRunner().invoke(doctor, ["--config", str(file), "--json", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, {finding["check"]: finding for finding in json.loads(result.output)["findings"]}


@pytest.mark.broker
def test_a_healthy_node_is_told_so(tmp_path: Path, mosquitto: Mosquitto) -> None:
    camera = MjpegServer()
    file = written(tmp_path, mqtt_port=mosquitto.port, source=f"http://127.0.0.1:{camera.port}/mjpeg")
    _, found = examined(file)
    camera.close()
    for check in ("configuration", "data folder", "model", "broker", "camera north", "spool"):
        assert found[check]["code"] == "ok", found[check]
    assert not (tmp_path / "data" / "node.key").exists(), "it makes nothing"


def test_what_is_wrong_is_named_with_a_typed_cause_and_a_fix(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        mqtt_port=free_port(),
        source=f"http://user:geheim@127.0.0.1:{free_port()}/mjpeg",
        extra=f'[centre]\nurl = "http://127.0.0.1:{free_port()}"\n',
    )
    code, found = examined(file)
    assert code == 1
    assert found["broker"]["code"] == "broker_refused"
    assert found["centre"]["code"] == "centre_refused"
    assert found["camera north"]["code"].startswith("camera_")
    assert all(item["fix"] for item in found.values() if item["level"] == "problem")
    assert "geheim" not in json.dumps(found)


def test_a_configuration_that_is_refused_is_told_field_by_field(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text('[node]\nsite = "X"\n')
    code, found = examined(file)
    assert code == 1
    assert found["configuration"]["code"] == "config_refused"


def test_a_damaged_spool_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    database, _ = open_spool(tmp_path / "data")
    database.close()
    path = tmp_path / "data" / "node.db"
    path.write_bytes(b"this is no database " * 500)
    for left in path.parent.glob("node.db-*"):
        left.unlink()
    before = path.read_bytes()
    file = written(tmp_path, mqtt_port=free_port(), source="http://127.0.0.1:9/")
    _, found = examined(file, "--no-cameras")
    assert found["spool"]["code"] == "spool_damaged"
    assert path.read_bytes() == before


def test_a_wrong_password_is_told_apart_from_a_dead_broker(tmp_path: Path) -> None:
    (tmp_path / "passwords").write_text("")
    broker = Mosquitto(tmp_path / "broker", "allow_anonymous false\n").start()
    try:
        file = written(tmp_path, mqtt_port=broker.port, source="http://127.0.0.1:9/")
        _, found = examined(file, "--no-cameras")
        assert found["broker"]["code"] == "broker_not_authorised"
    finally:
        broker.stop()


def test_orders_that_were_rolled_back_are_remembered(tmp_path: Path) -> None:
    from edge.fleet.config_state import ConfigState, Version
    from edge.fleet.store import FleetStore

    database, _ = open_spool(tmp_path / "data")
    state = ConfigState().begin(Version(revision=4), ("north",)).fail("cameras_do_not_look")
    FleetStore(database).save("config", state)
    database.close()
    file = written(tmp_path, mqtt_port=free_port(), source="http://127.0.0.1:9/")
    _, found = examined(file, "--no-cameras")
    assert found["config from the centre"]["code"] == "config_rolled_back"
    assert "cameras_do_not_look" in found["config from the centre"]["text"]
    assert sqlite3.connect(tmp_path / "data" / "node.db").execute("PRAGMA quick_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("year", "kernel", "differs_s", "code"),
    [
        (1970, True, 0.0, "clock_unset"),
        (2026, True, None, "ok"),
        (2026, True, 3600.0, "clock_differs"),
        (2026, False, -3600.0, "clock_differs"),
        (2026, False, 0.0, "clock_by_centre"),
        (2026, False, None, "clock_untrusted"),
    ],
)
def test_the_clock_is_judged(year: int, kernel: bool, differs_s: float | None, code: str) -> None:
    assert judge_clock(NOW.replace(year=year), kernel=kernel, centre_differs_s=differs_s).code == code


def test_certificates_disks_and_spools_are_judged() -> None:
    ends = [judge_certificate("c", NOW + timedelta(days=days), NOW).level for days in (-1, 10, 100)]
    assert ends == [Level.PROBLEM, Level.WARNING, Level.OK]
    assert [judge_disk(free, 0).code for free in (1, 2**30, 2**40)] == ["disk_full", "disk_short", "ok"]
    told = [judge_spool(5, 10, 0), judge_spool(5, 10, 3), judge_spool(90_000, 10, 0)]
    assert [finding.code for finding in told] == ["ok", "spool_evicted", "spool_nearly_full"]


def test_a_node_is_alive_while_its_file_is_fresh(tmp_path: Path) -> None:
    path = alive_file(tmp_path)
    assert not is_alive(path, 100.0)
    say_alive(path, 100.0)
    assert is_alive(path, 100.0 + FRESH_S)
    assert not is_alive(path, 101.0 + FRESH_S)
    assert not is_alive(path, 5.0), "written before this boot"
