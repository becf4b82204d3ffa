"""Zones and their rules, as data (区域与规则).

A zone is a polygon in fractions of the frame with a purpose; its rules say which category of problem is raised
there after which dwell. Geometry here is exact and property-tested: it decides what becomes evidence.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from ingest.config import ConfigModel
from ingest.messages import Name
from ingest.taxonomy import Category, ZonePurpose

Point = tuple[float, float]
Polygon = tuple[Point, ...]


class Rule(ConfigModel):
    """What is raised in a zone, and when (滞留规则).

    ``dwell_s`` is media or wall time in seconds; unobserved time counts only up to ``max_bridge_s``.
    """

    category: Category
    dwell_s: Annotated[float, Field(gt=0, le=90 * 86400)]
    max_bridge_s: Annotated[float, Field(ge=0, le=7 * 86400)] = 600.0
    clear_s: Annotated[float, Field(gt=0, le=86400)] = Field(
        default=5.0, description="looked at and absent for this long: the problem is over"
    )
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.0


class Zone(ConfigModel):
    """A part of the picture with a purpose (区域)."""

    name: Name
    purpose: ZonePurpose
    polygon: Annotated[Polygon, Field(min_length=3, max_length=64)]
    rules: tuple[Rule, ...] = ()

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

    def contains(self, point: Point) -> bool:
        """Whether ``point`` (fractions) lies in the zone; the edge belongs to it."""
        return contains(self.polygon, point)


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
