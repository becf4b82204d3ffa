"""Power cuts: a node killed at any moment neither loses nor doubles an incident."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import pytest

from edge.spool import raised_events
from ingest.clock import ManualClock
from ingest.messages import IncidentOpened, parse_event
from tests.edge.doubles import START, open_spool
from tests.edge.test_camera_worker import pictures
from tests.waiting import wait_for

LOOKS = 120
KILLS = 4


@pytest.mark.slow
def test_a_node_killed_at_random_moments_raises_every_incident_exactly_once(tmp_path: Path) -> None:
    pictures(tmp_path / "pictures", LOOKS)
    rng = Random(7)
    midway = 0
    for _ in range(KILLS):
        before = spooled(tmp_path)
        child = start(tmp_path)
        wait_for(partial(at_work, tmp_path, child, before), what="the node at work")
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(rng.random() * 0.15)
        child.kill()
        child.wait(10)
        midway += 0 < spooled(tmp_path) < LOOKS
    assert start(tmp_path).wait(120) == 0
    assert midway >= 2, "the node was done before it could be killed"
    check(tmp_path)


def at_work(directory: Path, child: subprocess.Popen[bytes], before: int) -> bool:
    return spooled(directory) > before or child.poll() is not None


def spooled(directory: Path) -> int:
    """Events on disk, read beside the running node."""
    path = directory / "data" / "node.db"
    if not path.exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM raised").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # just being made


def start(directory: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.edge.kill_child", str(directory)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def check(directory: Path) -> None:
    database, spool = open_spool(directory / "data", clock=ManualClock(START))
    events = [parse_event(event.payload) for event in spool.after(0, 10_000)]
    opened = Counter((e.data.camera, e.data.place_id.int) for e in events if isinstance(e.data, IncidentOpened))
    expected = {(camera, look) for camera in ("north", "south") for look in range(2, LOOKS + 1, 2)}
    assert set(opened) == expected
    assert set(opened.values()) == {1}
    assert len(raised_events(database)) == len(events)
    evidence = directory / "data" / "evidence"
    for event in events:
        assert isinstance(event.data, IncidentOpened)
        for picture in event.data.evidence.pictures:
            content = (evidence / f"{picture.sha256}.jpg").read_bytes()
            assert hashlib.sha256(content).hexdigest() == picture.sha256
