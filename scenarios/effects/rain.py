"""Rain (雨): wet and darker ground, grey distance, streaks in the air, drops on the dome."""

from __future__ import annotations

import cv2
import numpy as np

from scenarios.effects.blending import Plane, mixed
from scenarios.effects.surroundings import FAR_M, Surroundings
from scenarios.scene.camera import Image

_MIST = (128, 125, 120)
_MIST_M = 90.0  # distance at which strong rain hides two thirds
_SLANT = 0.12


def rained(
    frame: Image, amount: float, around: Surroundings, drops_seed: tuple[int, ...], rng: np.random.Generator
) -> Image:
    """Rain of a strength; ``drops_seed`` places the drops on the dome, which stay for a while, ``rng`` the streaks."""
    if amount <= 0:
        return frame
    wet = _wetted(frame, amount, around)
    mist = np.empty_like(frame)
    mist[:] = np.asarray(_MIST) * min(1.0, float(frame.mean()) / 95)
    misty = mixed(wet, mist, _thickness(around, amount))
    return _dropped(_streaked(misty, amount, rng), amount, drops_seed)


def _thickness(around: Surroundings, amount: float) -> Plane:
    """How much of each pixel (H, W) mist hides, 0..1."""
    metres = np.linspace(0, FAR_M, 256)
    table = (1 - np.exp(-metres * (amount / _MIST_M))) * 0.8
    steps = cv2.convertScaleAbs(around.distance, alpha=255 / FAR_M)
    return np.asarray(cv2.LUT(steps, table.astype(np.float32)), np.float32)


def _wetted(frame: Image, amount: float, around: Surroundings) -> Image:
    """Darker ground in which bright things smear downwards."""
    height = frame.shape[0]
    smear = cv2.blur(frame, (3, max(3, height // 7)))
    mirror = cv2.addWeighted(cv2.convertScaleAbs(frame, alpha=1 - 0.45 * amount), 1.0, smear, 0.22 * amount, 0)
    result = frame.copy()
    cv2.copyTo(mirror, around.ground.astype(np.uint8), result)
    return result


def _streaked(frame: Image, amount: float, rng: np.random.Generator) -> Image:
    height, width = frame.shape[:2]
    scale = width / 640
    count = int(260 * amount)
    streaks = np.zeros((height, width), np.uint8)
    starts = rng.uniform((0, -0.1 * height), (width, height), (count, 2))
    lengths = rng.uniform(7, 26, count) * scale
    ends = starts + np.column_stack([lengths * _SLANT, lengths])
    levels = rng.integers(18, 70, count)
    for start, end, level in zip(starts.tolist(), ends.tolist(), levels.tolist(), strict=True):
        near = (int(start[0] * 8), int(start[1] * 8))
        far = (int(end[0] * 8), int(end[1] * 8))
        cv2.line(streaks, near, far, (level,), max(1, round(scale)), cv2.LINE_AA, 3)
    light = min(1.0, float(frame.mean()) / 90)
    soft = cv2.convertScaleAbs(cv2.GaussianBlur(streaks, (0, 0), 0.6), alpha=light)
    return np.asarray(cv2.add(frame, cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR)), np.uint8)


def _dropped(frame: Image, amount: float, seed: tuple[int, ...]) -> Image:
    """Drops on the dome: small lenses that blur and turn upside down what is behind them."""
    rng = np.random.default_rng((*seed, 71))
    height, width = frame.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for _ in range(int(9 * amount * rng.uniform(0.7, 1.3))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radius = rng.uniform(0.006, 0.024) * width
        axes = (max(1, int(radius)), max(1, int(radius * rng.uniform(1.0, 1.5))))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, (float(rng.uniform(0.6, 0.95)),), -1, cv2.LINE_AA)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.8, width / 400)), np.float32)
    small = cv2.resize(frame, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), width / 440)
    behind = cv2.resize(cv2.addWeighted(cv2.flip(soft, 0), 0.35, soft, 0.7, 4), (width, height))
    return mixed(frame, np.asarray(behind, np.uint8), mask)
