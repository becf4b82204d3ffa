"""The change test (变化检测): where a picture differs from the one that the detector last looked at.

Works on a small grey picture. An even change of light and gain is taken out, noise is measured, and what is left is
averaged over cells, so that sensor noise and compression do not count and a small thing does. The comparison is with
the picture of the last inference, never of the last look: what creeps or fades in adds up until it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Frame
from ingest.messages import Box
from ingest.zones import Polygon

WIDTH = 320
BLOCK = 8
_CELL = 4
_LEAST_DIFFERENCE = 5.0
_NOISE_TIMES = 1.6
_MOST_NOISE = 6.0
"""More than this is taken for texture or rain, so that a wild picture never makes the test deaf."""
_LOCAL_PART = 0.38
_GAIN_SPREAD = 3.0
_LIGHT_STEP = 18.0
_ENOUGH_PIXELS = 5000
_GAIN_STEP = 1.3

Grey = NDArray[np.uint8]
Blocks = NDArray[np.bool_]
"""rows x columns of the picture's blocks; the last row and column may be smaller blocks."""


@dataclass(frozen=True)
class Change:
    """``blocks``: where the picture differs. ``light``: whether the light of the whole picture does."""

    blocks: Blocks
    light: bool

    def within(self, attended: Blocks) -> Change:
        """The same, as far as it lies in ``attended`` blocks."""
        return Change(self.blocks & attended, self.light)


def small_grey(frame: Frame) -> Grey:
    """``frame`` (uint8, H x W x 3, BGR) as the test compares it: grey, at most ``WIDTH`` wide, lightly smoothed."""
    height, width = frame.shape[:2]
    if width > WIDTH:
        size = (WIDTH, max(1, round(height * WIDTH / width)))
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), (3, 3), 0), np.uint8)


def compare(before: Grey, now: Grey) -> Change:
    """Where ``now`` differs from ``before``, two small grey pictures of one size. Raises ValueError otherwise."""
    if before.shape != now.shape:
        raise ValueError(f"pictures of {before.shape} and {now.shape} cannot be compared; start anew")
    was, current = before.astype(np.float32), now.astype(np.float32)
    gain, offset = _light(was, current)
    residual = _without_local_light(current - (gain * was + offset))
    cells = _means(np.abs(residual), _CELL)
    limit = max(_LEAST_DIFFERENCE, _NOISE_TIMES * min(_MOST_NOISE, max(noise(was), noise(current))))
    blocks = _split((cells > limit).astype(np.float32), BLOCK // _CELL).max(axis=(1, 3)) > 0
    step = abs(float(current.mean()) - float(was.mean()))
    light = step > _LIGHT_STEP or not 1 / _GAIN_STEP < gain < _GAIN_STEP
    return Change(np.asarray(blocks, np.bool_), light)


def noise(grey: NDArray[np.float32]) -> float:
    """Standard deviation of the noise in a picture, grey levels: the median answer of a filter that sees no edges."""
    if min(grey.shape) < 3:
        return 0.0
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = np.abs(cv2.filter2D(grey, cv2.CV_32F, kernel))[1:-1, 1:-1]
    # A tenth of the pixels gives the same median and is what this costs.
    return float(np.median(answer[::2, ::5] if answer.size > _ENOUGH_PIXELS else answer)) / (0.6745 * 6.0)


def touched(box: Box, blocks: Blocks, shape: tuple[int, ...]) -> bool:
    """Whether a changed block lies under ``box`` (fractions of a picture of that small ``shape``)."""
    rows, columns = _span(box, shape)
    return bool(blocks[rows, columns].any())


def blocks_of(polygons: Sequence[Polygon], boxes: Sequence[Box], shape: tuple[int, ...]) -> Blocks:
    """The blocks of a picture of that small ``shape`` that touch a polygon (fractions) or a box, or lie beside one."""
    height, width = shape[:2]
    mask = np.zeros((height, width), np.uint8)
    corners = [((x1, y1), (x2, y1), (x2, y2), (x1, y2)) for x1, y1, x2, y2 in boxes]
    for polygon in (*polygons, *corners):
        points = np.rint(np.array(polygon) * (width, height)).astype(np.int32)
        cv2.fillPoly(mask, [points], 1)
    mask = np.asarray(cv2.dilate(mask, np.ones((BLOCK + 1, BLOCK + 1), np.uint8)), np.uint8)
    return np.asarray(_split(mask.astype(np.float32), BLOCK).max(axis=(1, 3)) > 0, np.bool_)


def uncovered(boxes: Sequence[Box], blocks: Blocks, shape: tuple[int, ...]) -> bool:
    """Whether a changed block lies in none of ``boxes`` wholly."""
    left = blocks.copy()
    height, width = shape[:2]
    for x1, y1, x2, y2 in boxes:
        top, bottom = int(np.ceil(y1 * height / BLOCK - 1e-6)), _whole_blocks(y2 * height, height)
        first, last = int(np.ceil(x1 * width / BLOCK - 1e-6)), _whole_blocks(x2 * width, width)
        left[top:bottom, first:last] = False
    return bool(left.any())


def _whole_blocks(end_px: float, side: int) -> int:
    return int(np.ceil(side / BLOCK)) if end_px >= side - 1e-6 else int(end_px / BLOCK + 1e-6)


def _span(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    height, width = shape[:2]
    rows = slice(int(box[1] * height / BLOCK), max(int(box[1] * height / BLOCK) + 1, _up(box[3] * height)))
    columns = slice(int(box[0] * width / BLOCK), max(int(box[0] * width / BLOCK) + 1, _up(box[2] * width)))
    return rows, columns


def _up(end_px: float) -> int:
    return int(np.ceil(end_px / BLOCK - 1e-6))


def _light(was: NDArray[np.float32], now: NDArray[np.float32]) -> tuple[float, float]:
    """Gain and offset of the light between two pictures, by what did not change; flat pictures have gain 1."""
    every = max(1, was.size // _ENOUGH_PIXELS) | 1
    a, b = was.ravel()[::every], now.ravel()[::every]
    keep = np.ones(a.shape, bool)
    gain, offset = 1.0, 0.0
    for _ in range(3):
        x, y = a[keep], b[keep]
        spread = float(x.std())
        gain = 1.0 if spread < _GAIN_SPREAD else float(((x - x.mean()) * (y - y.mean())).mean()) / spread**2
        gain = min(4.0, max(0.25, gain))
        offset = float(np.median(y - gain * x))
        off = np.abs(b - (gain * a + offset))
        keep = off <= max(2.0, 1.5 * float(np.median(off)))
        if int(keep.sum()) < 16:
            break
    return gain, offset


def _without_local_light(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    side = max(3, int(residual.shape[1] * _LOCAL_PART) | 1)
    clipped = np.clip(residual, -12.0, 12.0)
    return np.asarray(residual - cv2.boxFilter(clipped, -1, (side, side)), np.float32)


def _means(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Mean of each ``side`` x ``side`` cell, the edge repeated where it does not fit."""
    height, width = values.shape
    below, right = -height % side, -width % side
    padded = cv2.copyMakeBorder(values, 0, below, 0, right, cv2.BORDER_REPLICATE) if below or right else values
    size = (padded.shape[1] // side, padded.shape[0] // side)
    return np.asarray(cv2.resize(padded, size, interpolation=cv2.INTER_AREA), np.float32)


def _split(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """H x W as rows x side x columns x side, the edge repeated where it does not fit."""
    height, width = values.shape
    padded = np.pad(values, ((0, -height % side), (0, -width % side)), mode="edge")
    return padded.reshape(padded.shape[0] // side, side, padded.shape[1] // side, side)
