"""Noise and surface textures, made once per process and cut out at random offsets.

The tiles come from fixed seeds: the same request with the same offset always gives the same picture.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scenarios.scene.camera import Image

Plane = NDArray[np.float32]
_TILE = 1024


def _octave(rng: np.random.Generator, cells: int) -> Plane:
    """Smooth wrapping noise (1024, 1024) with about ``cells`` bumps across, roughly -1..1."""
    small = rng.standard_normal((cells, cells)).astype(np.float32)
    wrapped = np.pad(small, 2, mode="wrap")
    step = _TILE // cells
    big = cv2.resize(wrapped, ((cells + 4) * step, (cells + 4) * step), interpolation=cv2.INTER_CUBIC)
    return np.asarray(big[2 * step : 2 * step + cells * step, 2 * step : 2 * step + cells * step], np.float32)


@lru_cache(maxsize=8)
def noise_tile(kind: str) -> Plane:
    """A noise tile (1024, 1024): ``fine`` (grains), ``cloud`` (stains) or ``mixed`` (both)."""
    rng = np.random.default_rng({"fine": 11, "cloud": 12, "mixed": 13}[kind])
    if kind == "fine":
        field = rng.standard_normal((_TILE, _TILE)).astype(np.float32)
        return np.asarray(cv2.GaussianBlur(field, (0, 0), 0.7), np.float32) * 2.2
    scales = {"cloud": (4, 8, 16, 32), "mixed": (8, 32, 128, 256)}[kind]
    total = sum((_octave(rng, cells) / (i + 1.0) for i, cells in enumerate(scales)), np.float32(0))
    return np.asarray(total / np.std(total), np.float32)


def noise(rng: np.random.Generator, height: int, width: int, kind: str) -> Plane:
    """Noise (height, width) of deviation about 1, cut from a tile at a random offset."""
    tile = noise_tile(kind)
    y, x = int(rng.integers(_TILE)), int(rng.integers(_TILE))
    high, wide = -(-(y + height) // _TILE), -(-(x + width) // _TILE)
    if high == wide == 1:
        return tile[y : y + height, x : x + width]
    if max(high, wide) <= 2:
        return _doubled(kind)[y : y + height, x : x + width]
    return np.tile(tile, (high, wide))[y : y + height, x : x + width]


@lru_cache(maxsize=4)
def _doubled(kind: str) -> Plane:
    return np.tile(noise_tile(kind), (2, 2))


@lru_cache(maxsize=64)
def _grain_tile(height: int, width: int, strength: float) -> Image:
    tile = noise_tile("mixed")
    rows, columns = np.arange(height) % _TILE, np.arange(width) % _TILE
    flat = 128 + 128 * strength * tile[rows[:, None], columns[None, :]]
    bgra = np.repeat(np.clip(flat, 0, 255).astype(np.uint8)[..., None], 4, axis=2)
    bgra[..., 3] = 128
    return bgra


def grain(height: int, width: int, strength: float) -> Image:
    """Factors (height, width, 4) times 128 that roughen a BGRA patch and leave its coverage alone."""
    tall, wide = -(-height // 128) * 128, -(-width // 128) * 128
    return np.ascontiguousarray(_grain_tile(tall, wide, strength)[:height, :width])


def surface(
    rng: np.random.Generator, height: int, width: int, colour: tuple[float, float, float], rough: float
) -> Image:
    """A rough surface (height, width, 3) of one colour with grains and stains; ``rough`` in grey levels."""
    shade = noise(rng, height, width, "fine") * (rough * 0.6) + noise(rng, height, width, "cloud") * (rough * 0.7)
    return np.asarray(cv2.merge([cv2.convertScaleAbs(shade, beta=part) for part in colour]), np.uint8)


def slabs(
    rng: np.random.Generator,
    height: int,
    width: int,
    colour: tuple[float, float, float],
    slab_px: tuple[int, int],
) -> Image:
    """Paving slabs (height, width, 3), each of its own tint, with dark joints; ``slab_px`` is (rows, columns)."""
    picture = surface(rng, height, width, colour, 7.0)
    rows, columns = -(-height // slab_px[0]), -(-width // slab_px[1])
    tint = rng.normal(128, 6, (rows, columns)).astype(np.uint8)
    spread = np.repeat(np.repeat(tint, slab_px[0], axis=0), slab_px[1], axis=1)[:height, :width].copy()
    spread[:: slab_px[0]] -= 24
    spread[:, :: slab_px[1]] -= 24
    return np.asarray(
        cv2.addWeighted(picture, 1.0, cv2.cvtColor(spread, cv2.COLOR_GRAY2BGR), 1.0, -128.0), np.uint8
    )
