"""Headlights (车灯): a pool of light on the ground before a vehicle, and glare where it faces the camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scenarios.effects.blending import Plane, brightened
from scenarios.scene.camera import NEAR_M, Camera, Floats, Image

_REACH_M = 15.0
_STEPS = 7
_COARSE = 4  # soft things are drawn at a quarter of the size


@dataclass(frozen=True)
class Beam:
    """The lights of one vehicle: where its front is (x, y metres), its heading in radians, its width in metres."""

    x: float
    y: float
    heading: float
    width: float


@dataclass(frozen=True)
class Glare:
    """A headlight that shines into the lens: pixel, radius in pixels, and how straight it looks at us, 0..1."""

    u: float
    v: float
    radius: float
    straight: float


def beam_pool(camera: Camera, beams: Sequence[Beam]) -> Plane:
    """Light (H, W) of 0..1 that beams throw on the ground, as seen by ``camera``."""
    size = (camera.width, camera.frame_height)
    if not beams:
        return np.zeros(size[::-1], np.float32)
    total = np.zeros((camera.frame_height // _COARSE, camera.width // _COARSE), np.float32)
    for beam in beams:
        for step in range(_STEPS, 0, -1):
            corners = _stretch(beam, 0.4, _REACH_M * step / _STEPS)
            uv, depth = camera.project(np.column_stack([corners, np.zeros(4)]))
            if float(depth.min()) < NEAR_M:
                continue
            level = 1.0 - 0.85 * (step - 1) / _STEPS
            pixels = (np.clip(uv / _COARSE, -8000, 8000) * 8).astype(np.int32)
            cv2.fillConvexPoly(total, pixels, (level,), cv2.LINE_AA, 3)
    soft = cv2.GaussianBlur(total, (0, 0), camera.width / 110 / _COARSE)
    return np.asarray(cv2.resize(soft, size), np.float32)


def _stretch(beam: Beam, near_m: float, far_m: float) -> Floats:
    """The ground (4, 2) between two distances ahead; beams open and point a little to the kerb."""
    ahead = np.array([np.sin(beam.heading), np.cos(beam.heading)])
    right = np.array([ahead[1], -ahead[0]])
    front = np.array([beam.x, beam.y])
    half = beam.width / 2
    wide = half + 0.17 * far_m
    return np.stack(
        [
            front + ahead * near_m - right * half,
            front + ahead * near_m + right * half,
            front + ahead * far_m + right * wide,
            front + ahead * far_m - right * wide,
        ]
    )


def headlit(
    frame: Image, unlit: Image, amount: float, darkness: float, pool: Plane, glares: Sequence[Glare]
) -> Image:
    """Headlights of a strength. ``unlit`` is the frame by daylight: its colours come out where ``pool`` (H, W)
    falls. By day (``darkness`` 0) the beams hardly show, the glare does."""
    if amount <= 0:
        return frame
    lit = brightened(frame, unlit, pool * np.float32(amount * (0.12 + 0.75 * darkness)))
    if not glares:
        return lit
    height, width = frame.shape[:2]
    spots, veil = np.zeros((height, width), np.float32), 0.0
    for glare in glares:
        power = amount * glare.straight**2 * (0.45 + 0.55 * darkness)
        centre = (int(glare.u * 8), int(glare.v * 8))
        cv2.circle(spots, centre, max(8, int(glare.radius * 8 * (1 + power))), (power,), -1, cv2.LINE_AA, 3)
        veil += power * min(0.07, glare.radius / width * 3)
    return _bloomed(lit, spots, min(0.3, veil))


def _bloomed(frame: Image, spots: Plane, veil: float) -> Image:
    """Bright spots with a core, a wide halo, a flat streak, and a veil over everything."""
    height, width = frame.shape[:2]
    small = cv2.resize(spots, (width // _COARSE, height // _COARSE), interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(small, (0, 0), width / 320) * 3.0
    wide = cv2.GaussianBlur(small, (0, 0), width / 60) * 22.0
    streak = cv2.GaussianBlur(small, (0, 0), sigmaX=width / 28, sigmaY=0.7) * 5.0
    halo = np.asarray(cv2.resize(near + wide + streak, (width, height)), np.float32) + spots * 3 + np.float32(veil)
    warm = np.empty_like(frame)
    warm[:] = (232, 246, 255)
    return brightened(frame, warm, np.asarray(np.clip(halo, 0, 1), np.float32))
