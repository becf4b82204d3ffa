"""The mosaic: every covered pixel belongs to one block of one nested grid, and shows that block's mean colour.

Block sides are powers of two counted from the frame's corner, so a fine block lies wholly inside one coarse block
and no pixel is averaged twice in two different ways: two grids over the same pixels would tell more than either.
Means are rounded to coarse steps, because the exact means of a dozen blocks over a plate are enough to try all
numbers until one fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from detectors.types import Frame


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle to cover, in whole pixels: left <= x < right, top <= y < bottom; `block` is the blocks' side."""

    left: int
    top: int
    right: int
    bottom: int
    block: int

    def touches(self, other: Region) -> bool:
        """Whether the two share a pixel."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


def on_the_grid(
    box: tuple[float, float, float, float], at_least_px: float, width: int, height: int
) -> Region | None:
    """`box` (pixels: left, top, right, bottom) grown to whole blocks of at least `at_least_px` a side.

    Clipped to a frame of `width` x `height`; None where nothing of the box lies inside.
    """
    block = 1 << max(0, ceil(at_least_px) - 1).bit_length()
    left, top = max(0, floor(box[0])), max(0, floor(box[1]))
    right, bottom = min(width, ceil(box[2])), min(height, ceil(box[3]))
    if left >= right or top >= bottom:
        return None
    return Region(
        left // block * block,
        top // block * block,
        min(width, ceil(right / block) * block),
        min(height, ceil(bottom / block) * block),
        block,
    )


def pixelate(image: Frame, regions: Iterable[Region], colour_step: int) -> None:
    """Cover `regions` of `image` (uint8 H x W x 3) in place; pixels outside them stay.

    Each block shows its mean, rounded to a multiple of `colour_step`; where regions overlap the coarsest counts.
    """
    plain = image.copy()
    for region in sorted(regions, key=lambda each: each.block):
        part = plain[region.top : region.bottom, region.left : region.right]
        image[region.top : region.bottom, region.left : region.right] = _blocks(part, region.block, colour_step)


def _blocks(part: NDArray[np.uint8], block: int, step: int) -> NDArray[np.uint8]:
    height, width = part.shape[:2]
    rows, columns = np.arange(0, height, block), np.arange(0, width, block)
    sums = np.add.reduceat(np.add.reduceat(part.astype(np.float64), rows, axis=0), columns, axis=1)
    high, wide = np.diff(np.append(rows, height)), np.diff(np.append(columns, width))
    means = sums / (high[:, None] * wide[None, :])[..., None]
    coarse = np.minimum(np.rint(means / step) * step, 255).astype(np.uint8)
    return np.asarray(coarse.repeat(high, axis=0).repeat(wide, axis=1))
