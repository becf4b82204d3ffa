"""How much of each zone one look shows (区域可见度): what is out of the frame, covered, or behind something nearer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.incidents import BlindReason
from detectors.places.geometry import ground_point
from detectors.places.sighting import Sighting, Unseen
from ingest.messages import Box
from ingest.zones import Point, Zone

LEAST_VISIBLE = 0.25
"""A zone of which less is seen than this counts as not looked at."""
_SIDE = 10

_Reasons = Sequence[BlindReason]


class ZoneSight:
    """The zones of one camera, each as points spread over it."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._zones = tuple(zones)
        points = [spread_points(zone) for zone in self._zones]
        self._points = np.array([point for group in points for point in group], np.float64).reshape(-1, 2)
        self._starts = np.cumsum([0, *(len(group) for group in points)])[:-1]
        self._counts = np.array([len(group) for group in points], np.float64)

    def hidden(
        self, unseen: Sequence[Unseen], sightings: Sequence[Sighting], persons: Sequence[Box]
    ) -> dict[str, BlindReason]:
        """The zones that this look hardly shows, and what hides most of each.

        People hide what is behind them; other things only zones in which they do not stand themselves: a car in a
        bay is what one wants to see there.
        """
        things = [sighting.box for sighting in sightings]
        boxes = [*(box for box, _ in unseen), *persons, *things]
        if not boxes or not self._zones:
            return {}
        reasons = [*(reason for _, reason in unseen), *[BlindReason.OCCLUDED] * (len(persons) + len(things))]
        covered = _inside(self._points, boxes)
        shares = np.add.reduceat(covered.any(axis=0), self._starts) / self._counts
        found: dict[str, BlindReason] = {}
        for index in np.flatnonzero(shares > 1 - LEAST_VISIBLE).tolist():
            zone, start = self._zones[index], int(self._starts[index])
            here = covered[:, start : start + int(self._counts[index])].copy()
            for number, box in enumerate(things, len(boxes) - len(things)):
                here[number] &= not zone.contains(ground_point(box))
            if here.any(axis=0).mean() > 1 - LEAST_VISIBLE:
                found[zone.name] = _main_reason(here, reasons)
        return found


def _main_reason(covered: NDArray[np.bool_], reasons: _Reasons) -> BlindReason:
    """What hides most points (boxes x points)."""
    hides: Counter[BlindReason] = Counter()
    for reason in dict.fromkeys(reasons):
        rows = [number for number, one in enumerate(reasons) if one is reason]
        hides[reason] = int(covered[rows].any(axis=0).sum())
    return hides.most_common(1)[0][0]


def _inside(points: NDArray[np.float64], boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """Which points (N x 2) lie in which boxes: boxes x points."""
    sides = np.array(boxes, np.float64)[:, :, None]
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x >= sides[:, 0]) & (x <= sides[:, 2]) & (y >= sides[:, 1]) & (y <= sides[:, 3]))


def spread_points(zone: Zone) -> list[Point]:
    """Points spread evenly over a zone (fractions of the frame); of one too thin for that, its corners."""
    xs, ys = zip(*zone.polygon, strict=True)
    steps = [(step + 0.5) / _SIDE for step in range(_SIDE)]
    grid = [(min(xs) + u * (max(xs) - min(xs)), min(ys) + v * (max(ys) - min(ys))) for v in steps for u in steps]
    return [point for point in grid if zone.contains(point)] or list(zone.polygon)
