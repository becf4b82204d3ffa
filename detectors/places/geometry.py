"""Where boxes stand, how near they are, and what of them is visible; boxes are fractions of the frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, floor
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ingest.boxes import area
from ingest.messages import Box
from ingest.zones import Point


def ground_point(box: Box) -> Point:
    """Bottom centre (接地点): where the object stands, also for a box cut off by the frame's edge."""
    return (box[0] + box[2]) / 2, box[3]


def centre_distance(a: Box, b: Box) -> float:
    """Distance of the centres as a part of ``a``'s width and height, so that it has no scale."""
    width, height = a[2] - a[0], a[3] - a[1]
    if width <= 0 or height <= 0:
        return float("inf")
    dx = (a[0] + a[2] - b[0] - b[2]) / 2 / width
    dy = (a[1] + a[3] - b[1] - b[3]) / 2 / height
    return float((dx * dx + dy * dy) ** 0.5)


def size_ratio(a: Box, b: Box) -> float:
    """How many times the larger area holds the smaller, at least 1."""
    small, large = sorted((area(a), area(b)))
    return large / small if small > 0 else float("inf")


def median_box(boxes: Sequence[Box]) -> Box:
    """The median of each side: one wild box among five does not move it."""
    x1, y1, x2, y2 = (median(box[side] for box in boxes) for side in range(4))
    return x1, y1, x2, y2


def overlaps(a: Box, b: Box) -> bool:
    """Whether two boxes share any area."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def clip(box: Box) -> Box:
    """The part of ``box`` inside the frame."""
    x1, y1, x2, y2 = box
    return (
        min(1.0, max(0.0, float(x1))),
        min(1.0, max(0.0, float(y1))),
        min(1.0, max(0.0, float(x2))),
        min(1.0, max(0.0, float(y2))),
    )


def grow(box: Box, part: float) -> Box:
    """``box`` with ``part`` of its width and height added on every side, within the frame."""
    dx, dy = (box[2] - box[0]) * part, (box[3] - box[1]) * part
    return clip((box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy))


@lru_cache(maxsize=4)
def _all_visible(side: int) -> NDArray[np.bool_]:
    visible = np.ones((side, side), bool)
    visible.setflags(write=False)
    return visible


def share(cells: NDArray[np.bool_]) -> float:
    """The part of the cells that is true; several times as fast as the mean of so few."""
    return int(np.count_nonzero(cells)) / cells.size


def visible_cells(box: Box, covers: Sequence[Box], side: int) -> NDArray[np.bool_]:
    """Which cells of a ``side`` x ``side`` grid over ``box`` have their centre outside every cover; read-only."""
    if not covers:
        return _all_visible(side)
    visible = np.ones((side, side), bool)
    for cover in covers:
        left, right = _covered(box[0], box[2], cover[0], cover[2], side)
        top, bottom = _covered(box[1], box[3], cover[1], cover[3], side)
        visible[top:bottom, left:right] = False
    return visible


def _covered(low: float, high: float, begin: float, end: float, side: int) -> tuple[int, int]:
    """The first cell whose middle a cover hides along one axis, and the one after the last."""
    cell = (high - low) / side
    if cell <= 0:
        return (0, side) if begin < low < end else (0, 0)
    first = floor((begin - low) / cell - 0.5) + 1
    return min(side, max(0, first)), min(side, max(0, ceil((end - low) / cell - 0.5)))
