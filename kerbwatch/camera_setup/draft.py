"""What the user has drawn so far (pure): corners, zones with rules, ground points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ingest.taxonomy import SEEN_CATEGORIES, Category, ZonePurpose
from ingest.zones import Point, is_simple, signed_area

DIGITS = 4
"""Decimals of a fraction: a tenth of a pixel of a 1000 pixel picture."""
SNAP = 0.015
"""A click this near the first corner, in fractions of the frame, closes the zone."""
MIN_AREA = 1e-5

DEFAULT_RULES: Mapping[ZonePurpose, tuple[tuple[Category, float], ...]] = {
    ZonePurpose.NO_STOPPING: ((Category.PARKED_VEHICLE, 180.0),),
    ZonePurpose.CARRIAGEWAY: ((Category.PARKED_VEHICLE, 300.0),),
    ZonePurpose.PAVEMENT: ((Category.STREET_VENDOR, 300.0), (Category.GARBAGE, 1800.0)),
    ZonePurpose.SHOP_FRONT: ((Category.STATIC_OBJECT, 1800.0),),
    ZonePurpose.GARBAGE_POINT: ((Category.GARBAGE, 3600.0),),
    ZonePurpose.RELIEF_POINT: (),
    ZonePurpose.PARKING_BAY: (),
}
"""What a new zone of a purpose starts with: category and dwell in seconds, for the user to change."""


class DrawingError(ValueError):
    """Something that cannot be drawn so; the message says what to do instead."""


@dataclass
class RuleDraft:
    """A rule being edited; ``dwell_s`` in seconds."""

    category: Category
    dwell_s: float


@dataclass
class ZoneDraft:
    """A closed zone being edited; corners are fractions of the frame."""

    name: str
    purpose: ZonePurpose
    polygon: list[Point]
    rules: list[RuleDraft]

    def change_purpose(self, purpose: ZonePurpose) -> None:
        """Set the purpose; rules nobody touched follow it."""
        if self.rules == default_rules(self.purpose):
            self.rules = default_rules(purpose)
        self.purpose = purpose

    def add_rule(self) -> None:
        """Add a rule for the first category that has none yet.

        Raises:
            DrawingError: Every category has one.
        """
        used = {rule.category for rule in self.rules}
        free = next((category for category in SEEN_CATEGORIES if category not in used), None)
        if free is None:
            raise DrawingError("every category has a rule already; change one")
        self.rules.append(RuleDraft(free, 300.0))


@dataclass
class GroundDraft:
    """A picture point (fractions) and where it lies, WGS-84 degrees; None until typed in."""

    x: float
    y: float
    latitude: float | None = None
    longitude: float | None = None


@dataclass
class CameraDraft:
    """The camera being set up."""

    name: str
    source: str
    start_at: datetime | None = None
    corners: list[Point] = field(default_factory=list)
    zones: list[ZoneDraft] = field(default_factory=list)
    ground: list[GroundDraft] = field(default_factory=list)

    def add_corner(self, x: float, y: float) -> ZoneDraft | None:
        """Add a corner, or close the zone when the click meets the first corner; the closed zone then.

        Raises:
            DrawingError: The polygon would close into something that is no zone.
        """
        point = _clamped(x, y)
        if len(self.corners) >= 3 and _near(point, self.corners[0]):
            return self.close_zone()
        if self.corners and _near(point, self.corners[-1], SNAP / 5):
            return None
        self.corners.append(point)
        return None

    def close_zone(self) -> ZoneDraft:
        """Turn the corners into a zone.

        Raises:
            DrawingError: Fewer than three corners, no area, or edges that cross. The corners stay.
        """
        polygon = tuple(self.corners)
        if len(polygon) < 3:
            raise DrawingError(f"{len(polygon)} corners; a zone needs at least three")
        if not is_simple(polygon):
            raise DrawingError("the edges cross; undo and click the corners in order around the zone")
        if abs(signed_area(polygon)) < MIN_AREA:
            raise DrawingError("the zone has no area; undo a corner and spread them")
        purpose = ZonePurpose.NO_STOPPING
        zone = ZoneDraft(self._free_name(), purpose, list(polygon), default_rules(purpose))
        self.zones.append(zone)
        self.corners = []
        return zone

    def undo_corner(self) -> None:
        """Take back the last corner; with none left, reopen the last zone."""
        if self.corners:
            self.corners.pop()
        elif self.zones:
            self.corners = self.zones.pop().polygon

    def add_ground(self, x: float, y: float) -> None:
        """Add a point whose position is still to be typed in."""
        self.ground.append(GroundDraft(*_clamped(x, y)))

    def _free_name(self) -> str:
        taken = {zone.name for zone in self.zones}
        number = len(self.zones) + 1
        while f"zone-{number}" in taken:
            number += 1
        return f"zone-{number}"


def default_rules(purpose: ZonePurpose) -> list[RuleDraft]:
    """Fresh rules for a purpose."""
    return [RuleDraft(category, dwell_s) for category, dwell_s in DEFAULT_RULES[purpose]]


def _clamped(x: float, y: float) -> Point:
    return round(min(1.0, max(0.0, x)), DIGITS), round(min(1.0, max(0.0, y)), DIGITS)


def _near(a: Point, b: Point, within: float = SNAP) -> bool:
    return abs(a[0] - b[0]) <= within and abs(a[1] - b[1]) <= within
