"""SIGKILL, the real power cut: a real node killed at each step of a configuration and of a command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.clock import ManualClock, SystemClock
from ingest.fleet import CommandKind, CommandResult
from ingest.messages import parse_event
from ingest.signing import public_key_of
from tests.edge.doubles import START, open_spool
from tests.edge.fleet.bench import CENTRE_KEY, command, desired, signed
from tests.ingest.cameras.servers import MjpegServer

STEPS = (
    "config_received",
    "config_trial_kept",
    "config_switched",
    "config_healthy",
    "config_good_kept",
    "command_begun",
    "command_carried_out",
    "command_settled",
)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_node_killed_at_that_step_ends_with_the_new_configuration_and_one_result(
    tmp_path: Path, step: str
) -> None:
    camera = MjpegServer()
    now = SystemClock().now()
    (tmp_path / "centre.pub").write_text(public_key_of(CENTRE_KEY))
    config = desired(1, {"camera": {"north": {"look_interval_s": 0.2}}})
    (tmp_path / "CONFIG_DESIRED.order").write_bytes(signed(config))
    (tmp_path / "COMMAND.order").write_bytes(signed(command(CommandKind.SNAPSHOT, at=now)))
    assert run(tmp_path, camera.port, step) == -9, "it was to be killed"
    assert run(tmp_path, camera.port, "none") == 0
    camera.close()
    database, spool = open_spool(tmp_path / "data", clock=ManualClock(START))
    results = [parse_event(event.payload).data for event in spool.after(0, 10_000)]
    assert len([record for record in results if isinstance(record, CommandResult)]) == 1
    with database.reading() as connection:
        (record,) = connection.execute("SELECT record FROM fleet_state WHERE name = 'config'").fetchone()
    assert '"look_interval_s":0.2' in record
    assert '"trial":null' in record


def run(directory: Path, port: int, step: str) -> int:
    child = [sys.executable, "-m", "tests.edge.fleet.kill_child", str(directory), str(port), step]
    done = subprocess.run(child, cwd=Path(__file__).parents[3], capture_output=True, timeout=120, check=False)
    assert done.returncode in (0, -9), done.stderr.decode(errors="replace")[-3000:]
    return done.returncode
