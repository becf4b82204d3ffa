"""A drawn street for the parts that look at pixels: textured ground, light, noise, and things put on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Detections
from ingest.messages import Box
from ingest.taxonomy import ObjectClass

WIDTH, HEIGHT = 640, 360
BAG: Box = (0.4, 0.5, 0.48, 0.62)
_NOISES = 16


@dataclass(frozen=True)
class Item:
    """Something drawn; ``kind`` is what the detector calls it, None when it does not see it."""

    box: Box
    kind: ObjectClass | None = None
    seed: int = 1
    score: float = 0.8


def ground(seed: int = 5) -> NDArray[np.float64]:
    """A street without anything on it: soft blotches, fine grain and a kerb line."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(90, 150, (12, 20, 3)), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    picture = coarse + rng.normal(0, 6, (HEIGHT, WIDTH, 3))
    picture[200:206] = 200
    return picture


class PixelStreet:
    """Draws frames; the same arguments give the same frame."""

    def __init__(self) -> None:
        self._ground = ground().astype(np.float32)
        rng = np.random.default_rng(11)
        self._noise = rng.normal(0, 2, (_NOISES, *self._ground.shape)).astype(np.float32)
        # Most scenes stand still: what is drawn twice is kept, a few scenes of all their noises.
        self._kept = lru_cache(maxsize=4 * _NOISES)(self._drawn)

    def frame(
        self, look: int, items: Sequence[Item] = (), gain: float = 1.0, offset: float = 0
    ) -> NDArray[np.uint8]:
        """Frame of look number ``look`` (uint8, 360 x 640 x 3) in light of that strength, with sensor noise."""
        return self._kept(look % _NOISES, tuple(items), gain, offset).copy()

    def _drawn(self, noise: int, items: tuple[Item, ...], gain: float, offset: float) -> NDArray[np.uint8]:
        picture = self._ground.copy()
        for item in items:
            left, top, right, bottom = pixels(item.box)
            rng = np.random.default_rng(item.seed)
            colours = rng.uniform(0, 255, (4, 4, 3))
            size = (right - left, bottom - top)
            picture[top:bottom, left:right] = cv2.resize(colours, size, interpolation=cv2.INTER_NEAREST)
        return np.clip(picture * gain + offset + self._noise[noise], 0, 255).astype(np.uint8)


def pixels(box: Box) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels."""
    return round(box[0] * WIDTH), round(box[1] * HEIGHT), round(box[2] * WIDTH), round(box[3] * HEIGHT)


def detections(items: Sequence[Item]) -> Detections:
    """What the pretend detector reports of ``items``."""
    found = [item for item in items if item.kind is not None]
    if not found:
        return Detections.empty()
    return Detections(
        np.array([item.box for item in found], np.float32),
        np.array([item.score for item in found], np.float32),
        tuple(item.kind for item in found if item.kind is not None),
    )
