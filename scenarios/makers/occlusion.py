"""How much of each thing nearer things leave to be seen: a coarse grid over its outline."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.messages import Box

_CELLS = 10
_MIDDLES = (np.arange(_CELLS) + 0.5) / _CELLS
_SOLID = 0.06
"""A thing's outline does not fill the corners of its box: so much on every side covers nothing."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The share of a box that nothing hides, and the box around it."""

    share: float
    box: Box


def shown(boxes: Sequence[Box], distances: Sequence[float], covers: Sequence[Box] = ()) -> list[Shown]:
    """For each box what is left of it; ``distances`` in metres, ``covers`` are nearer than everything."""
    result = [Shown(1.0, box) for box in boxes]
    if not boxes:
        return result
    array = np.array(boxes)
    order = np.array(distances)
    low = np.maximum(array[:, None, :2], array[None, :, :2])
    high = np.minimum(array[:, None, 2:], array[None, :, 2:])
    hides = (low < high).all(axis=2) & (order[None, :] < order[:, None])
    for index in np.flatnonzero(hides.any(axis=1) | bool(covers)).tolist():
        nearer = [_solid(boxes[other]) for other in np.flatnonzero(hides[index]).tolist()]
        result[index] = _left_of(boxes[index], [*nearer, *covers])
    return result


def _solid(box: Box) -> Box:
    dx, dy = (box[2] - box[0]) * _SOLID, (box[3] - box[1]) * _SOLID
    return box[0] + dx, box[1] + dy, box[2] - dx, box[3] - dy


def _visible(box: Box, covers: Sequence[Box]) -> NDArray[np.bool_]:
    """Which cells of a grid over ``box`` have their centre outside every cover."""
    visible = np.ones((_CELLS, _CELLS), bool)
    xs = (box[0] + _MIDDLES * (box[2] - box[0])).tolist()
    ys = (box[1] + _MIDDLES * (box[3] - box[1])).tolist()
    for x1, y1, x2, y2 in covers:
        visible[bisect_right(ys, y1) : bisect_left(ys, y2), bisect_right(xs, x1) : bisect_left(xs, x2)] = False
    return visible


def _left_of(box: Box, covers: Sequence[Box]) -> Shown:
    visible = _visible(box, covers)
    share = float(np.count_nonzero(visible)) / _CELLS**2
    if share in (0.0, 1.0):
        return Shown(share, box)
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    wide, tall = (box[2] - box[0]) / _CELLS, (box[3] - box[1]) / _CELLS
    return Shown(
        share,
        (
            box[0] + float(columns[0]) * wide,
            box[1] + float(rows[0]) * tall,
            box[0] + float(columns[-1] + 1) * wide,
            box[1] + float(rows[-1] + 1) * tall,
        ),
    )
