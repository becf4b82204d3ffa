"""Overlap of boxes, by hand."""

from __future__ import annotations

import pytest

from ingest.boxes import iou
from ingest.messages import Box

CAR: Box = (0.1, 0.1, 0.3, 0.3)
BAG: Box = (0.6, 0.6, 0.7, 0.7)


def test_overlap_is_intersection_over_union() -> None:
    assert iou((0, 0, 0.2, 0.2), (0.1, 0, 0.3, 0.2)) == pytest.approx(1 / 3)
    assert iou(CAR, BAG) == 0.0
