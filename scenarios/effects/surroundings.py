"""The point of the empty street that each pixel sees: what distance, lamps and rain depend on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.effects.blending import Plane
from scenarios.scene.camera import Camera

FAR_M = 120.0
_EAVES_M = 11.0  # rays that meet a house wall higher than this are taken to see the sky


@dataclass(frozen=True)
class Surroundings:
    """``points`` (H, W, 3) in metres of the street frame, ``distance`` (H, W) in metres from the camera, and
    ``ground`` (H, W) whether it is the ground. The sky is ``FAR_M`` away."""

    points: Plane
    distance: Plane
    ground: np.ndarray
    sky: np.ndarray


def surroundings(camera: Camera, wall_left: float, wall_right: float) -> Surroundings:
    """Follows the ray of each pixel to the ground or a house wall (x of both in metres)."""
    rows, columns = np.mgrid[0 : camera.frame_height, 0 : camera.width].astype(np.float64) + 0.5
    local = np.stack(
        [columns - camera.width / 2, rows - camera.frame_height / 2, np.full_like(rows, camera.focal)], axis=2
    )
    ray = local @ camera.axes
    ray /= np.linalg.norm(ray, axis=2, keepdims=True)
    with np.errstate(divide="ignore"):
        down = np.where(ray[..., 2] < -1e-6, -camera.height / ray[..., 2], np.inf)
        left = np.where(ray[..., 0] < -1e-6, (wall_left - camera.x) / ray[..., 0], np.inf)
        right = np.where(ray[..., 0] > 1e-6, (wall_right - camera.x) / ray[..., 0], np.inf)
    wall = np.minimum(np.where(left > 0.5, left, np.inf), np.where(right > 0.5, right, np.inf))
    wall_z = camera.height + np.where(np.isfinite(wall), wall, 0) * ray[..., 2]
    wall = np.where(wall_z < _EAVES_M, wall, np.inf)
    distance = np.minimum(np.minimum(down, wall), FAR_M)
    points = camera.position + ray * distance[..., None]
    sky = ~np.isfinite(np.minimum(down, wall))
    return Surroundings(points.astype(np.float32), distance.astype(np.float32), (down <= wall) & ~sky, sky)
