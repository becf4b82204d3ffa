"""Which blocks of the view a look does not show (遮挡块): doubted at once, counted until sure.

A block that lost its outlines is either covered or was the outline of a thing that has gone. It counts as not seen from
the first such look on, so that no absence is made of it, unless the bare patch is no larger than what was remembered
there: then that has left, and the block tells nothing until its outlines are back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.condition.judging import DARK_LEVEL, NOT_COVERED, bare_blocks
from detectors.condition.outlines import COLUMNS, ROWS, Mask
from detectors.condition.registration import Fit
from detectors.places.geometry import grow
from ingest.boxes import area, intersection
from ingest.messages import Box

_BESIDE = 0.3
"""A thing's shadow and soft outline reach so far beyond its box, in parts of its size."""
_OUTSIDE_PART = 0.2
"""More of a bare patch than this beside the places of those that may have left: it is a cover."""
_LEAVE_AT_ONCE = 2
"""More neighbours than this do not drive off between two looks."""
_HALF = 0.5
_LONE = 2
"""A patch of so few blocks has no shape that could be filled."""


class Covers:
    """Counts, block by block, how long the view has been hidden. ``lasting``: looks in a row that make it sure."""

    def __init__(self, lasting: int) -> None:
        self._lasting = lasting
        self._covered = np.zeros((ROWS, COLUMNS), np.uint8)
        self._dark = np.zeros((ROWS, COLUMNS), np.uint8)
        self._left = np.zeros((ROWS, COLUMNS), bool)
        self._now = np.zeros((ROWS, COLUMNS), bool)

    def looked(self, fit: Fit, stood: Sequence[Box]) -> None:
        """One look; ``stood``: the boxes (fractions of the reference view) of all that is remembered."""
        if fit.aligned:
            self._left &= ~fit.fitting
        bare = bare_blocks(fit) & ~self._left
        if fit.aligned and bare.any():
            departed = _departed(bare, stood)
            self._left |= departed
            bare &= ~departed
        self._now = _filled(bare, self._doubtful(fit))
        dark = self._now & (fit.level < DARK_LEVEL)
        for count, now in ((self._covered, self._now & ~dark), (self._dark, dark)):
            count[:] = np.where(now, np.minimum(count + 1, 2 * self._lasting), count - np.minimum(count, 2))

    def _doubtful(self, fit: Fit) -> Mask:
        """Blocks that may be hidden as well, if what is around them is."""
        return np.asarray(~fit.telling | self._left | (fit.agree < NOT_COVERED))

    @property
    def hidden(self) -> Mask:
        """Blocks (ROWS x COLUMNS) that the last look does not show, or of which that is not over for sure."""
        return self._now | (self._covered >= self._lasting) | (self._dark >= self._lasting)

    @property
    def covered(self) -> Mask:
        """Those of them that something lies over."""
        return self.hidden & ~self.dark

    @property
    def dark(self) -> Mask:
        """Those of them that lie in the dark."""
        return self.hidden & (self._dark > self._covered)

    def covered_part(self, fit: Fit) -> float:
        """The part of the view that is covered, by the blocks that can tell; 0 where none can."""
        can = fit.telling & ~self._left
        telling = int(can.sum())
        return float((self.covered & can).sum()) / telling if telling else 0.0

    def dump(self) -> dict[str, NDArray[Any]]:
        """All state, as uint8 arrays."""
        flags = {"left": self._left, "now": self._now}
        return {"covered": self._covered, "dark": self._dark} | {
            name: flag.astype(np.uint8) for name, flag in flags.items()
        }

    def load(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Fill a fresh one. Raises KeyError or ValueError for what :meth:`dump` did not write."""
        found = [arrays[name] for name in ("covered", "dark", "left", "now")]
        if any(array.shape != (ROWS, COLUMNS) for array in found):
            raise ValueError(f"blocks {[array.shape for array in found]}; {(ROWS, COLUMNS)} expected")
        self._covered, self._dark = found[0].astype(np.uint8), found[1].astype(np.uint8)
        self._left, self._now = found[2].astype(bool), found[3].astype(bool)


def _departed(bare: Mask, stood: Sequence[Box]) -> Mask:
    """The bare patches that lie where one or two remembered things stood."""
    found = np.zeros_like(bare)
    for patch in _patches(bare):
        rows, columns = np.nonzero(patch)
        around: Box = (
            columns.min() / COLUMNS,
            rows.min() / ROWS,
            (columns.max() + 1) / COLUMNS,
            (rows.max() + 1) / ROWS,
        )
        emptied = _distinct(
            box
            for box in stood
            if intersection(box, around) > _HALF * area(box)
            or intersection(grow(box, _BESIDE), around) > _HALF * area(around)
        )
        outside = patch.copy()
        for box in emptied:
            outside[_touched(grow(box, _BESIDE))] = False
        if len(emptied) <= _LEAVE_AT_ONCE and outside.sum() <= _OUTSIDE_PART * patch.sum():
            found |= patch
    return found


def _distinct(boxes: Iterable[Box]) -> list[Box]:
    """Without those that mostly lie on another: one thing may be remembered by two names."""
    found: list[Box] = []
    for box in sorted(boxes, key=area, reverse=True):
        if all(intersection(box, other) <= _HALF * area(box) for other in found):
            found.append(box)
    return found


def _touched(box: Box) -> tuple[slice, slice]:
    x1, y1, x2, y2 = box
    rows = slice(max(0, int(y1 * ROWS)), int(np.ceil(y2 * ROWS)))
    return rows, slice(max(0, int(x1 * COLUMNS)), int(np.ceil(x2 * COLUMNS)))


def _filled(bare: Mask, doubtful: Mask) -> Mask:
    """Bare patches with what lies in and right beside them and does not look as it should: a cover has no holes, and
    a soft edge."""
    filled = bare.copy()
    for patch in _patches(bare):
        if patch.sum() <= _LONE:
            continue
        points = np.argwhere(patch)[:, ::-1].astype(np.int32)
        whole = cv2.fillConvexPoly(np.zeros(bare.shape, np.uint8), cv2.convexHull(points), 1)
        filled |= cv2.dilate(np.asarray(whole, np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & doubtful
    return filled


def _patches(bare: Mask) -> list[Mask]:
    count, labels = cv2.connectedComponents(bare.astype(np.uint8), connectivity=8)
    return [labels == number for number in range(1, count)]
