"""What lies on or before the lens, and how sharp it is: covers, dirt, defocus."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from scenarios.effects.blending import Plane, mixed
from scenarios.language.conditions import BLUR_RADIUS
from scenarios.scene.camera import Image
from scenarios.scene.textures import noise

_EDGE = 0.08  # a cover so close to the lens has no sharp edge; share of the frame it takes to fade


def cover_mask(height: int, width: int, amount: float, seed: int) -> Plane:
    """How much of each pixel (H, W) a cover hides, 0..1; on average ``amount``. It grows from one side."""
    low = (amount * (1 + _EDGE) - _spread(height, width, seed)) / _EDGE
    return np.asarray(np.clip(low, 0, 1), np.float32)


@lru_cache(maxsize=16)
def _spread(height: int, width: int, seed: int) -> Plane:
    """When a growing cover reaches each pixel (H, W): its rank among all, 0..1."""
    rng = np.random.default_rng((seed, 61))
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    across = (columns / width - 0.5) * np.cos(angle) + (rows / height - 0.5) * np.sin(angle)
    wave = cv2.GaussianBlur(rng.standard_normal((height // 8, width // 8)).astype(np.float32), (0, 0), 6)
    field = across + 1.5 * np.asarray(cv2.resize(wave, (width, height)), np.float32)
    rank = np.empty(height * width, np.float32)
    rank[np.argsort(field, axis=None, kind="stable")] = np.linspace(0, 1, height * width, dtype=np.float32)
    return rank.reshape(height, width)


@lru_cache(maxsize=8)
def _cloth(height: int, width: int, seed: int) -> Image:
    """What is seen of a cover: next to nothing, far out of focus."""
    rng = np.random.default_rng((seed, 62))
    tone = rng.uniform(26, 58) * rng.uniform(0.85, 1.15, 3)
    light = np.linspace(0.92, 1.08, height)[:, None, None]
    return np.asarray(np.clip(np.ones((height, width, 3)) * tone * light, 0, 255), np.uint8)


def covered(frame: Image, amount: float, seed: int) -> Image:
    """A cloth, hand or leaf hides ``amount`` of the frame."""
    if amount <= 0:
        return frame
    height, width = frame.shape[:2]
    return mixed(frame, _cloth(height, width, seed), cover_mask(height, width, amount, seed))


@lru_cache(maxsize=8)
def _blotches(height: int, width: int, seed: int) -> Plane:
    """Opacity (H, W) of dried drops, dust and a wiped smear on a dome at full strength."""
    rng = np.random.default_rng((seed, 63))
    plane = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(26, 40))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radius = rng.uniform(0.01, 0.075) * width
        axes = (max(1, int(radius)), max(1, int(radius * rng.uniform(0.6, 1.4))))
        layer = np.zeros_like(plane)
        cv2.ellipse(layer, centre, axes, rng.uniform(0, 180), 0, 360, (rng.uniform(0.5, 1.0),), -1)
        plane = np.maximum(plane, np.asarray(cv2.GaussianBlur(layer, (0, 0), 1 + radius * 0.25), np.float32))
    smear = np.zeros_like(plane)
    start = np.array([rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height])
    end = start + rng.uniform(-0.5, 0.5, 2) * width
    cv2.line(smear, tuple(start.astype(int)), tuple(end.astype(int)), (0.4,), max(2, width // 12), cv2.LINE_AA)
    plane = np.maximum(plane, np.asarray(cv2.GaussianBlur(smear, (0, 0), width / 50), np.float32))
    dust = 0.14 + 0.05 * noise(rng, height, width, "cloud")
    return np.asarray(
        np.clip(plane * (0.85 + 0.2 * noise(rng, height, width, "mixed")) + dust, 0, 0.95), np.float32
    )


def dirty(frame: Image, amount: float, seed: int) -> Image:
    """Blotches on the dome: what is behind them is blurred and greyed."""
    if amount <= 0:
        return frame
    height, width = frame.shape[:2]
    soft = cv2.GaussianBlur(
        cv2.resize(frame, (width // 4, height // 4), interpolation=cv2.INTER_AREA), (0, 0), 2.5
    )
    grime = np.asarray(cv2.convertScaleAbs(cv2.resize(soft, (width, height)), alpha=0.42, beta=46), np.uint8)
    return mixed(frame, grime, _blotches(height, width, seed) * np.float32(amount))


def defocused(frame: Image, amount: float) -> Image:
    """Blur by a circle of confusion whose radius is 2 % of the frame's width at strength 1."""
    sigma = BLUR_RADIUS * frame.shape[1] * amount / 2
    return frame if sigma < 0.15 else np.asarray(cv2.GaussianBlur(frame, (0, 0), sigma), np.uint8)
