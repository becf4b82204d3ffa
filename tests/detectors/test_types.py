from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.types import Detections, DetectorError, FailureReason, area, check_frame, check_min_score, iou
from ingest.taxonomy import ObjectClass

PERSON, VEHICLE = ObjectClass.PERSON, ObjectClass.VEHICLE

corner = st.floats(0.0, 0.875)
side = st.floats(0.01, 0.125)
box = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), corner, corner, side, side)
boxes = st.lists(box, max_size=8).map(lambda rows: np.array(rows, np.float32).reshape(-1, 4))


def detections(*rows: tuple[float, float, float, float, float, ObjectClass]) -> Detections:
    columns = np.array([row[:5] for row in rows], np.float32).reshape(-1, 5)
    return Detections(columns[:, :4].copy(), columns[:, 4].copy(), tuple(row[5] for row in rows))


@given(boxes, boxes)
def test_iou_is_symmetric_within_0_and_1_and_agrees_with_the_plain_formula(
    a: NDArray[np.float32], b: NDArray[np.float32]
) -> None:
    table = iou(a, b)
    assert table.shape == (len(a), len(b))
    assert ((table >= 0) & (table <= 1 + 1e-12)).all()
    np.testing.assert_allclose(table, iou(b, a).T)
    for i, p in enumerate(a.astype(float)):
        for j, q in enumerate(b.astype(float)):
            w = max(0.0, min(p[2], q[2]) - max(p[0], q[0]))
            h = max(0.0, min(p[3], q[3]) - max(p[1], q[1]))
            union = (p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - w * h
            assert table[i, j] == pytest.approx(w * h / union, abs=1e-9)


@given(boxes)
def test_every_box_overlaps_itself_fully(a: NDArray[np.float32]) -> None:
    np.testing.assert_allclose(np.diag(iou(a, a)), np.ones(len(a)))


def test_iou_of_boxes_without_area_is_0_and_warns_of_nothing() -> None:
    flat = np.array([[0.5, 0.5, 0.5, 0.5], [0.8, 0.8, 0.2, 0.2]], np.float32)
    assert (iou(flat, flat) == 0).all()
    assert (area(flat) == 0).all()


def test_sieves_keep_columns_together() -> None:
    seen = detections((0, 0, 0.1, 0.1, 0.2, PERSON), (0, 0, 0.2, 0.2, 0.5, VEHICLE), (0, 0, 0.3, 0.3, 0.9, PERSON))
    people = seen.of({PERSON})
    assert people.classes == (PERSON, PERSON)
    np.testing.assert_allclose(people.scores, [0.2, 0.9])
    sure = seen.above(lambda kind: 0.5 if kind is VEHICLE else 0.3)
    assert sure.classes == (VEHICLE, PERSON)
    np.testing.assert_allclose(sure.boxes[:, 2], [0.2, 0.3])
    assert len(Detections.concatenate([seen, people])) == 5
    assert len(seen.filter(np.zeros(3, bool))) == 0
    np.testing.assert_allclose(seen.pixels(100, 50)[1], [0, 0, 20, 10])


def test_sieves_accept_nothing_at_all() -> None:
    nothing = Detections.empty()
    assert len(nothing.of({PERSON})) == len(nothing.above(lambda _: 0.5)) == len(Detections.concatenate([])) == 0


def test_an_answer_cannot_be_changed_by_who_reads_it() -> None:
    seen = detections((0, 0, 0.1, 0.1, 0.2, PERSON))
    with pytest.raises(ValueError, match="read-only"):
        seen.boxes[0, 0] = 1


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ((0.5, 0.0, 0.4, 0.1, 0.5), "without area"),
        ((0.5, 0.0, 0.5, 0.1, 0.5), "without area"),
        ((0.5, 0.0, 1.5, 0.1, 0.5), "fractions"),
        ((float("nan"), 0.0, 0.5, 0.1, 0.5), "outside 0..1"),
        ((0.1, 0.0, 0.5, 0.1, 1.5), "scores"),
        ((0.1, 0.0, 0.5, 0.1, float("nan")), "scores"),
    ],
)
def test_impossible_sightings_cannot_be_made(row: tuple[float, ...], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        detections((*row, PERSON))  # type: ignore[arg-type]


def test_columns_of_different_length_or_type_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="columns differ"):
        Detections(np.zeros((1, 4), np.float32), np.zeros(2, np.float32), (PERSON,))
    with pytest.raises(ValueError, match="float32"):
        Detections(np.zeros((0, 4)), np.zeros(0, np.float32), ())


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        "frame.jpg",
        None,
    ],
)
def test_what_is_no_picture_is_refused_with_what_to_give(frame: object) -> None:
    with pytest.raises(DetectorError, match="give") as caught:
        check_frame(frame)  # type: ignore[arg-type]
    assert caught.value.reason is FailureReason.BAD_FRAME


@pytest.mark.parametrize("score", [0.0, -1.0, 1.1, float("nan")])
def test_a_floor_that_cannot_be_one_is_refused(score: float) -> None:
    with pytest.raises(DetectorError, match="min_score"):
        check_min_score(score)
