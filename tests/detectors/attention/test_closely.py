"""The close look: its region lies in the picture, and a mirrored answer means the same place."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.attention.closely import close_look, pictures, region_around
from detectors.types import Detections
from ingest.taxonomy import ObjectClass

_share = st.floats(0.0, 1.0)


@given(_share, _share, _share, _share, st.integers(8, 4000), st.integers(8, 4000))
def test_the_region_is_a_piece_of_the_picture_and_never_empty(
    x: float, y: float, x2: float, y2: float, width: int, height: int
) -> None:
    box = (min(x, x2), min(y, y2), max(x, x2), max(y, y2))
    left, top, right, bottom = region_around(box, width, height, 512)
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert round((right - left) * width) >= 1


def test_what_is_small_is_never_enlarged_by_more_than_the_detector_knows() -> None:
    left, _, right, _ = region_around((0.5, 0.5, 0.51, 0.51), 1920, 1080, 512)
    assert 512 / ((right - left) * 1920) < 1.9


def test_both_answers_lie_where_the_thing_is() -> None:
    part = np.zeros((40, 80, 3), np.uint8)
    part[10:20, 10:30] = 255
    plain, mirrored = pictures(part)
    assert mirrored[15, 80 - 20].all()
    assert plain[15, 20].all()
    box = np.array([[10 / 80, 10 / 40, 30 / 80, 20 / 40]], np.float32)
    flipped = np.array([[50 / 80, 10 / 40, 70 / 80, 20 / 40]], np.float32)
    answers = [Detections(rows, np.array([0.9], np.float32), (ObjectClass.VEHICLE,)) for rows in (box, flipped)]
    look = close_look((0.3, 0.3, 0.4, 0.4), (0.25, 0.25, 0.75, 0.75), answers)
    assert np.allclose(look.found.boxes[0], look.found.boxes[1])
    assert np.allclose(look.found.boxes[0], [0.3125, 0.375, 0.4375, 0.5], atol=1e-6)
