"""A path on the ground: place and heading by the distance covered."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

_CHORD_M = 1.0  # headings look this far ahead and back, so that corners are rounded


class Route:
    """A polyline in metres; beyond its ends it goes straight on."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        kept = [points[0]]
        kept += [later for earlier, later in pairwise(points) if math.dist(earlier, later) > 1e-9]
        if len(kept) < 2:
            raise ValueError(f"path {points!r} has no length; give two points that differ")
        self._points = kept
        self._at = [0.0]
        for earlier, later in pairwise(kept):
            self._at.append(self._at[-1] + math.dist(earlier, later))

    @property
    def length(self) -> float:
        """Metres from start to end."""
        return self._at[-1]

    def point(self, distance: float) -> tuple[float, float]:
        """x, y after so many metres."""
        index = min(max(bisect_right(self._at, distance) - 1, 0), len(self._points) - 2)
        (ax, ay), (bx, by) = self._points[index], self._points[index + 1]
        share = (distance - self._at[index]) / (self._at[index + 1] - self._at[index])
        return ax + (bx - ax) * share, ay + (by - ay) * share

    def place(self, distance: float, aside: float = 0.0) -> tuple[float, float, float]:
        """x, y, heading after so many metres, ``aside`` metres to the right of the path."""
        x, y = self.point(distance)
        ax, ay = self.point(distance - _CHORD_M)
        bx, by = self.point(distance + _CHORD_M)
        heading = math.atan2(bx - ax, by - ay)
        return x + aside * math.cos(heading), y - aside * math.sin(heading), heading
