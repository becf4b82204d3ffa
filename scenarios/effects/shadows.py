"""A shadow that drifts over the ground, as of a cloud, a tree or a building (阴影)."""

from __future__ import annotations

import cv2
import numpy as np

from scenarios.effects.blending import Plane, dimmed
from scenarios.scene.camera import NEAR_M, Camera, Floats, Image
from scenarios.world.clipping import in_front

_DEEPEST = 0.68  # even the darkest shadow keeps the light of the sky
_COOL = np.array((0.86, 0.95, 1.0), np.float32)  # shadows are lit by blue sky


def shadow_mask(camera: Camera, ground: Floats) -> Plane:
    """How much of each pixel (H, W) a ground polygon (N, 2) in metres covers, 0..1 with a soft edge."""
    mask = np.zeros((camera.frame_height, camera.width), np.float32)
    corners = in_front(np.column_stack([ground, np.zeros(len(ground))]), camera.position, camera.axes[2], NEAR_M)
    if len(corners) < 3:
        return mask
    uv, _ = camera.project(corners)
    cv2.fillPoly(mask, [(np.clip(uv, -30_000, 30_000) * 8).astype(np.int32)], (1.0,), cv2.LINE_8, 3)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), camera.width / 250), np.float32)


def shaded(frame: Image, amount: float, mask: Plane, lit: np.ndarray) -> Image:
    """The frame with a shadow of a strength where ``mask`` (H, W) says so; ``lit`` (H, W) bool is where it can fall."""
    if amount <= 0:
        return frame
    loss = np.where(lit, mask, 0)[..., None] * (_DEEPEST * amount * _COOL)
    return dimmed(frame, np.asarray(1 - loss, np.float32))
