"""The cameras and sensors of a node, made from its configuration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random

from edge.camera_session import Room
from edge.camera_worker import CameraWorker
from edge.config import CameraSection, NodeConfig
from edge.evidence import EvidenceMaker
from edge.sensors.group import SensorGroup, new_group
from edge.sensors.raw import FILE as RAW_FILE
from edge.sensors.raw import RawRing
from edge.sensors.worker import SensorRoom
from edge.translate import CameraView
from ingest.messages import source_of


def new_workers(config: NodeConfig, room: Room, *, rng: Random) -> tuple[CameraWorker, ...]:
    """The cameras of ``config``, in file order, not yet started."""
    card = room.detector.card
    model = f"{card.name} {card.version}"[:200]
    return tuple(CameraWorker(camera, _view(config, camera, model), room, rng=rng) for camera in config.cameras)


def new_sensors(config: NodeConfig, room: Room, workers: Sequence[CameraWorker], *, rng: Random) -> SensorGroup:
    """The sensors of ``config``, not yet started; they may ask ``workers``, its cameras, for pictures."""
    sensor_room = SensorRoom(
        site=config.node.site,
        node=config.node.name,
        clock=room.clock,
        database=room.database,
        spool=room.spool,
        pictures=room.pictures,
        broker=config.mqtt,
        time_zone=config.time_zone,
        raw=RawRing(config.node.data_dir / RAW_FILE),
    )
    cameras = tuple(zip(config.cameras, workers, strict=True))
    maker = partial(EvidenceMaker, room.detector, room.pictures)
    return new_group(config.sensor, sensor_room, cameras, maker, rng=rng)


def _view(config: NodeConfig, camera: CameraSection, model: str) -> CameraView:
    return CameraView(
        camera=camera.name,
        source=source_of(config.node.site, config.node.name, camera.name),
        zones={zone.name: zone for zone in camera.zones},
        model=model,
        plane=camera.ground_plane(),
        fixed=camera.fixed_position(),
        by_node_clock=camera.clock == "wall",
    )
