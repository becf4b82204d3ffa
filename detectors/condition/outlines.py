"""Outlines of a small picture, and how far those of two pictures agree, block by block (轮廓一致性).

Outlines outlast what levels do not: the light of the day, infra-red, rain. Pure; greys are uint8 H x W.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]

ROWS, COLUMNS = 9, 16
"""A picture is judged in so many blocks."""

_SMOOTH = 1.0
_SURROUNDINGS = 31
_LEAST_CONTRAST = 4.0
_TEXTURED = 6.0
_FINE = 0.9
_COARSE = 2.6
_USABLE_PART = 0.5


@dataclass(frozen=True)
class Outlines:
    """Gradients of one picture (float32 H x W): ``right`` and ``down`` relative to the contrast around, ``strength``
    in grey levels; ``fine`` and ``coarse`` are two bands of its detail."""

    right: Plane
    down: Plane
    strength: Plane
    fine: Plane
    coarse: Plane


def outlines(grey: Grey) -> Outlines:
    """The outlines of a small picture."""
    plain = np.asarray(grey, np.float32)
    soft = cv2.GaussianBlur(plain, (0, 0), _SMOOTH)
    right, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    strength = cv2.magnitude(right, down)
    around = cv2.boxFilter(strength, -1, (_SURROUNDINGS, _SURROUNDINGS)) + _LEAST_CONTRAST
    middle = cv2.GaussianBlur(plain, (0, 0), _FINE)
    far = cv2.GaussianBlur(plain, (0, 0), _COARSE)
    return Outlines(
        np.asarray(right / around, np.float32),
        np.asarray(down / around, np.float32),
        np.asarray(strength, np.float32),
        np.asarray(plain - middle, np.float32),
        np.asarray(middle - far, np.float32),
    )


def blocks(values: NDArray[np.generic]) -> Plane:
    """The mean of each block, float32 ROWS x COLUMNS."""
    plane = np.asarray(values, np.float32)
    return np.asarray(cv2.resize(plane, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)


def telling(kept: Outlines, usable: Mask) -> Mask:
    """Blocks (ROWS x COLUMNS) that have enough outlines and are ``usable`` (H x W) enough to be compared."""
    return (blocks(kept.strength) >= _TEXTURED) & (blocks(usable) >= _USABLE_PART)


def agreement(kept: Outlines, now: Outlines, usable: Mask) -> Plane:
    """How far the outlines agree in each block, -1..1 (ROWS x COLUMNS), over the ``usable`` pixels (H x W)."""
    weight = usable.astype(np.float32)
    both = blocks((kept.right * now.right + kept.down * now.down) * weight)
    mine = blocks((kept.right**2 + kept.down**2) * weight)
    theirs = blocks((now.right**2 + now.down**2) * weight)
    return np.asarray(both / np.sqrt(np.maximum(mine * theirs, 1e-12)), np.float32)


def sharpness(kept: Outlines, now: Outlines, where: Mask) -> float | None:
    """How much of the fine detail is left beside the coarse, 1 as it was: over the blocks ``where``.

    Only detail that both pictures share counts, so that noise and rain neither add nor take any. None where nothing
    can be told.
    """
    if not where.any():
        return None

    def left(before: Plane, after: Plane) -> float | None:
        whole = float(blocks(before * before)[where].sum())
        return float(blocks(before * after)[where].sum()) / whole if whole > 0 else None

    fine, coarse = left(kept.fine, now.fine), left(kept.coarse, now.coarse)
    if fine is None or coarse is None or coarse <= 0:
        return None
    return max(0.0, fine / coarse)
