"""The configuration file of a node that plays a scenario's videos and readings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w

from scenarios.running.sensor_rules import sensor_table
from scenarios.running.zone_table import zone_table
from scenarios.truth import Truth, TruthCamera, TruthSensor


def cameras_by_node(truth: Truth) -> dict[str, list[TruthCamera]]:
    """The cameras that each node plays, by name. One without a zone in its view watches nothing and is left out."""
    nodes: dict[str, list[TruthCamera]] = {}
    for camera in sorted(truth.cameras, key=lambda camera: (camera.node, camera.name)):
        if camera.zones:
            nodes.setdefault(camera.node, []).append(camera)
    return nodes


def sensors_by_node(truth: Truth) -> dict[str, list[TruthSensor]]:
    """The sensors that each node replays, by name."""
    nodes: dict[str, list[TruthSensor]] = {}
    for sensor in sorted(truth.sensors, key=lambda sensor: (sensor.node, sensor.name)):
        nodes.setdefault(sensor.node, []).append(sensor)
    return nodes


def node_toml(
    truth: Truth,
    node: str,
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
        node: The node.
        videos: The folder of its cameras' and sensors' files.
        site: The site it reports as.
        broker_port: On loopback.
        model: Name in the catalogue, or the path of a card.
        moved_deg: Degrees of longitude by which all its positions are moved.

    Raises:
        ValueError: A camera has no video, or a sensor no readings.
    """
    cameras = cameras_by_node(truth).get(node, [])
    sensors = sensors_by_node(truth).get(node, [])
    content = {
        "node": {"site": site, "name": node, "data_dir": "data", "time_zone": truth.time_zone},
        "mqtt": {"host": "127.0.0.1", "port": broker_port},
        "detector": {"model": model},
        "camera": [camera_table(truth, camera, videos, moved_deg) for camera in cameras],
        "sensor": [sensor_table(sensor, videos, truth) for sensor in sensors],
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
