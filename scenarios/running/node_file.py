"""The configuration file of a node that plays a scenario's videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomli_w

from scenarios.running.zone_table import zone_table
from scenarios.truth import Truth, TruthCamera


def cameras_by_node(truth: Truth) -> dict[str, list[TruthCamera]]:
    """The cameras that each node plays, by name. One without a zone in its view watches nothing and is left out."""
    nodes: dict[str, list[TruthCamera]] = {}
    for camera in sorted(truth.cameras, key=lambda camera: (camera.node, camera.name)):
        if camera.zones:
            nodes.setdefault(camera.node, []).append(camera)
    return nodes


def node_toml(
    truth: Truth,
    cameras: Sequence[TruthCamera],
    videos: Path,
    *,
    site: str,
    broker_port: int,
    model: str,
    moved_deg: float = 0.0,
) -> str:
    """The TOML text for one node of a scenario, which keeps its state in ``data`` beside the file.

    It plays its files at full speed on the media clock. Pictures are not sent: they decide nothing.

    Args:
        truth: The scenario.
        cameras: Those of this node.
        videos: The folder of their files.
        site: The site it reports as.
        broker_port: On loopback.
        model: Name in the catalogue, or the path of a card.
        moved_deg: Degrees of longitude by which all its positions are moved.

    Raises:
        ValueError: A camera has no video.
    """
    content = {
        "node": {"site": site, "name": cameras[0].node, "data_dir": "data", "time_zone": truth.time_zone},
        "mqtt": {"host": "127.0.0.1", "port": broker_port},
        "detector": {"model": model},
        "camera": [camera_table(truth, camera, videos, moved_deg) for camera in cameras],
    }
    return tomli_w.dumps(content)


def camera_table(truth: Truth, camera: TruthCamera, videos: Path, moved_deg: float = 0.0) -> dict[str, Any]:
    """The ``[[camera]]`` table of a camera; see :func:`node_toml`. Raises ValueError where it has no video."""
    return {
        "name": camera.name,
        "source": str(video_of(truth, camera, videos)),
        "clock": "media",
        "pace": "fast",
        "start_at": truth.starts_at,
        "look_interval_s": truth.look_interval_s,
        "static_objects": camera.static_objects,
        "ground_points": [[x, y, lat, lon + moved_deg] for x, y, lat, lon in camera.ground_points],
        "zone": [zone_table(zone.told) for zone in camera.zones],
    }


def video_of(truth: Truth, camera: TruthCamera, videos: Path) -> Path:
    """Where a camera's video lies. Raises ValueError where it has none."""
    if camera.video is None:
        raise ValueError(
            f"scenario {truth.scenario!r}, camera {camera.name!r}: no video; detections-only scenarios run in process"
        )
    return videos.resolve() / camera.video
