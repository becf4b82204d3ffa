"""Zones and their rules, as data (区域与规则).

A zone is a polygon in fractions of the frame with a purpose; its rules say which category of problem is raised
there after which dwell, its permits when that is allowed all the same. Geometry here is exact and property-tested: it
decides what becomes evidence.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from ingest.config import ConfigModel
from ingest.hours import Collection, Hours, Permit, check_seen
from ingest.messages import Name
from ingest.taxonomy import Category, ZonePurpose

Point = tuple[float, float]
Polygon = tuple[Point, ...]
Metres = Annotated[float, Field(gt=0, le=100)]
WaitSeconds = Annotated[float, Field(gt=0, le=7200)]

LONGEST_WAIT_S: dict[ZonePurpose, float] = {ZonePurpose.SIGNAL_QUEUE: 180.0, ZonePurpose.BUS_STOP: 300.0}
"""The purposes that let vehicles wait, and how long where the zone does not say."""

DEFAULT_BRIDGE_S: dict[Category, float] = {
    Category.PARKED_VEHICLE: 12 * 3600.0,
    Category.PARKED_TWO_WHEELER: 12 * 3600.0,
    Category.STREET_VENDOR: 600.0,
    Category.GARBAGE: 2 * 3600.0,
    Category.STATIC_OBJECT: 2 * 3600.0,
    Category.SENSOR_ALARM: 0.0,
}
"""Unobserved time that may count where a rule does not say: a vehicle stands through a dark night, no vendor does.
Zones have no rule against what sensors tell."""

VEHICLES = frozenset({Category.PARKED_VEHICLE, Category.PARKED_TWO_WHEELER})


class Rule(ConfigModel):
    """What is raised in a zone, and when (滞留规则).

    ``dwell_s`` is media or wall time in seconds; unobserved time counts only up to ``max_bridge_s``, by default that of
    the category (:data:`DEFAULT_BRIDGE_S`). ``hours`` are the
    civil times at which the rule applies (none: always); outside them what stands is allowed, and the dwell begins when
    they do. Sizes are metres through the camera's ground points.
    """

    category: Category
    dwell_s: Annotated[float, Field(gt=0, le=90 * 86400)]
    max_bridge_s: Annotated[float, Field(ge=0, le=7 * 86400)] = Field(
        default_factory=lambda said: DEFAULT_BRIDGE_S[said["category"]]
    )
    clear_s: Annotated[float, Field(gt=0, le=86400)] = Field(
        default=5.0, description="looked at and absent for this long: the problem is over"
    )
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.0
    hours: Annotated[tuple[Hours, ...], Field(max_length=32)] = ()
    min_size_m: Metres | None = Field(
        default=None, description="what is neither so wide nor so tall is not raised; needs ground_points"
    )
    max_size_m: Metres | None = Field(
        default=None, description="what is wider or taller is not raised; needs ground_points"
    )
    abandoned_after_s: Annotated[float, Field(gt=0, le=365 * 86400)] | None = Field(
        default=None, description="a vehicle that stands so long is told as abandoned (僵尸车)"
    )
    also_when_selling: bool = Field(
        default=False, description="a vehicle from which goods are sold is raised besides its vendor"
    )

    @model_validator(mode="after")
    def _fits_its_category(self) -> Rule:
        check_seen(self.category)
        low, high, abandoned = self.min_size_m, self.max_size_m, self.abandoned_after_s
        if low is not None and high is not None and low > high:
            raise ValueError(
                f"min_size_m {low:g} is above max_size_m {high:g}; nothing would be raised, swap them"
            )
        if abandoned is not None and self.category not in VEHICLES:
            raise ValueError(f"abandoned_after_s is for vehicles; remove it from the rule against {self.category}")
        if abandoned is not None and abandoned <= self.dwell_s:
            raise ValueError(f"abandoned_after_s {abandoned:g} is not after dwell_s {self.dwell_s:g}; give weeks")
        if self.also_when_selling and self.category not in VEHICLES:
            raise ValueError(f"also_when_selling is for vehicles; remove it from the rule against {self.category}")
        return self

    @property
    def measures(self) -> bool:
        """Whether it needs sizes in metres."""
        return self.min_size_m is not None or self.max_size_m is not None


class Overflow(ConfigModel):
    """When a garbage point holds too much (满溢), also while bags may stand there.

    ``share`` of the zone's picture covered by rubbish that has stood for ``after_s`` seconds. Draw the zone around what
    the point may hold.
    """

    share: Annotated[float, Field(gt=0, le=1)]
    after_s: Annotated[float, Field(gt=0, le=7 * 86400)] = 600.0


class Zone(ConfigModel):
    """A part of the picture with a purpose (区域)."""

    name: Name
    purpose: ZonePurpose
    polygon: Annotated[Polygon, Field(min_length=3, max_length=64)]
    rules: tuple[Rule, ...] = ()
    permits: Annotated[tuple[Permit, ...], Field(max_length=64)] = ()
    collection: Collection | None = None
    max_wait_s: WaitSeconds | None = Field(
        default=None, description="longest normal wait: a red light and its margin, a bus at its stop"
    )
    overflow: Overflow | None = Field(default=None, description="how much a garbage point may hold")

    @field_validator("polygon")
    @classmethod
    def _inside_frame(cls, polygon: Polygon) -> Polygon:
        for index, (x, y) in enumerate(polygon):
            if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
                raise ValueError(
                    f"point {index} ({x}, {y}) lies outside the frame; coordinates are fractions from 0 to 1"
                )
        if abs(signed_area(polygon)) < 1e-5:
            raise ValueError("the polygon has no area; give at least three points that are not on one line")
        if not is_simple(polygon):
            raise ValueError("the polygon crosses itself; list its points in order around the edge")
        return polygon

    @model_validator(mode="after")
    def _one_rule_per_category(self) -> Zone:
        categories = [rule.category for rule in self.rules]
        if len(set(categories)) != len(categories):
            raise ValueError("two rules for one category; keep one")
        return self

    @model_validator(mode="after")
    def _fits_its_purpose(self) -> Zone:
        check_purpose(self.purpose, self.collection, self.max_wait_s, self.overflow)
        return self

    def rule_against(self, category: Category) -> Rule | None:
        """Its rule against a category, if it has one."""
        return next((rule for rule in self.rules if rule.category is category), None)

    @property
    def longest_wait_s(self) -> float:
        """How long a vehicle may wait here; 0 where it may not."""
        return LONGEST_WAIT_S.get(self.purpose, 0.0) if self.max_wait_s is None else self.max_wait_s

    def contains(self, point: Point) -> bool:
        """Whether ``point`` (fractions) lies in the zone; the edge belongs to it."""
        return contains(self.polygon, point)


def check_purpose(
    purpose: ZonePurpose, collection: Collection | None, max_wait_s: float | None, overflow: Overflow | None
) -> None:
    """Raises ValueError where a zone of that purpose cannot have a collection, a wait or an overflow."""
    if collection is not None and purpose is not ZonePurpose.GARBAGE_POINT:
        raise ValueError(f"collection is for a garbage_point; remove it from this {purpose}")
    if overflow is not None and purpose is not ZonePurpose.GARBAGE_POINT:
        raise ValueError(f"overflow is for a garbage_point; remove it from this {purpose}")
    if max_wait_s is not None and purpose not in LONGEST_WAIT_S:
        able = " or ".join(LONGEST_WAIT_S)
        raise ValueError(f"max_wait_s is for a {able}; remove it from this {purpose}")


def signed_area(polygon: Polygon) -> float:
    """Shoelace area; positive when the points run clockwise on screen (y grows downwards)."""
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def contains(polygon: Polygon, point: Point) -> bool:
    """Even-odd test; points on an edge are inside."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if _on_segment((x1, y1), (x2, y2), point):
            return True
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def is_simple(polygon: Polygon) -> bool:
    """Whether no two edges that are not neighbours touch."""
    edges = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    count = len(edges)
    for i in range(count):
        for j in range(i + 1, count):
            neighbours = j == i + 1 or (i == 0 and j == count - 1)
            if not neighbours and _segments_touch(*edges[i], *edges[j]):
                return False
    return True


def _cross(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on_segment(a: Point, b: Point, p: Point) -> bool:
    if abs(_cross(a, b, p)) > 1e-12:
        return False
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


def _segments_touch(a: Point, b: Point, c: Point, d: Point) -> bool:
    d1, d2, d3, d4 = _cross(c, d, a), _cross(c, d, b), _cross(a, b, c), _cross(a, b, d)
    if ((d1 > 0) != (d2 > 0)) and ((d3 > 0) != (d4 > 0)) and 0.0 not in (d1, d2, d3, d4):
        return True
    return _on_segment(c, d, a) or _on_segment(c, d, b) or _on_segment(a, b, c) or _on_segment(a, b, d)
