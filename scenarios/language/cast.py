"""Who takes part: single actors with a timeline, and streams of traffic and pedestrians."""

from __future__ import annotations

import math
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from ingest.taxonomy import ObjectClass
from scenarios.language.base import (
    ConfigModel,
    Degrees,
    GroundPoint,
    Metres,
    Name,
    Range,
    Seconds,
    Seed,
    check_order,
)


class ActorKind(StrEnum):
    """What an actor is."""

    CAR = "car"
    VAN = "van"
    TRUCK = "truck"
    BUS = "bus"
    BICYCLE = "bicycle"
    MOPED = "moped"
    PERSON = "person"
    BAG = "bag"
    HEAP = "heap"
    CARTONS = "cartons"
    STALL_TABLE = "stall_table"
    STALL_PARASOL = "stall_parasol"
    STALL_CART = "stall_cart"
    STALL_TRICYCLE = "stall_tricycle"
    STALL_BLANKET = "stall_blanket"
    CRATE = "crate"
    FRIDGE = "fridge"
    SOFA = "sofa"
    PLANKS = "planks"
    PLANTER = "planter"
    BENCH = "bench"
    TREE = "tree"
    LAMP = "lamp"
    SIGN = "sign"
    BIN = "bin"
    CUTOUT = "cutout"


_CLASSES: dict[ActorKind, ObjectClass] = {
    ActorKind.CAR: ObjectClass.VEHICLE,
    ActorKind.VAN: ObjectClass.VEHICLE,
    ActorKind.TRUCK: ObjectClass.VEHICLE,
    ActorKind.BUS: ObjectClass.VEHICLE,
    ActorKind.BICYCLE: ObjectClass.TWO_WHEELER,
    ActorKind.MOPED: ObjectClass.TWO_WHEELER,
    ActorKind.PERSON: ObjectClass.PERSON,
    ActorKind.BAG: ObjectClass.GARBAGE,
    ActorKind.HEAP: ObjectClass.GARBAGE,
    ActorKind.CARTONS: ObjectClass.GARBAGE,
    ActorKind.STALL_TABLE: ObjectClass.STALL,
    ActorKind.STALL_PARASOL: ObjectClass.STALL,
    ActorKind.STALL_CART: ObjectClass.STALL,
    ActorKind.STALL_TRICYCLE: ObjectClass.STALL,
    ActorKind.STALL_BLANKET: ObjectClass.STALL,
}


def class_of(kind: ActorKind) -> ObjectClass:
    """What a perfect detector would call an actor; ``UNKNOWN`` for things no model names."""
    return _CLASSES.get(kind, ObjectClass.UNKNOWN)


class Keyframe(ConfigModel):
    """Where an actor is at a moment. Between two keyframes it moves evenly; equal places mean that it stands.

    ``heading_deg`` turns right from +y; absent: the direction of movement, kept while it stands. ``size`` scales the
    shape (garbage that grows).
    """

    s: Seconds
    x: Metres
    y: Metres
    heading_deg: Degrees | None = None
    size: Annotated[float, Field(gt=0.05, le=10)] = 1.0


class Posture(StrEnum):
    """What a person does while standing."""

    STAND = "stand"
    SERVE = "serve"


class Actor(ConfigModel):
    """Something with a timeline (角色). There from its first keyframe until ``leaves_s`` (absent: to the end).

    ``seed`` decides its looks. ``kind = "cutout"`` needs ``picture`` (RGBA) and ``tall_m``, and ``object_class``.
    """

    id: Name
    kind: ActorKind
    seed: Seed = 0
    at: Annotated[tuple[Keyframe, ...], Field(min_length=1, max_length=500)]
    leaves_s: Seconds | None = None
    posture: Posture = Posture.STAND
    picture: Path | None = None
    tall_m: Annotated[float, Field(gt=0.05, le=20)] | None = None
    object_class: ObjectClass | None = None

    @model_validator(mode="after")
    def _timeline(self) -> Actor:
        for earlier, later in zip(self.at, self.at[1:], strict=False):
            if later.s <= earlier.s:
                raise ValueError(f"actor {self.id!r}: keyframe at {later.s:g} s does not follow {earlier.s:g} s")
        if self.leaves_s is not None and self.leaves_s <= self.at[0].s:
            raise ValueError(f"actor {self.id!r}: leaves_s {self.leaves_s:g} is not after its first keyframe")
        given = (self.picture, self.tall_m, self.object_class)
        if self.kind is ActorKind.CUTOUT and None in given:
            raise ValueError(f"actor {self.id!r}: a cutout needs picture, tall_m and object_class")
        if self.kind is not ActorKind.CUTOUT and given != (None, None, None):
            raise ValueError(f"actor {self.id!r}: picture, tall_m and object_class belong to a cutout")
        return self

    @property
    def classed(self) -> ObjectClass:
        """What a perfect detector would call it."""
        return self.object_class or class_of(self.kind)


