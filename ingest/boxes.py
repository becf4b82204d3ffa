"""Boxes in fractions of the frame, as tuples x1, y1, x2, y2; plain arithmetic that tests can check by hand."""

from __future__ import annotations

from ingest.messages import Box


def area(box: Box) -> float:
    """Area in squared fractions of the frame; 0 for a box turned inside out."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def intersection(a: Box, b: Box) -> float:
    """Area that two boxes share."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    if wide <= 0:
        return 0.0
    tall = min(a[3], b[3]) - max(a[1], b[1])
    return wide * tall if tall > 0 else 0.0


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0..1."""
    shared = intersection(a, b)
    return shared / (area(a) + area(b) - shared) if shared > 0 else 0.0
