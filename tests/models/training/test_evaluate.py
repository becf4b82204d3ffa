"""Average precision and thresholds against cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.training.boxes import Detections, suppress
from models.training.evaluate import (
    Judged,
    Truth,
    at_threshold,
    average_precision,
    best_threshold,
    judge_picture,
    merged,
)
from models.training.reference import PERSON, VEHICLE, decode_yolox, yolox_cells

NOTHING = np.zeros((0, 4), np.float32)


def found(*rows: tuple[float, float, float, float, float], kind: int = VEHICLE) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Detections(table[:, :4], table[:, 4], np.full(len(table), kind, np.int64))


def truth(*boxes: tuple[float, float, float, float], kind: int = VEHICLE, ignore: np.ndarray = NOTHING) -> Truth:
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    return Truth(np.concatenate((np.full((len(rows), 1), kind, np.float32), rows), 1), ignore)


def judged(right: list[bool], labelled: int) -> Judged:
    return Judged(np.linspace(0.9, 0.1, len(right)).astype(np.float32), np.array(right), labelled)


def test_average_precision_of_a_worked_example() -> None:
    # precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1: area 1/2 * 1 + 1/2 * 2/3
    assert average_precision(judged([True, False, True], 2)) == pytest.approx(5 / 6)


def test_average_precision_is_one_for_perfection_and_zero_for_misses() -> None:
    assert average_precision(judged([True, True], 2)) == 1.0
    assert average_precision(judged([False, False], 2)) == 0.0
    assert average_precision(judged([], 2)) == 0.0


def test_average_precision_without_labels_is_not_a_number() -> None:
    assert math.isnan(average_precision(judged([False], 0)))


def test_a_label_counts_for_one_find_only() -> None:
    result = judge_picture(found((0, 0, 10, 10, 0.9), (0, 0, 10, 9, 0.8)), truth((0, 0, 10, 10)), VEHICLE)
    assert result.right.tolist() == [True, False]
    assert result.labelled == 1


def test_a_find_of_another_class_is_not_judged() -> None:
    result = judge_picture(found((0, 0, 10, 10, 0.9), kind=PERSON), truth((0, 0, 10, 10)), VEHICLE)
    assert len(result.scores) == 0
    assert result.labelled == 1


def test_a_find_in_an_ignore_region_is_neither_right_nor_wrong() -> None:
    region = np.array([[0, 0, 20, 20]], np.float32)
    seen = found((0, 0, 10, 10, 0.9), (50, 50, 60, 60, 0.8))
    assert judge_picture(seen, truth(ignore=region), VEHICLE).right.tolist() == [False]


def test_a_right_find_in_an_ignore_region_still_counts() -> None:
    region = np.array([[0, 0, 20, 20]], np.float32)
    seen = found((0, 0, 10, 10, 0.9))
    assert judge_picture(seen, truth((0, 0, 10, 10), ignore=region), VEHICLE).right.tolist() == [True]


def test_parts_are_merged_in_order_of_score() -> None:
    a = Judged(np.array([0.9, 0.1], np.float32), np.array([True, False]), 1)
    b = Judged(np.array([0.5], np.float32), np.array([True]), 2)
    whole = merged([a, b])
    assert whole.right.tolist() == [True, True, False]
    assert whole.labelled == 3


def test_the_best_threshold_is_where_f1_peaks() -> None:
    score, precision, recall = best_threshold(judged([True, True, False, False], 2))
    assert (precision, recall) == (1.0, 1.0)
    assert at_threshold(judged([True, True, False, False], 2), score) == (1.0, 1.0)


def test_a_demanded_precision_raises_the_threshold() -> None:
    right = [True, False, True, True, False]
    assert best_threshold(judged(right, 3))[1:] == (0.75, 1.0)
    assert best_threshold(judged(right, 3), 0.8)[1:] == (1.0, pytest.approx(1 / 3))
    assert best_threshold(judged([False, True], 1), 0.8)[1:] == (0.5, 1.0)


def test_nothing_right_gives_a_threshold_that_lets_nothing_through() -> None:
    assert best_threshold(judged([False], 3)) == (1.0, 0.0, 0.0)


def test_suppression_keeps_the_best_of_overlapping_boxes() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [40, 40, 50, 50]], np.float32)
    assert suppress(boxes, np.array([0.5, 0.9, 0.1], np.float32), 0.5).tolist() == [1, 2]


def test_yolox_boxes_are_decoded_from_their_cell() -> None:
    output = np.zeros((64 * 64 // 64 + 16 + 4, 7), np.float32)
    output[9, :4] = (0.5, 0.25, math.log(2), math.log(4))  # stride 8, row 1, column 1
    output[9, 4:] = (0.5, 0.2, 0.8)
    boxes, scores = decode_yolox(output, yolox_cells(64, 64))
    assert boxes[9] == pytest.approx([12 - 8, 10 - 16, 12 + 8, 10 + 16])
    assert scores[9] == pytest.approx([0.1, 0.4])
