"""Nearness in the picture, on the ground and in looks. Pure, no third-party arrays: the vectors are short."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ingest.boxes import iou
from ingest.messages import Box

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of WGS-84."""


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 to 1; boxes without area overlap only when equal."""
    return 1.0 if a == b else iou(a, b)


def ground_distance_m(latitude1: float, longitude1: float, latitude2: float, longitude2: float) -> float:
    """Great-circle distance in metres between two WGS-84 positions in degrees."""
    phi1, phi2 = math.radians(latitude1), math.radians(latitude2)
    half_phi = math.sin((phi2 - phi1) / 2)
    half_lambda = math.sin(math.radians(longitude2 - longitude1) / 2)
    square = half_phi**2 + math.cos(phi1) * math.cos(phi2) * half_lambda**2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, square)))


def similarity(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Cosine of two appearance vectors, -1 to 1; ``None`` when they cannot be compared."""
    if not a or len(a) != len(b):
        return None
    norm = math.hypot(*a) * math.hypot(*b)
    if not math.isfinite(norm) or norm < 1e-12:
        return None
    dot = math.fsum(x * y for x, y in zip(a, b, strict=True))
    return max(-1.0, min(1.0, dot / norm))
