"""Runs a real node on a folder of pictures until its end or its death; started by ``test_kill.py``."""

from __future__ import annotations

import sys
from pathlib import Path

from edge.camera_memory import Memory
from edge.config import CameraSection
from edge.node import EdgeNode, NodeOptions
from tests.edge.doubles import CountingMemory, FakeDetector, FakeLink, folder_camera, node_config


def new_memory(camera: CameraSection, snapshot: bytes | None) -> Memory:
    return CountingMemory(camera, snapshot, every=2)


def main(directory: Path) -> None:
    cameras = "".join(folder_camera(directory / "pictures", name=name) for name in ("north", "south"))
    link = FakeLink()
    link.connected = False
    node = EdgeNode(
        node_config(directory, cameras),
        link=link,
        detector=FakeDetector(),
        new_memory=new_memory,
        options=NodeOptions(seed=1),
    )
    node.start()
    for worker in node.workers:
        assert worker.wait_finished(120)
    node.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
