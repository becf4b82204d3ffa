"""Where a problem went on (跟随): a vendor who moved some metres, rubbish that spread beside itself.

A vehicle that moves up is parked anew; only vendors and rubbish are followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detectors.places.firing import GroundSize
from detectors.places.geometry import ground_point
from detectors.places.likeness import alike
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from ingest.messages import Box
from ingest.taxonomy import Category


@dataclass(frozen=True)
class Following:
    """The rules of succession. ``ground`` is None where the camera has no calibration: box sizes must do then."""

    settings: MemorySettings
    ground: GroundSize | None = None

    def heir(self, old: Place, places: Sequence[Place]) -> Place | None:
        """Who goes on with the visit of ``old``, which is over: the nearest in looks, then in distance."""
        able = [(place, likeness) for place in places if (likeness := self._claim(old, place)) is not None]
        return max(able, key=lambda item: item[1])[0] if able else None

    def may_come(self, old: Place, places: Sequence[Place]) -> bool:
        """Whether something too new to be judged stands where the problem could have gone."""
        return any(
            place.sightings < self.settings.anchor_sightings
            and place.category is old.category
            and self._within_reach(old, place)
            for place in places
            if place is not old and place.incident is None
        )

    def stood_for(self, place: Place, places: Sequence[Place]) -> bool:
        """Whether an open incident already speaks for ``place``, or will as soon as its own place is seen bare."""
        return any(
            other.incident is not None and other is not place and self._claim(other, place) is not None
            for other in places
        )

    def _claim(self, old: Place, new: Place) -> float | None:
        """How alike a possible heir is; None for what is none."""
        if new is old or new.incident is not None or new.category is not old.category:
            return None
        if new.sightings < self.settings.anchor_sightings or not self._within_reach(old, new):
            return None
        if new.category is Category.GARBAGE:
            return 1.0 - _steps(old.anchor, new.anchor)
        likeness = alike(old.portrait, old.recent, new.portrait)
        brief = _gap_s(old, new) <= self.settings.move_s
        least = self.settings.moved_likeness if brief else self.settings.returned_likeness
        return likeness if likeness >= least else None

    def _within_reach(self, old: Place, new: Place) -> bool:
        if new.category is Category.GARBAGE:
            return self._near(old.anchor, new.anchor, self.settings.spread_m, self.settings.spread_sizes)
        if new.category is not Category.STREET_VENDOR or new.born_look <= old.seen_look:
            return False
        walked = 3.0 + self.settings.walk_mps * _gap_s(old, new)
        return self._near(old.anchor, new.anchor, min(walked, self.settings.move_m), self.settings.move_sizes)

    def _near(self, a: Box, b: Box, metres: float, sizes: float) -> bool:
        apart = None if self.ground is None else self.ground.distance_m(ground_point(a), ground_point(b))
        return apart <= metres if apart is not None else _steps(a, b) <= sizes


def _gap_s(old: Place, new: Place) -> float:
    return (new.arrived - old.dwell.last_seen).total_seconds()


def _steps(a: Box, b: Box) -> float:
    """Distance of the ground points in widths and heights of the larger box."""
    (ax, ay), (bx, by) = ground_point(a), ground_point(b)
    wide, tall = max(a[2] - a[0], b[2] - b[0]), max(a[3] - a[1], b[3] - b[1])
    if wide <= 0 or tall <= 0:
        return float("inf")
    return float((((ax - bx) / wide) ** 2 + ((ay - by) / tall) ** 2) ** 0.5)
