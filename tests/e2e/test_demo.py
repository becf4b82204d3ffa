"""The demo: every true problem exactly one case and no other case, on streets no training ever saw."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from tests.e2e.stack import Program
from tests.waiting import HANG_S, wait_for

pytestmark = [pytest.mark.slow(35), pytest.mark.timeout(900)]

SEEDS = (1, 2, 3, 4, 5)
"""Demo seeds are below one million; training seeds start there (``tests/scenarios``)."""


@pytest.mark.parametrize("seed", SEEDS)
def test_every_true_problem_becomes_exactly_one_case_and_nothing_else(tmp_path: Path, seed: int) -> None:
    demo = Program(tmp_path / "demo.log", "demo", "--once", "--seed", str(seed))
    demo.start()
    assert demo.wait(800) == 0, demo.tail()
    assert demo.tail().count("found once") == 3


def test_the_live_demo_shows_its_console_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo = Program(tmp_path / "demo.log", "demo", "--dir", str(folder))
    demo.start()
    wait_for(lambda: not demo.running or "Open http://" in demo.tail(), timeout_s=120, what="an address")
    url = demo.tail().split("Open ", 1)[1].split()[0]
    page = httpx.get(url, timeout=HANG_S)
    assert page.status_code == 200
    assert "Kerbwatch" in page.text
    wait_for(
        lambda: len(httpx.get(f"{url}/api/v1/nodes", timeout=HANG_S).json()["nodes"]) == 2,
        what="both nodes reporting",
    )
    demo.end(signal.SIGINT)
    assert "Ended." in demo.tail()
    with pytest.raises(httpx.TransportError):
        httpx.get(url, timeout=5)


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("do not overwrite")
    demo = Program(tmp_path.parent / "demo.log", "demo", "--once", "--dir", str(tmp_path))
    demo.start()
    assert demo.wait(HANG_S) == 2
    assert "is not empty" in demo.tail()
