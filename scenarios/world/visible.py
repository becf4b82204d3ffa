"""What of a zone a camera can show (可看性): what a knock turns out of its frame, what a blur makes unrecognisable.

From angles, lengths and optics alone: what any system makes of such a picture plays no part.

Defocus spreads a point over a circle of diameter d, which passes no pattern finer than 1.22 line pairs per d (the first
zero of its transfer function). How surely a thing is recognised follows from how many line pairs fit across the smaller
side that it shows: with four every second one who looks recognises it, with three every fourth (Johnson 1958, and the
target transfer probability function built on it).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ingest.taxonomy import Category
from ingest.zones import Polygon, contains
from scenarios.language.conditions import BLIND_FROM, BLUR_RADIUS, ConditionKind
from scenarios.scene.camera import Camera, Floats
from scenarios.world.weather import Askew

SMALLER_SIDE_M: dict[Category, float] = {
    Category.PARKED_VEHICLE: 1.5,
    Category.PARKED_TWO_WHEELER: 1.0,
    Category.STREET_VENDOR: 1.0,
    Category.GARBAGE: 0.5,
    Category.STATIC_OBJECT: 0.6,
}
"""The smaller side of a common one of its kind, as a street camera shows it, metres."""
LOST_BELOW = 3.0
"""With fewer line pairs across that side, three of four who look do not recognise it: nobody could look."""
UNSURE_BELOW = 4.0
"""With fewer, half of them do not."""
PASSES = 1.22
"""Line pairs per diameter of the blur circle that still pass."""
KNOCK_DEG = 5.0
"""A camera turned by more than this may be said to have another view; a knock by up to five degrees must be borne."""
DOUBTFUL_FROM = 1.0 - BLIND_FROM
"""Share of a zone from which what cannot be seen of it is worth telling."""
_GRID = 12


@dataclass(frozen=True, slots=True)
class Sight:
    """What stands in the way of looking at a zone: the condition that hides most of it, and whether it hides so much
    that nobody could look (``certain``)."""

    why: ConditionKind
    certain: bool


class ZoneView:
    """A zone as points spread over where the camera shows it while it hangs straight.

    ``polygon`` in fractions of the picture; ``categories``: what its rules are about.
    """

    def __init__(self, lens: Camera, polygon: Polygon, categories: Collection[Category]) -> None:
        self._lens = lens
        points = np.array(_spread(polygon), np.float64) - 0.5
        size = (lens.width, lens.frame_height)
        self._rays = np.column_stack([points * size, np.full(len(points), lens.focal)]) @ lens.axes
        down = -self._rays[:, 2]
        away = np.divide(lens.height, down, out=np.full(len(down), np.inf), where=down > 1e-6)
        self._depth_m = lens.focal * away
        sizes = [SMALLER_SIDE_M[category] for category in categories]
        self._largest_m = max(sizes, default=math.inf)
        self._smallest_m = min(sizes, default=min(SMALLER_SIDE_M.values()))
        self._is_ruled = bool(sizes)

    def sight(self, askew: Askew, defocus: float) -> Sight | None:
        """What hinders looking while the camera is turned by ``askew`` (degrees) and out of focus by ``defocus``
        (0..1); None: nothing worth a word."""
        out, blurred = self._outside(askew), self._blurred(defocus, self._largest_m, LOST_BELOW)
        why = ConditionKind.ASKEW if out.mean() >= blurred.mean() else ConditionKind.DEFOCUS
        if self._is_ruled and (out | blurred).mean() >= BLIND_FROM:
            return Sight(why, True)
        partly = out | self._blurred(defocus, self._smallest_m, UNSURE_BELOW)
        if partly.mean() >= DOUBTFUL_FROM:
            return Sight(ConditionKind.ASKEW if out.mean() >= DOUBTFUL_FROM else ConditionKind.DEFOCUS, False)
        return Sight(ConditionKind.ASKEW, False) if turned_deg(self._lens, askew) > KNOCK_DEG else None

    def _outside(self, askew: Askew) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which points are out of the frame."""
        if not any(askew):
            return np.zeros(len(self._rays), np.bool_)
        lens = self._lens.turned(*askew)
        uv, depth = lens.project(lens.position + self._rays)
        beside = ((uv < 0) | (uv > (lens.width, lens.frame_height))).any(axis=1)
        return np.asarray(beside | (depth <= 0), np.bool_)

    def _blurred(self, defocus: float, size_m: float, pairs: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """At which points fewer than so many line pairs fit across a thing of that smaller side."""
        if defocus <= 0:
            return np.zeros(len(self._rays), np.bool_)
        circle_px = 2 * BLUR_RADIUS * defocus * self._lens.width
        shown_px = size_m * self._lens.focal / self._depth_m
        return np.asarray(PASSES * shown_px < pairs * circle_px, np.bool_)


def turned_deg(lens: Camera, askew: Askew) -> float:
    """The one angle by which a camera is turned in all, degrees."""
    rotation: Floats = lens.turned(*askew).axes @ lens.axes.T
    return math.degrees(math.acos(min(1.0, max(-1.0, (float(np.trace(rotation)) - 1) / 2))))


def _spread(polygon: Polygon) -> list[tuple[float, float]]:
    """Points evenly over a polygon; of one too thin for that, its corners."""
    xs, ys = zip(*polygon, strict=True)
    steps = [(step + 0.5) / _GRID for step in range(_GRID)]
    grid = [(min(xs) + u * (max(xs) - min(xs)), min(ys) + v * (max(ys) - min(ys))) for v in steps for u in steps]
    return [point for point in grid if contains(polygon, point)] or list(polygon)
