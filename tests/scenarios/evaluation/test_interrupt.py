"""Ctrl-C and kill: what is complete stays, and nothing that was started lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.language.files import save_scenario
from tests.processes import alive, children, needs_proc
from tests.scenarios.evaluation.doubles import RUNS, scenario
from tests.waiting import wait_for

pytestmark = needs_proc
ROOT = Path(__file__).resolve().parents[3]
LIMIT_S = 60.0


def command(folder: Path) -> list[str]:
    module = "tests.scenarios.evaluation.program"
    options = ["--scenarios", str(folder / "streets"), "--out", str(folder / "kept"), "--tier", "detections"]
    return [sys.executable, "-m", module, *options]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_processes_and_the_next_goes_on_from_there(
    tmp_path: Path, number: signal.Signals
) -> None:
    for name in ("a", "b", "hangs"):
        save_scenario(scenario(name), tmp_path / "streets")
    with subprocess.Popen(
        command(tmp_path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as run:
        log = tmp_path / "kept" / RUNS
        done = tmp_path / "kept" / "detections"

        def all_begun() -> bool:
            assert run.poll() is None, run.communicate()
            return log.exists() and "hangs" in log.read_text() and log.read_text().count("detect") == 3

        wait_for(all_begun, timeout_s=LIMIT_S, what="three items begun")
        wait_for(
            lambda: all((done / name / "item.json").exists() for name in ("a", "b")),
            timeout_s=LIMIT_S,
            what="two items kept",
        )
        started = children(run.pid)
        assert started
        # As a terminal does: to the whole group.
        os.killpg(run.pid, number) if number is signal.SIGINT else run.send_signal(number)
        _, said = run.communicate(timeout=LIMIT_S)
    assert run.returncode == 130, said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    # The interpreter's own helper ends a moment after it.
    wait_for(lambda: not any(alive(pid) for pid in started), timeout_s=LIMIT_S, what="the end of all children")
    (tmp_path / "streets" / "hangs.scenario.toml").unlink()
    again = subprocess.run(
        command(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert again.returncode == 0, again.stderr
    assert "2 of 2 kept from before" in again.stdout


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    from scenarios.evaluation.store import Store

    save_scenario(scenario("a"), tmp_path / "streets")
    with Store(tmp_path / "kept").locked():
        other = subprocess.run(
            command(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    assert other.returncode == 1
    assert "another evaluation is at work there" in other.stderr
