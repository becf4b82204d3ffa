"""The street of a scenario: cameras, zones and the scenery they look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ingest.hours import Collection, Permit
from ingest.taxonomy import Category, ZonePurpose
from ingest.zones import Overflow, Point, Rule, WaitSeconds, check_purpose, is_simple, signed_area
from scenarios.language.base import Box, ConfigModel, Degrees, GroundPoint, Metres, Name, Seed, check_order

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Scenery(ConfigModel):
    """How the street looks (街景). Lengths in metres; x of kerbs and house walls.

    ``bays`` are marked parking bays as x1, y1, x2, y2; ``bus_stop`` and ``crossing`` are y along the street.
    ``background`` is a still picture to compose into instead of a drawn street (one camera only).
    """

    seed: Seed = 0
    kerb_left: Metres = -4.0
    kerb_right: Metres = 4.0
    wall_left: Metres = -9.0
    wall_right: Metres = 9.0
    bays: tuple[tuple[Metres, Metres, Metres, Metres], ...] = Field(default=(), max_length=40)
    crossing: Metres | None = None
    side_street: tuple[Metres, Metres] | None = None
    bus_stop: Metres | None = None
    background: Path | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Scenery:
        edges = (self.wall_left, self.kerb_left, self.kerb_right, self.wall_right)
        if list(edges) != sorted(edges):
            raise ValueError(
                f"wall_left, kerb_left, kerb_right, wall_right = {edges}: give them from left to right"
            )
        return self


class Footage(ConfigModel):
    """A recording that a camera plays instead of a drawn street (实拍). ``file`` is looked for in the footage
    folder; ``sha256`` makes sure that truth and recording belong together."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
    sha256: Sha256


class Camera(ConfigModel):
    """A camera on a pole (摄像头). ``heading_deg`` turns right from the street's axis (+y), ``tilt_deg`` down from
    the horizon, ``roll_deg`` clockwise; ``field_of_view_deg`` is horizontal.

    ``ground_points`` (x, y of the picture as fractions; x, y of the ground in metres) state the homography of a
    recording or background picture; for drawn streets it follows from the pose.
    """

    name: Name
    node: Name = "node-1"
    x: Metres = 0.0
    y: Metres = 0.0
    height: Annotated[float, Field(gt=0, le=100)] = 6.0
    heading_deg: Degrees = 0.0
    tilt_deg: Annotated[float, Field(ge=-10, le=90)] = 20.0
    roll_deg: Annotated[float, Field(ge=-45, le=45)] = 0.0
    field_of_view_deg: Annotated[float, Field(ge=10, le=150)] = 60.0
    width: Annotated[int, Field(ge=160, le=3840, multiple_of=2)] = 640
    height_px: Annotated[int, Field(ge=90, le=2160, multiple_of=2)] = 360
    static_objects: bool = False
    overlaps: tuple[Name, ...] = ()
    ground_points: tuple[tuple[float, float, Metres, Metres], ...] = ()
    footage: Footage | None = None

    @model_validator(mode="after")
    def _enough_points(self) -> Camera:
        if self.ground_points and len(self.ground_points) < 4:
            raise ValueError(f"camera {self.name!r}: {len(self.ground_points)} ground_points; give four or more")
        return self


class ZoneRule(Rule):
    """A rule as the node knows it, see ``ingest.zones.Rule``."""


class SceneZone(ConfigModel):
    """A zone with its rules (区域). Either ``ground`` (a polygon in metres, projected into every camera that sees it)
    or ``camera`` with ``picture`` (a polygon in fractions of that camera's frame)."""

    name: Name
    purpose: ZonePurpose
    ground: tuple[GroundPoint, ...] = Field(default=(), max_length=64)
    camera: Name | None = None
    picture: tuple[Point, ...] = Field(default=(), max_length=64)
    rules: tuple[ZoneRule, ...] = Field(default=(), alias="rule")
    permits: tuple[Permit, ...] = Field(default=(), alias="permit")
    collection: Collection | None = None
    max_wait_s: WaitSeconds | None = None
    overflow: Overflow | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> SceneZone:
        on_ground, in_picture = bool(self.ground), bool(self.picture)
        if on_ground == in_picture or in_picture != (self.camera is not None):
            raise ValueError(f"zone {self.name!r}: give either ground, or camera and picture")
        corners = self.ground or self.picture
        if len(corners) < 3:
            raise ValueError(f"zone {self.name!r}: give at least three corners")
        if self.picture and not all(0 <= u <= 1 and 0 <= v <= 1 for u, v in self.picture):
            raise ValueError(f"zone {self.name!r}: picture {self.picture}: give fractions from 0 to 1")
        if not is_simple(corners):
            raise ValueError(f"zone {self.name!r}: its edges cross or touch; list the corners around the edge")
        if abs(signed_area(corners)) < 1e-5:
            raise ValueError(f"zone {self.name!r}: has no area; give three corners that are not on one line")
        try:
            check_purpose(self.purpose, self.collection, self.max_wait_s, self.overflow)
        except ValueError as error:
            raise ValueError(f"zone {self.name!r}: {error}") from error
        return self

    @field_validator("rules")
    @classmethod
    def _once(cls, rules: tuple[ZoneRule, ...]) -> tuple[ZoneRule, ...]:
        if len({rule.category for rule in rules}) < len(rules):
            raise ValueError("two rules for one category; keep one")
        return rules

    def rule_for(self, category: Category) -> ZoneRule | None:
        """Its rule against a category, if it has one."""
        return next((rule for rule in self.rules if rule.category is category), None)


class SeenBox(ConfigModel):
    """Where something is in a camera's picture, from a moment (to another one; absent: to the end)."""

    camera: Name
    box: Box
    from_s: Annotated[float, Field(ge=0)] = 0.0
    to_s: float | None = None

    @model_validator(mode="after")
    def _has_area(self) -> SeenBox:
        x1, y1, x2, y2 = self.box
        if not (x1 < x2 and y1 < y2):
            raise ValueError(f"box {self.box}: give left, top, right, bottom with an area between them")
        if self.to_s is not None:
            check_order("from_s, to_s", self.from_s, self.to_s)
        return self


Tier = Literal["detections", "composed", "rendered", "real"]
"""How a scenario becomes input. Figures of different tiers are never pooled."""
