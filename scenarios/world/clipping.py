"""Cutting zones: away from behind the camera, and to the frame."""

from __future__ import annotations

import cv2
import numpy as np

from ingest.zones import Point, is_simple, signed_area
from scenarios.scene.camera import Floats

EDGE = 0.004
"""Zones keep this far from the frame's edges, fractions."""
MIN_AREA = 0.001
"""A zone that covers less of the frame than this is not in view."""
_FINE = 4  # subpixels of the mask that untangles what cutting has tangled


def in_front(points: Floats, eye: Floats, forward: Floats, near: float) -> Floats:
    """The part of a polygon (N, 3) that lies at least ``near`` metres before the eye."""
    ahead = (points - eye) @ forward - near
    return _half(points, ahead)


def clip_to_frame(polygon: Floats, frame: tuple[int, int]) -> tuple[Point, ...] | None:
    """A polygon (N, 2) in fractions cut to a frame of so many pixels: simple, with area; None where too little is
    left. Of several parts only the largest is kept."""
    low, high = EDGE, 1.0 - EDGE
    cut = polygon
    for axis, bound, sign in ((0, low, 1.0), (0, high, -1.0), (1, low, 1.0), (1, high, -1.0)):
        cut = _half(cut, (cut[:, axis] - bound) * sign)
        if len(cut) < 3:
            return None
    corners = _tidy(cut)
    if len(corners) < 3 or len(corners) > 64 or not is_simple(corners):
        corners = _largest_part(cut, frame)
    if len(corners) < 3 or abs(signed_area(corners)) < MIN_AREA or not is_simple(corners):
        return None
    return corners


def _half(points: Floats, ahead: Floats) -> Floats:
    """The part of a polygon where ``ahead`` (N,) is not negative (Sutherland-Hodgman)."""
    kept: list[Floats] = []
    for index in range(len(points)):
        after = (index + 1) % len(points)
        here, there = float(ahead[index]), float(ahead[after])
        if here >= 0:
            kept.append(points[index])
        if (here >= 0) != (there >= 0):
            kept.append(points[index] + (points[after] - points[index]) * (here / (here - there)))
    return np.array(kept).reshape(-1, points.shape[1])


def _tidy(polygon: Floats) -> tuple[Point, ...]:
    """Rounded corners without those that lie on their neighbour or between their neighbours."""
    points = [(round(float(x), 5), round(float(y), 5)) for x, y in polygon]
    changed = True
    while changed and len(points) >= 3:
        changed = False
        for index in range(len(points)):
            (ax, ay), (bx, by) = points[index - 1], points[index]
            cx, cy = points[(index + 1) % len(points)]
            if abs((bx - ax) * (cy - by) - (by - ay) * (cx - bx)) < 1e-9:
                del points[index]
                changed = True
                break
    return tuple(points)


def _largest_part(polygon: Floats, frame: tuple[int, int]) -> tuple[Point, ...]:
    """The outline of the largest piece of a polygon that cutting made touch itself, to a quarter of a pixel."""
    wide, tall = frame[0] * _FINE, frame[1] * _FINE
    mask = np.zeros((tall + 1, wide + 1), np.uint8)
    cv2.fillPoly(mask, [np.round(polygon * (wide, tall)).astype(np.int32)], (255,))
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return ()
    outline = cv2.approxPolyDP(max(outlines, key=cv2.contourArea), 2.0, True).reshape(-1, 2)
    return _tidy(outline / (wide, tall))
