"""Less and less light (黄昏、夜间): dusk and street lamps, the infra-red picture, glowing lamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from scenarios.effects.blending import Plane
from scenarios.scene.camera import Floats, Image

_SKYGLOW = np.array((0.25, 0.2, 0.18), np.float32)  # BGR, what is left without any lamp
_SODIUM = np.array((0.42, 0.62, 0.76), np.float32)
_DUSK = np.array((1.0, 0.93, 0.88), np.float32)  # the blue of the hour between
_IR_NEAR_M = 9.0  # up to here the camera's own infra-red lamps light everything fully
_IR_HAZE = np.float32(7)


@dataclass(frozen=True)
class Lamp:
    """A light in the picture: its middle and radius in pixels, its BGR colour."""

    u: float
    v: float
    radius: float
    colour: tuple[float, float, float]


def lamplight(points: Plane, lamps: Floats) -> Plane:
    """Light (...) of 0 to about 1 at points (..., 3) in metres from street lamps at (L, 3)."""
    total = np.zeros(points.shape[:-1], np.float32)
    for lamp in lamps.astype(np.float32):
        off = points - lamp
        # Street lamps throw more light sideways than down, so that it falls evenly: no cosine here.
        below = np.clip(-off[..., 2] / 2, 0, 1)
        total += below * lamp[2] ** 2 / np.maximum(np.sum(off * off, axis=-1), 1.0)
    return np.asarray(np.minimum(total, 1.0), np.float32)


def darkened(frame: Image, amount: float, lamps: Plane) -> Image:
    """Dusk: at strength 1 only ``lamps`` (H, W), the light of street lamps, and the glow of the sky are left."""
    if amount <= 0:
        return frame
    levels = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    blue = 1 - (1 - _DUSK) * (1 - abs(2 * amount - 1))
    table = (1 - amount) * blue + amount * (_SKYGLOW + levels * _SODIUM)
    steps = cv2.cvtColor(cv2.convertScaleAbs(lamps, alpha=255), cv2.COLOR_GRAY2BGR)
    factor = cv2.LUT(steps, np.clip(table * 255, 0, 255).astype(np.uint8)[None])
    return np.asarray(cv2.multiply(frame, factor, scale=1 / 255.0), np.uint8)


def infrared_reach(distance: Plane) -> Plane:
    """How much of the camera's own infra-red light comes back from distances (...) in metres, 0..1."""
    near = np.minimum(1.0, _IR_NEAR_M / np.maximum(distance, 1.0))
    return np.asarray(near**1.6, np.float32)


def infrared(frame: Image, amount: float, reach: Plane) -> Image:
    """The grey picture of an infra-red camera; ``reach`` (H, W) as from :func:`infrared_reach`, ``amount`` how much
    of the light is its own, so that the far end goes dark."""
    if amount <= 0:
        return frame
    height, width = frame.shape[:2]
    level = (0.9 * (1 - amount) + 1.45 * amount * reach) * _beam(height, width)
    # Cloth and leaves throw infra-red back whatever their colour: less contrast than by day.
    grey = cv2.convertScaleAbs(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), alpha=0.86, beta=16)
    lit = np.clip(np.asarray(grey, np.float32) * level + _IR_HAZE, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(lit, cv2.COLOR_GRAY2BGR), np.uint8)


@lru_cache(maxsize=4)
def _beam(height: int, width: int) -> Plane:
    """What the camera's own lamps throw where (H, W): most in the middle."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    off = ((columns / width - 0.5) ** 2 + (rows / height - 0.55) ** 2) * 2
    return np.asarray(np.clip(1.05 - 0.9 * off, 0.2, 1), np.float32)


def glowing(frame: Image, lamps: Sequence[Lamp], strength: float) -> Image:
    """Lamps as bright spots, each with a halo."""
    if strength <= 0 or not lamps:
        return frame
    height, width = frame.shape[:2]
    spots = np.zeros((height, width, 3), np.uint8)
    for lamp in lamps:
        colour = tuple(min(255.0, part * strength) for part in lamp.colour)
        centre = (int(lamp.u * 8), int(lamp.v * 8))
        cv2.circle(spots, centre, max(8, int(lamp.radius * 6)), colour, -1, cv2.LINE_AA, 3)
    small = cv2.resize(spots, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    halo = cv2.resize(cv2.GaussianBlur(small, (0, 0), width / 180), (width, height))
    return np.asarray(cv2.add(cv2.add(frame, cv2.convertScaleAbs(halo, alpha=1.6)), spots), np.uint8)
