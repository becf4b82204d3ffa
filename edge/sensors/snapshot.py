"""The picture beside a sensor's alarm (联动抓拍): what the nearest camera saw last, covered like all evidence.

Whatever goes wrong costs the picture, never the alarm: it is told as the reason and counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from detectors.ground import METRES_PER_DEGREE
from detectors.types import Frame
from edge.evidence import EvidenceMaker, Gathered
from edge.sensors.section import SensorSection
from ingest.messages import Evidence, Position

MOST_AGE_S = 60.0
"""A picture further in time from the alarm than this shows another scene."""


@dataclass(frozen=True)
class Shot:
    """A camera's newest picture (uint8, H x W x 3, BGR) and when it was taken, UTC."""

    image: Frame
    at: datetime


@dataclass(frozen=True)
class Eye:
    """A camera that can be asked for its newest picture; None: it has not got one."""

    name: str
    position: Position | None
    latest: Callable[[], Shot | None]


def nearest(sensor: SensorSection, eyes: Mapping[str, Eye]) -> Eye | None:
    """The camera that is named, else the nearest within ``snapshot_within_m``; of equals the first by name."""
    if sensor.camera is not None:
        return eyes.get(sensor.camera)
    here = sensor.fixed_position()
    if here is None:
        return None
    found = [
        (distance, name)
        for name, eye in eyes.items()
        if eye.position is not None and (distance := distance_m(here, eye.position)) <= sensor.snapshot_within_m
    ]
    return eyes[min(found)[1]] if found else None


def distance_m(here: Position, there: Position) -> float:
    """Metres between two positions near each other (equirectangular)."""
    # The short way round, also across the 180th meridian.
    east = (there.longitude - here.longitude + 180) % 360 - 180
    east *= math.cos(math.radians((here.latitude + there.latitude) / 2))
    return METRES_PER_DEGREE * math.hypot(east, there.latitude - here.latitude)


class Snapshots:
    """Takes the picture for one sensor.

    Args:
        eye: Its camera; None: there is none near.
        maker: Covers and stores; None: nothing here could cover a picture.
    """

    def __init__(self, eye: Eye | None, maker: EvidenceMaker | None) -> None:
        self._eye = eye
        self._maker = maker

    @property
    def counters(self) -> dict[str, int]:
        """Pictures withheld, by reason."""
        return {} if self._maker is None else self._maker.counters

    def take(self, at: datetime) -> Gathered:
        """The picture for an alarm raised at ``at`` (UTC), or why there is none."""
        if self._eye is None or self._maker is None:
            return Gathered(Evidence(withheld="no_camera_near"), ())
        shot = self._eye.latest()
        if shot is None:
            return Gathered(Evidence(withheld="camera_has_no_picture"), ())
        if abs((at - shot.at).total_seconds()) > MOST_AGE_S:
            return Gathered(Evidence(withheld="picture_too_old"), ())
        return self._maker.overview(shot.image, shot.at, self._eye.name)
