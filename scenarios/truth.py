"""The truth of a made scenario (真值): what a perfect system would report, and what must not fool it.

Format ``kerbwatch-truth/1`` (JSON, UTF-8), written by the makers beside the videos they make. Unlike the scenario it
came from, it says where everything is in each camera's picture. Times are seconds since the first frame; boxes and
polygons are fractions of the frame, origin in its top-left corner.

``start_s`` of a problem is the moment it has settled, ``end_s`` when it leaves (null: it stays to the end); ``seen``
holds its whole outline, as if nothing stood before it, for as long as it stays at one place: once for each of its
actors and cameras, and once more where a camera shows it while it hangs askew. The boxes of ``samples`` enclose
visible pixels only; ``visible`` is the share of the object's pixels that nothing hides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.hours import Permit
from ingest.messages import Name, Utc
from ingest.taxonomy import ObjectClass
from ingest.zones import Zone
from scenarios.language.base import Box, Share
from scenarios.language.claims import Innocence, Subject
from scenarios.language.sensors import Quantity, SensorRule
from scenarios.language.street import SeenBox, Tier


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BlindSpan(_Strict):
    """A time in which a camera cannot look, and why (a condition's name).

    ``zones``: at which zones only (none named: at all of them). ``certain``: no where so little is left to be seen that
    saying so is right, and going on looking is right as well.
    """

    from_s: float = Field(ge=0)
    to_s: float
    why: str
    zones: tuple[str, ...] = ()
    certain: bool = True

    def about(self, zone: str) -> bool:
        """Whether it speaks of a zone."""
        return not self.zones or zone in self.zones


class TruthZone(_Strict):
    """A zone as a node is told it, and the hours in which it allows what its rules forbid."""

    zone: Zone
    permits: tuple[Permit, ...] = ()

    @property
    def told(self) -> Zone:
        """The zone with its permits."""
        return self.zone.model_copy(update={"permits": (*self.zone.permits, *self.permits)})


class TrueObject(_Strict):
    """One thing in one sampled frame."""

    id: int
    kind: ObjectClass
    box: Box
    visible: Share


class Sample(_Strict):
    """What is in the picture at a moment."""

    t: float = Field(ge=0)
    objects: tuple[TrueObject, ...]


class TruthCamera(_Strict):
    """One camera of the scenario and what a node must be told about it.

    ``video`` is a file name beside the truth file (none: detections only); ``ground_points`` are x, y, latitude,
    longitude as in a node's configuration.
    """

    name: Name
    node: Name = "node-1"
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    fps: float = Field(gt=0)
    video: str | None = None
    zones: tuple[TruthZone, ...] = ()
    ground_points: tuple[tuple[float, float, float, float], ...] = ()
    static_objects: bool = False
    blind: tuple[BlindSpan, ...] = ()
    samples: tuple[Sample, ...] = ()


class TruthSensor(_Strict):
    """One sensor and what a node must be told about it; ``readings`` is a file name beside the truth file (CSV)."""

    name: Name
    node: Name = "node-1"
    quantity: Quantity
    every_s: float = Field(gt=0)
    rule: SensorRule | None = None
    readings: str | None = None


class TrueProblem(_Strict):
    """A real problem (问题): it must become exactly one case. ``dwell_s``: how long it may stand before it is one."""

    id: Name
    category: Subject
    zone: Name | None = None
    sensor: Name | None = None
    start_s: float = Field(ge=0)
    end_s: float | None = None
    dwell_s: float = Field(ge=0)
    seen: tuple[SeenBox, ...] = ()


class TrueMarket(_Strict):
    """Vendors that are also one market."""

    id: Name
    members: tuple[Name, ...]
    start_s: float = Field(ge=0)
    end_s: float | None = None


class TrueDecoy(_Strict):
    """Something that looks like a problem and is none."""

    id: Name
    why: Innocence
    category: Subject
    sensor: Name | None = None
    start_s: float = Field(ge=0)
    end_s: float | None = None
    seen: tuple[SeenBox, ...] = ()


class Truth(_Strict):
    """The truth of one made scenario; raises ValueError where its parts do not fit together."""

    format: Literal["kerbwatch-truth/1"] = "kerbwatch-truth/1"
    scenario: Name
    family: Name = "single"
    seed: int = Field(ge=0)
    tier: Tier
    starts_at: Utc
    time_zone: str = "Asia/Shanghai"
    duration_s: float = Field(gt=0)
    look_interval_s: Annotated[float, Field(gt=0)] = 1.0
    cameras: tuple[TruthCamera, ...]
    sensors: tuple[TruthSensor, ...] = ()
    problems: tuple[TrueProblem, ...]
    markets: tuple[TrueMarket, ...] = ()
    decoys: tuple[TrueDecoy, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        cameras = {camera.name: camera for camera in self.cameras}
        zones = {zone.zone.name for camera in self.cameras for zone in camera.zones}
        for problem in self.problems:
            if problem.zone is not None and problem.zone not in zones:
                raise ValueError(f"problem {problem.id!r}: zone {problem.zone!r} is none of {sorted(zones)}")
            for box in problem.seen:
                if box.camera not in cameras:
                    raise ValueError(f"problem {problem.id!r}: camera {box.camera!r} is none of {sorted(cameras)}")
            end = self.duration_s if problem.end_s is None else problem.end_s
            if not problem.start_s < end <= self.duration_s:
                raise ValueError(f"problem {problem.id!r}: {problem.start_s} s to {end} s is not within the clip")
        return self

    def moment(self, at_s: float) -> datetime:
        """The scenario's second ``at_s`` in UTC."""
        return self.starts_at + timedelta(seconds=at_s)

    @property
    def camera(self) -> TruthCamera:
        """The camera of a truth with only one."""
        (only,) = self.cameras
        return only

    def save(self, path: Path) -> None:
        """Writes the file as UTF-8 JSON without line breaks."""
        path.write_text(self.model_dump_json(by_alias=True), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Reads a truth file; raises pydantic's ValidationError naming the wrong field, or OSError."""
        return cls.model_validate_json(path.read_bytes())
