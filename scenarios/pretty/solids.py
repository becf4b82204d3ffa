"""Shapes as plain arrays for Blender: faces and round limbs merged into one list of polygons."""

from __future__ import annotations

from typing import Any

import numpy as np

Arrays = dict[str, "np.ndarray[Any, Any]"]

_AROUND, _RINGS = 12, 4


def linear(colours: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """BGR (N, 3), 0-255 as on a screen, to linear RGBA (N, 4) as a renderer wants it."""
    screen = np.clip(np.asarray(colours, np.float64)[:, ::-1] / 255.0, 0, 1)
    light = np.where(screen <= 0.04045, screen / 12.92, ((screen + 0.055) / 1.055) ** 2.4)
    return np.column_stack([light, np.ones(len(light))])


def limbs(capsules: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Round limbs (C, 8) as vertices (C * V, 3) and quads (C * Q, 4), each limb closed by half balls."""
    angles = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    tilt = np.linspace(-np.pi / 2 + 0.12, 0, _RINGS)
    rings = np.concatenate([tilt, -tilt[::-1]])
    at_end = np.arange(2 * _RINGS) >= _RINGS
    count = 2 * _RINGS * _AROUND
    start, end = capsules[:, 0:3], capsules[:, 3:6]
    axis = end - start
    length = np.linalg.norm(axis, axis=1, keepdims=True)
    axis = np.where(length > 1e-9, axis / np.maximum(length, 1e-9), (0.0, 0.0, 1.0))
    helper = np.where(np.abs(axis[:, 2:3]) < 0.9, (0.0, 0.0, 1.0), (1.0, 0.0, 0.0))
    side = np.cross(axis, helper)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(axis, side)
    radius = np.where(at_end[None, :], capsules[:, 7:8], capsules[:, 6:7])
    centre = np.where(at_end[None, :, None], end[:, None, :], start[:, None, :])
    along = (radius * np.sin(rings))[:, :, None] * axis[:, None, :]
    out = radius * np.cos(rings)
    circle = np.cos(angles)[None, :, None] * side[:, None, :] + np.sin(angles)[None, :, None] * other[:, None, :]
    points = (centre + along)[:, :, None, :] + out[:, :, None, None] * circle[:, None, :, :]
    index = np.arange(count).reshape(2 * _RINGS, _AROUND)
    low, high = index[:-1], index[1:]
    quads = np.stack([low, np.roll(low, -1, 1), np.roll(high, -1, 1), high], axis=2).reshape(-1, 4)
    all_quads = (quads[None] + (np.arange(len(capsules)) * count)[:, None, None]).reshape(-1, 4)
    return points.reshape(-1, 3), all_quads


def leaves(balls: np.ndarray[Any, Any], seed: int, each: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Leaf cards in place of balls (C, 8): vertices (C * each * 4, 3) and quads, lying every way."""
    rng = np.random.default_rng((seed, 505))
    count = len(balls) * each
    centres = np.repeat(balls[:, :3], each, axis=0)
    radius = np.repeat(balls[:, 6], each)[:, None]
    outward = rng.normal(size=(count, 3))
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    centres = centres + outward * radius * rng.uniform(0.5, 1.5, (count, 1))
    first = np.cross(outward + rng.normal(0, 0.5, (count, 3)), rng.normal(size=(count, 3)))
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(outward, first)
    second /= np.maximum(np.linalg.norm(second, axis=1, keepdims=True), 1e-6)
    half = rng.uniform(0.04, 0.075, (count, 1))
    corners = np.stack(
        [
            centres + first * half,
            centres + second * half * 0.7,
            centres - first * half,
            centres - second * half * 0.7,
        ],
        axis=1,
    )
    return corners.reshape(-1, 3), np.arange(count * 4).reshape(-1, 4)
