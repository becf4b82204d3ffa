"""How the present picture lies over the reference view (配准): a homography, in fractions of the frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.places.geometry import clip
from ingest.boxes import area
from ingest.messages import Box

Matrix = NDArray[np.float64]
Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_FARTHEST = 0.35
_AREA = (0.6, 1.7)
_STRAIGHT = 0.002
_SHOWN_PART = 0.25
_GRID = (36, 64)
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


@dataclass(frozen=True)
class Warp:
    """Where a point of the reference view is in the present picture; both in fractions, ``rows`` the 3 x 3 matrix."""

    rows: tuple[tuple[float, float, float], ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

    @classmethod
    def of(cls, matrix: Matrix) -> Warp:
        """From a 3 x 3 matrix of any scale; raises ValueError for one that is none."""
        plain = np.asarray(matrix, np.float64)
        if plain.shape != (3, 3) or not np.isfinite(plain).all() or abs(plain[2, 2]) < 1e-9:
            raise ValueError(f"no homography: {plain.tolist()}")
        rows = (plain / plain[2, 2]).tolist()
        return cls((tuple(rows[0]), tuple(rows[1]), tuple(rows[2])))

    @classmethod
    def of_pixels(cls, matrix: Matrix, width: int, height: int) -> Warp:
        """From a matrix between pixels of two pictures of one size."""
        scale = np.diag([width, height, 1.0])
        return cls.of(np.linalg.inv(scale) @ matrix @ scale)

    @property
    def matrix(self) -> Matrix:
        """The 3 x 3 matrix."""
        return np.array(self.rows, np.float64)

    def pixels(self, width: int, height: int) -> Matrix:
        """The matrix between pixels of pictures of that size."""
        scale = np.diag([width, height, 1.0])
        return np.asarray(scale @ self.matrix @ np.linalg.inv(scale), np.float64)

    def now(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (N x 2) of the reference view are in the present picture."""
        return _apply(self.matrix, points)

    def back(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (N x 2) of the present picture are in the reference view."""
        return _apply(np.asarray(np.linalg.inv(self.matrix), np.float64), points)

    @property
    def straight(self) -> bool:
        """Whether no corner is off by more than a fifth of a percent of the frame: nothing has to be moved."""
        return self.farthest <= _STRAIGHT

    @property
    def farthest(self) -> float:
        """How far the corner that moved most is off, in parts of the frame."""
        return float(np.abs(self.now(_CORNERS) - _CORNERS).max())

    @property
    def plausible(self) -> bool:
        """Whether a camera that was knocked could see it like this: not too far off, not turned over."""
        moved = self.now(_CORNERS)
        if not np.isfinite(moved).all() or self.farthest > _FARTHEST:
            return False
        size = float(cv2.contourArea(moved.astype(np.float32)))
        return _AREA[0] <= size <= _AREA[1] and bool(cv2.isContourConvex(moved.astype(np.float32)))

    def shift(self, width: int, height: int) -> tuple[float, float, float]:
        """How far the middle of the view has moved right and down (fractions), and the turn, degrees clockwise."""
        points = np.array([[0.5, 0.5], [0.4, 0.5], [0.6, 0.5]])
        middle, left, right = self.now(points) * (width, height)
        turn = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
        return float(middle[0]) / width - 0.5, float(middle[1]) / height - 0.5, turn

    def box_back(self, box: Box) -> Box | None:
        """A box of the present picture in the reference view, by the middles of its sides so that a turn does not
        make it grow; None where too little of it lies there."""
        return box if self.straight else _moved(box, self.back)

    def box_now(self, box: Box) -> Box | None:
        """A box of the reference view in the present picture; None where too little of it lies there."""
        return box if self.straight else _moved(box, self.now)

    def straightened(self, image: Image) -> Image:
        """The picture as the reference view would show it; what it does not show is black."""
        if self.straight:
            return image
        height, width = image.shape[:2]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpPerspective(image, self.pixels(width, height), (width, height), flags=flags), np.uint8
        )

    def outside(self, height: int, width: int) -> Mask:
        """The pixels of a straightened picture of that size that the present one does not show, its outermost ones
        too: those are blended with nothing."""
        if self.straight:
            return np.zeros((height, width), bool)
        whole = self.straightened(np.full((height, width), 255, np.uint8))
        return cv2.erode(whole, np.ones((3, 3), np.uint8), borderValue=255) < 255

    def unseen_boxes(self) -> list[Box]:
        """Boxes over the part of the reference view that the present picture does not show."""
        return [] if self.straight else rectangles(self._outside(*_GRID))

    def _outside(self, rows: int, columns: int) -> Mask:
        ys, xs = np.mgrid[0:rows, 0:columns]
        points = np.column_stack([(xs.ravel() + 0.5) / columns, (ys.ravel() + 0.5) / rows])
        moved = self.now(np.asarray(points, np.float64))
        return np.asarray(((moved < 0) | (moved > 1)).any(axis=1).reshape(rows, columns))


def _moved(box: Box, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Box | None:
    x1, y1, x2, y2 = box
    cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
    left, top, right, bottom = move(np.array([[x1, cy], [cx, y1], [x2, cy], [cx, y2]])).tolist()
    whole = (left[0], top[1], right[0], bottom[1])
    whole_area, shown = area(whole), clip(whole)
    return shown if whole_area > 0 and area(shown) >= _SHOWN_PART * whole_area else None


def _apply(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    # Written out: OpenCV's function wants another shape and gives float32 for it.
    lifted = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(lifted[:, :2] / lifted[:, 2:], np.float64)


def rectangles(mask: Mask) -> list[Box]:
    """Few boxes (fractions) that together cover exactly the true cells of a grid: runs of rows that agree."""
    rows, columns = mask.shape
    found: list[Box] = []
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(rows + 1):
        runs = set(_runs(mask[row])) if row < rows else set()
        for run in [run for run in open_runs if run not in runs]:
            top = open_runs.pop(run)
            found.append((run[0] / columns, top / rows, run[1] / columns, row / rows))
        for run in runs:
            open_runs.setdefault(run, row)
    return sorted(found)


def _runs(row: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
