"""Runs a real node until it kills itself at a named step; started by ``test_kill_fleet.py``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from edge.fleet.assembly import FleetOptions
from edge.fleet.clock import NodeClock
from edge.node import EdgeNode, NodeOptions
from ingest.clock import SystemClock
from ingest.log_ring import LogRing
from ingest.topics import Channel, Topic
from tests.edge.doubles import ZONE, CountingMemory, FakeDetector, FakeLink, node_config
from tests.waiting import wait_for


def main(directory: Path, camera_port: int, step: str) -> None:
    def failpoint(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), signal.SIGKILL)

    camera = (
        f'[[camera]]\nname = "north"\nsource = "http://127.0.0.1:{camera_port}/mjpeg"\n'
        f"look_interval_s = 0.1\nstatic_objects = false\n{ZONE}"
    )
    link = FakeLink()
    node = EdgeNode(
        node_config(directory, camera, extra='[fleet]\ncentre_key_file = "centre.pub"\n'),
        clock=NodeClock(SystemClock(), kernel=lambda: True),
        link=link,
        detector=FakeDetector(),
        new_memory=CountingMemory,
        options=NodeOptions(seed=1, fleet=FleetOptions(failpoint=failpoint, log_ring=LogRing())),
    )
    node.start()
    wait_for(lambda: node.camera_statuses()[0].looks >= 2, what="looks")
    for channel in (Channel.CONFIG_DESIRED, Channel.COMMAND):
        order = directory / f"{channel.name}.order"
        link.deliver(str(Topic("xuhui", "j17", channel)), order.read_bytes())
    applied = b'"state":"applied"'
    wait_for(
        lambda: any(applied in payload for topic, payload, _ in list(link.published) if "config/rep" in topic),
        what="the configuration applied",
    )
    wait_for(lambda: settled(directory), what="the command")
    node.stop()


def settled(directory: Path) -> bool:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{directory / 'data' / 'node.db'}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM fleet_command WHERE state = 'done'").fetchone()[0] == 1


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
