"""When a garbage point holds too much (垃圾满溢), whatever its hours allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detectors.places.place import Place
from detectors.places.rules import Governing, RuleBook
from detectors.places.sight import spread_points
from ingest.boxes import area
from ingest.messages import Box
from ingest.taxonomy import Category
from ingest.zones import Zone

_EASED = 0.75
"""Of the share at which a point overflows: with less than that covered it no longer does."""


class Overflowing:
    """How full the garbage points of one camera are, by what is remembered to lie there.

    What cannot be looked at counts as it was last seen: blindness neither fills nor empties a point.
    """

    def __init__(self, rules: RuleBook, trusted: Callable[[Place], bool]) -> None:
        self._rules = rules
        self._trusted = trusted

    def rule_of(self, place: Place) -> Governing | None:
        """The limit of the point that ``place`` lies in, if it lies in one and is rubbish there."""
        return self._rules.at(place.anchor, place.category).overflow

    def due(self, place: Place, places: Sequence[Place]) -> Governing | None:
        """The limit that is exceeded, where ``place`` is the largest part of what exceeds it; None: not now.

        What has not lain there for as long as the limit says does not count, nor is a second incident raised about a
        point.
        """
        limit = self.rule_of(place)
        if limit is None or self._is_raised(limit.zone, places):
            return None
        heap = [item for item in self._lying(limit.zone, places) if item.dwell.total_s >= limit.rule.dwell_s]
        if place not in heap or place is not max(heap, key=lambda item: area(item.extent)):
            return None
        return limit if self._share(limit.zone, heap) >= _most(limit.zone) else None

    def has_eased(self, place: Place, places: Sequence[Place]) -> bool:
        """Whether the point of an open incident at ``place`` holds clearly less than it may."""
        limit = self.rule_of(place)
        if limit is None:
            return False
        return self._share(limit.zone, self._lying(limit.zone, places)) < _EASED * _most(limit.zone)

    def _lying(self, zone: Zone, places: Sequence[Place]) -> list[Place]:
        return [item for item in places if self._lies_in(item, zone) and (item.incident or self._trusted(item))]

    def _lies_in(self, place: Place, zone: Zone) -> bool:
        limit = self.rule_of(place)
        return limit is not None and limit.zone.name == zone.name

    @staticmethod
    def _is_raised(zone: Zone, places: Sequence[Place]) -> bool:
        incidents = [item.incident for item in places if item.incident is not None]
        return any(one.zone == zone.name and one.category is Category.GARBAGE for one in incidents)

    @staticmethod
    def _share(zone: Zone, heap: Sequence[Place]) -> float:
        """How much of the zone's picture is covered, by points spread over it."""
        points = spread_points(zone)
        boxes = [item.extent for item in heap]
        return sum(any(_holds(box, point) for box in boxes) for point in points) / len(points)


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _most(zone: Zone) -> float:
    return zone.overflow.share if zone.overflow is not None else float("inf")
