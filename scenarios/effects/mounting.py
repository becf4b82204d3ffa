"""A pole that shakes: the whole picture moves to and fro by parts of pixels."""

from __future__ import annotations

import cv2
import numpy as np

from scenarios.scene.camera import Image

_REACH = 0.01  # share of the frame's width at strength 1


def shake_offset(amount: float, width: int, rng: np.random.Generator) -> tuple[float, float]:
    """How far (right, down) a frame is off in pixels; poles sway sideways more than they nod."""
    reach = _REACH * width * amount
    return float(rng.uniform(-1, 1) * reach), float(rng.uniform(-0.6, 0.6) * reach)


def shifted(frame: Image, offset: tuple[float, float]) -> Image:
    """The frame moved by ``offset`` (right, down) pixels; the border mirrors what is inside."""
    if offset == (0.0, 0.0):
        return frame
    height, width = frame.shape[:2]
    move = np.array([[1, 0, offset[0]], [0, 1, offset[1]]], np.float64)
    moved = cv2.warpAffine(frame, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8)
