"""systemd's watchdog is fed while every part moves, and starves when one does not."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.clock import ManualClock
from ingest.progress import PATIENCE_S, Progress, Watchdog
from ingest.service_notify import Notifier
from tests.edge.doubles import START


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "notify"))
        server.settimeout(5)
        yield server


def environment(systemd: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": str(systemd.getsockname()), **more}


def test_a_part_that_stands_still_starves_the_watchdog_until_it_moves(systemd: socket.socket) -> None:
    clock, marks = ManualClock(START), {"publisher": (1, 0.0), "camera north": (1, 20.0)}
    watchdog = Watchdog(lambda: marks, Notifier(environment(systemd)), clock)
    assert watchdog.step() == ()
    assert systemd.recv(500).startswith(b"WATCHDOG=1")
    for number in range(2, 6):
        clock.advance(PATIENCE_S / 2)
        marks["publisher"] = (number, 0.0)
        stuck = watchdog.step()
    assert stuck == ("camera north",)
    received = [systemd.recv(500) for _ in range(4)]
    assert received[-1] == b"STATUS=stuck: camera north"
    marks["camera north"] = (2, 20.0)
    assert watchdog.step() == ()
    assert systemd.recv(500).startswith(b"WATCHDOG=1")


def test_a_camera_that_looks_once_an_hour_is_not_stuck_in_between() -> None:
    progress = Progress()
    assert progress.stuck({"camera": (1, 7200.0)}, 0) == ()
    assert progress.stuck({"camera": (1, 7200.0)}, 7300) == ()
    assert progress.stuck({"camera": (1, 7200.0)}, 7200 + PATIENCE_S + 1) == ("camera",)


def test_a_part_that_went_away_and_came_back_is_not_held_to_its_old_number() -> None:
    progress = Progress()
    progress.stuck({"camera": (5, 0.0)}, 0)
    progress.stuck({}, 10)
    assert progress.stuck({"camera": (5, 0.0)}, 500) == ()


def test_systemd_hears_ready_and_stopping_and_nobody_else_is_spoken_to(systemd: socket.socket) -> None:
    notifier = Notifier(environment(systemd, WATCHDOG_USEC="60000000", WATCHDOG_PID=str(os.getpid())))
    assert notifier.watchdog_s == 60.0
    assert notifier.ready("a\nb")
    assert systemd.recv(500) == b"READY=1\nSTATUS=a b"
    assert notifier.stopping()
    assert systemd.recv(500) == b"STOPPING=1"
    assert Notifier(environment(systemd, WATCHDOG_USEC="6", WATCHDOG_PID="1")).watchdog_s is None
    assert not Notifier({}).ready()
    assert not Notifier({"NOTIFY_SOCKET": "relative"}).ready()
    assert not Notifier({"NOTIFY_SOCKET": "/nowhere/at/all"}).alive()


def test_a_file_that_cannot_be_written_does_not_end_the_watchdog(systemd: socket.socket) -> None:
    def refuse(_steady_s: float) -> None:
        raise OSError("full")

    watchdog = Watchdog(dict, Notifier(environment(systemd)), ManualClock(START), alive=refuse)
    assert watchdog.step() == ()
