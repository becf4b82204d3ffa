"""The pinhole camera of a rendered street and its geometry with the ground.

World frame: metres, x to the right across the street, y along the street, z up, ground at z = 0.
Picture frame: pixels, origin in the top-left corner, u to the right, v down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Image = NDArray[np.uint8]

NEAR_M = 0.6  # nothing closer to the camera than this is drawn


@dataclass(frozen=True)
class Camera:
    """A pinhole camera on a pole.

    Lengths in metres, angles in radians, ``focal`` in pixels. ``yaw`` turns to the right from the street's
    axis (+y), ``pitch`` turns down from the horizon, ``roll`` turns the picture clockwise.
    """

    x: float
    y: float
    height: float
    yaw: float
    pitch: float
    focal: float
    roll: float = 0.0
    width: int = 640
    frame_height: int = 360

    @cached_property
    def position(self) -> Floats:
        return np.array([self.x, self.y, self.height])

    @cached_property
    def axes(self) -> Floats:
        """Rows are the directions right, down, forward of the picture in world coordinates, shape (3, 3)."""
        sin_yaw, cos_yaw = np.sin(self.yaw), np.cos(self.yaw)
        sin_pitch, cos_pitch = np.sin(self.pitch), np.cos(self.pitch)
        forward = np.array([sin_yaw * cos_pitch, cos_yaw * cos_pitch, -sin_pitch])
        right = np.array([cos_yaw, -sin_yaw, 0.0])
        down = np.cross(forward, right)
        sin_roll, cos_roll = np.sin(self.roll), np.cos(self.roll)
        return np.stack([cos_roll * right - sin_roll * down, sin_roll * right + cos_roll * down, forward])

    def turned(self, pan_deg: float, tilt_deg: float, roll_deg: float) -> Camera:
        """The camera turned on the spot, degrees: to the right, down, clockwise."""
        pan, tilt, roll = (math.radians(angle) for angle in (pan_deg, tilt_deg, roll_deg))
        return replace(self, yaw=self.yaw + pan, pitch=self.pitch + tilt, roll=self.roll + roll)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """World points (N, 3) to pixels (N, 2) and depths along the axis (N,); depth is held above zero."""
        local = (points - self.position) @ self.axes.T
        depth = local[:, 2]
        safe = np.maximum(depth, 1e-3)
        uv = local[:, :2] * (self.focal / safe)[:, None]
        uv += (self.width / 2.0, self.frame_height / 2.0)
        return uv, depth

    @cached_property
    def ground_homography(self) -> Floats:
        """3x3 matrix from ground points (x, y, 1) in metres to homogeneous pixels (u, v, 1)."""
        return self.plane_homography(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))

    def plane_homography(self, origin: Floats, along: Floats, across: Floats) -> Floats:
        """3x3 matrix from plane coordinates (a, b, 1), meaning origin + a*along + b*across, to pixels."""
        columns = np.stack([along, across, origin - self.position], axis=1)
        local = self.axes @ columns
        intrinsics = np.array(
            [[self.focal, 0, self.width / 2.0], [0, self.focal, self.frame_height / 2.0], [0, 0, 1.0]]
        )
        result: Floats = intrinsics @ local
        return result

    def ground_polygon(self, corners: Floats) -> Floats:
        """Ground points (N, 2) in metres to fractions of the frame (N, 2); not clipped to the frame."""
        points = np.column_stack([corners, np.zeros(len(corners))])
        uv, _ = self.project(points)
        return uv / (self.width, self.frame_height)

    def visible_ground(self, u: float, v: float) -> tuple[float, float] | None:
        """The ground point seen at a pixel, or None at or above the horizon."""
        ray = np.array([u - self.width / 2.0, v - self.frame_height / 2.0, self.focal]) @ self.axes
        if ray[2] > -1e-6:
            return None
        hit = self.position - ray * (self.height / ray[2])
        return float(hit[0]), float(hit[1])
