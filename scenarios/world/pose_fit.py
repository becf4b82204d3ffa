"""A pinhole camera from known ground points (由标定点求相机): for recordings and background pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from scenarios.scene.camera import Camera, Floats

MAX_ERROR = 0.03
"""Root mean square distance between points and fit, in frame widths, beyond which the points are wrong."""
_GOLDEN = (math.sqrt(5) - 1) / 2


def fit_camera(points: Sequence[tuple[float, float, float, float]], width: int, height: int) -> Camera:
    """The pinhole camera whose picture of the ground fits ``points`` best.

    Args:
        points: x, y as fractions of the frame; x, y on the ground in metres. Four or more, not on one line.
        width, height: The frame's pixels. Pixels are taken to be square, the optical axis in the middle.

    Raises:
        ValueError: No camera above the ground sees the points so.
    """
    picture = np.array([(u * width, v * height) for u, v, _, _ in points])
    ground = np.array([(x, y, 0.0) for _, _, x, y in points])
    focals = np.geomspace(0.2, 8.0, 40) * width
    errors = [_pose(f, ground, picture, width, height)[0] for f in focals]
    best = int(np.argmin(errors))
    low, high = math.log(focals[max(best - 1, 0)]), math.log(focals[min(best + 1, len(focals) - 1)])
    for _ in range(40):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        errors_of = [_pose(math.exp(x), ground, picture, width, height)[0] for x in (left, right)]
        low, high = (low, right) if errors_of[0] <= errors_of[1] else (left, high)
    focal = math.exp((low + high) / 2)
    error, axes, position = _pose(focal, ground, picture, width, height)
    if not error < MAX_ERROR * width:
        raise ValueError("ground_points: no camera above the ground sees them so; check whether two are swapped")
    yaw, pitch, roll = _angles(axes)
    x, y, up = position.tolist()
    return Camera(x, y, up, yaw, pitch, focal, roll, width, height)


def _pose(focal: float, ground: Floats, picture: Floats, width: int, height: int) -> tuple[float, Floats, Floats]:
    """Root mean square error in pixels (infinite where there is no pose), axes (3, 3) and position (3,)."""
    lens = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    best = (math.inf, np.eye(3), np.zeros(3))
    count, turns, shifts, errors = cv2.solvePnPGeneric(ground, picture, lens, None, flags=cv2.SOLVEPNP_IPPE)
    for index in range(count):
        axes = np.asarray(cv2.Rodrigues(turns[index])[0], np.float64)
        position = -axes.T @ np.asarray(shifts[index], np.float64).ravel()
        error = float(np.ravel(errors[index])[0])
        if position[2] > 0 and math.isfinite(error) and error < best[0]:
            best = (error, axes, position)
    return best


def _angles(axes: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll of the axes right, down, forward."""
    forward = axes[2]
    pitch = -math.asin(max(-1.0, min(1.0, float(forward[2]))))
    yaw = math.atan2(float(forward[0]), float(forward[1]))
    right = np.array([math.cos(yaw), -math.sin(yaw), 0.0])
    down = np.cross(forward, right)
    return yaw, pitch, math.atan2(-float(axes[0] @ down), float(axes[0] @ right))
