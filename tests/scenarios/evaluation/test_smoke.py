"""The smoke suite through the real makers, programs and scorer."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_S = 180.0
CORES = 2


@pytest.mark.slow(150)
@pytest.mark.broker
@pytest.mark.timeout(1200)
def test_the_smoke_suite_runs_without_a_failure_in_three_minutes_of_two_cores(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    options = ["--suite", "smoke", "--out", str(tmp_path / "kept"), "--json", str(figures)]
    page = ["--html", str(tmp_path / "page.html")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [sys.executable, "-m", "kerbwatch", "evaluate", *options, *page],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=1100,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert told["items"]["failed"] == 0
    assert {"detections", "composed", "rendered"} <= told["tiers"].keys()
    assert "real" in told["tiers"] or told["notes"], "footage that is missing is told"
    for tier in told["tiers"].values():
        assert tier["baseline"]["overall"]["problems"] == tier["overall"]["problems"] > 0
    assert "<svg" in (tmp_path / "page.html").read_text(encoding="utf-8")
    # Processor time, not the clock: other work on the machine must not fail the test.
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert used_s < LIMIT_S * CORES
