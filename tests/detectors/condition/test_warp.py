"""Between the present picture and the reference view: there and back, and what neither shows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.attention.evidence import Interest
from detectors.condition.straighten import in_picture, in_reference, straightened
from detectors.condition.warp import Warp, rectangles
from detectors.types import Detections
from ingest.boxes import iou
from ingest.taxonomy import ObjectClass

_small = st.floats(-0.08, 0.08)


def _turned(right: float, down: float, turn: float, tilt: float = 0.0) -> Warp:
    cos, sin = math.cos(turn), math.sin(turn)
    about = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    move = np.array([[cos, -sin, right], [sin, cos, down], [tilt, 0, 1]])
    return Warp.of(about @ move @ np.linalg.inv(about))


warps = st.builds(_turned, _small, _small, _small, _small)


@given(warps, st.floats(0.3, 0.6), st.floats(0.3, 0.6), st.floats(0.05, 0.2), st.floats(0.05, 0.2))
def test_a_box_taken_to_the_picture_and_back_stays_where_it_was(
    warp: Warp, x: float, y: float, wide: float, tall: float
) -> None:
    box = (x, y, x + wide, y + tall)
    now = warp.box_now(box)
    assert now is not None
    back = warp.box_back(now)
    assert back is not None
    assert iou(back, box) > 0.9


@given(warps, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_points_go_there_and_back(warp: Warp, points: list[tuple[float, float]]) -> None:
    there = warp.now(np.array(points))
    assert np.allclose(warp.back(there), points, atol=1e-6)


@given(st.integers(0, 2**30), st.integers(1, 12), st.integers(1, 12))
def test_rectangles_cover_exactly_the_cells_they_stand_for(seed: int, rows: int, columns: int) -> None:
    mask = np.random.default_rng(seed).random((rows, columns)) < 0.5
    count = np.zeros(mask.shape, int)
    for x1, y1, x2, y2 in rectangles(mask):
        count[round(y1 * rows) : round(y2 * rows), round(x1 * columns) : round(x2 * columns)] += 1
    assert np.array_equal(count, mask.astype(int))


def test_what_a_turned_camera_no_longer_shows_is_told() -> None:
    warp = _turned(0.25, 0.0, 0.0)
    (box,) = warp.unseen_boxes()
    assert box == pytest.approx((0.75, 0.0, 1.0, 1.0), abs=0.01)
    assert Warp().unseen_boxes() == []


@pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.full((3, 3), np.nan), np.eye(2)])
def test_what_is_no_homography_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no homography"):
        Warp.of(matrix)


@pytest.mark.parametrize("warp", [_turned(0.5, 0, 0), _turned(0, 0, math.pi), Warp.of(np.diag([-1.0, 1, 1]))])
def test_a_view_too_far_off_or_turned_over_is_not_believed(warp: Warp) -> None:
    assert not warp.plausible


def test_detections_outside_the_reference_view_are_left_out_and_the_rest_keep_what_they_were() -> None:
    warp = _turned(0.3, 0.0, 0.0)
    boxes = np.array([[0.5, 0.4, 0.6, 0.5], [0.0, 0.4, 0.1, 0.5]], np.float32)
    found = Detections(
        boxes, np.array([0.9, 0.8], np.float32), (ObjectClass.VEHICLE, ObjectClass.PERSON), np.array([True, False])
    )
    moved = straightened(found, warp)
    assert moved.classes == (ObjectClass.VEHICLE,)
    assert moved.boxes[0] == pytest.approx([0.2, 0.4, 0.3, 0.5], abs=1e-5)
    assert moved.carried.tolist() == [True]


def test_what_memory_wants_to_know_is_asked_where_the_picture_has_it() -> None:
    asked = Interest(watched=((0.2, 0.4, 0.3, 0.5),), wanted=((0.9, 0.4, 1.0, 0.5),))
    now = in_picture(asked, _turned(0.3, 0.0, 0.0))
    assert now.watched[0] == pytest.approx((0.5, 0.4, 0.6, 0.5))
    assert now.wanted == ()


def test_where_the_detector_looked_is_known_of_places_where_the_reference_view_has_them() -> None:
    asked: list[tuple[float, ...]] = []
    looked = in_reference(lambda box: not asked.append(box), _turned(0.3, 0.0, 0.0))
    assert looked((0.2, 0.4, 0.3, 0.5))
    assert asked == [pytest.approx((0.5, 0.4, 0.6, 0.5))]
    assert not looked((0.9, 0.4, 1.0, 0.5)), "what the picture does not show nobody looked at"


def test_a_sway_of_a_few_pixels_leaves_no_edge_that_looks_like_a_thing() -> None:
    matrix = np.array([[1.0, 0.0, 0.0125], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    warp = Warp.of(matrix)
    white = np.full((180, 320), 255, np.uint8)
    dark = warp.straightened(white) < 255
    assert dark.any()
    assert not (dark & ~warp.outside(180, 320)).any()
    assert warp.outside(180, 320).mean() < 0.03
    assert not Warp().outside(180, 320).any()
