"""Makes a camera's place memory as its configuration says."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from detectors.observer import Observer, SnapshotInvalid
from detectors.places.rules import DEFAULT_TIME_ZONE
from edge.camera_memory import Memory
from edge.config import CameraSection
from ingest.clock import uuid7


def new_observer(camera: CameraSection, snapshot: bytes | None, time_zone: ZoneInfo = DEFAULT_TIME_ZONE) -> Memory:
    """The camera's place memory, restored or new; hours in its rules are meant in ``time_zone``.

    Raises ValueError for a snapshot that cannot be used.
    """
    if snapshot is None:
        return Observer(
            camera.name,
            camera.zones,
            static_objects=camera.static_objects,
            look_interval_s=camera.look_interval_s,
            new_id=uuid7,
            time_zone=time_zone,
            plane=camera.ground_plane(),
        )
    try:
        return Observer.restore(
            snapshot,
            camera.name,
            camera.zones,
            static_objects=camera.static_objects,
            look_interval_s=camera.look_interval_s,
            new_id=uuid7,
            time_zone=time_zone,
            plane=camera.ground_plane(),
        )
    except SnapshotInvalid as error:
        raise ValueError(str(error)) from error