class Signal(ConfigModel):
    """A traffic light across a lane (红绿灯): red first from ``first_red_s``, then green, and so on."""

    stop_at_m: Annotated[float, Field(ge=0, le=2000)]
    red_s: Annotated[float, Field(gt=0, le=3600)]
    green_s: Annotated[float, Field(gt=0, le=3600)]
    first_red_s: Seconds = 0.0


class Halt(ConfigModel):
    """A stop every vehicle of the stream makes, such as a bus at its stop."""

    at_m: Annotated[float, Field(ge=0, le=2000)]
    for_s: Range

    @model_validator(mode="after")
    def _range(self) -> Halt:
        check_order("for_s", *self.for_s)
        return self


Speed = Annotated[float, Field(ge=0.1, le=40)]


class Stream(ConfigModel):
    """Base of streams: actors that enter at the path's start, one every ``every_s`` seconds, and leave at its end."""

    path: Annotated[tuple[GroundPoint, ...], Field(min_length=2, max_length=50)]
    every_s: Range
    speed_mps: tuple[Speed, Speed]
    from_s: Seconds = 0.0
    to_s: Seconds | None = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _ranges(self) -> Stream:
        check_order("every_s", *self.every_s)
        check_order("speed_mps", *self.speed_mps)
        if self.every_s[0] < 0.2:
            raise ValueError(f"every_s starts at {self.every_s[0]:g}; give 0.2 s or more")
        if self.to_s is not None and self.to_s <= self.from_s:
            raise ValueError(f"to_s {self.to_s:g} is not after from_s {self.from_s:g}")
        if self.length_m < 1e-3:
            raise ValueError(f"path {self.path}: has no length; give two points that differ")
        return self

    @property
    def length_m(self) -> float:
        """Metres from the path's start to its end."""
        return sum(math.dist(one, other) for one, other in pairwise(self.path))

    def most_members(self, duration_s: float) -> float:
        """At most about how many enter in a scenario of that length; see ``scenarios.world.members``."""
        end = duration_s if self.to_s is None else min(self.to_s, duration_s)
        begin = self.from_s if self.from_s > 0 else -self.length_m / self.speed_mps[0]
        return max(0.0, end - begin) / (sum(self.every_s) / 2) + 1


class Traffic(Stream):
    """Vehicles along a lane (车流). They queue behind one another and before a red light."""

    kinds: Annotated[tuple[ActorKind, ...], Field(min_length=1)] = (ActorKind.CAR,)
    signal: Signal | None = None
    halt: Halt | None = None

    @field_validator("kinds")
    @classmethod
    def _have_shapes(cls, kinds: tuple[ActorKind, ...]) -> tuple[ActorKind, ...]:
        if ActorKind.CUTOUT in kinds:
            raise ValueError("a stream has no pictures for cutouts; give other kinds, or cutouts as actors")
        return kinds


class Pedestrians(Stream):
    """People on foot (人流), spread over ``width_m`` across the path; some linger for ``linger_s``."""

    width_m: Annotated[float, Field(ge=0, le=50)] = 1.0
    linger_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    linger_s: Range = (0.0, 0.0)

    @model_validator(mode="after")
    def _lingering(self) -> Pedestrians:
        check_order("linger_s", *self.linger_s)
        return self
