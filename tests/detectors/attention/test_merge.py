"""Tiles add up to the whole picture: nothing twice, nothing cut, nothing lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.attention.merge import WHOLE, Part, lies_in, merge, to_frame
from detectors.types import Detections
from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from tests.detectors.attention.pictures import SquareDetector, bare, put

WIDTH, HEIGHT = 640, 320
GRID = 16
STREET = bare(WIDTH, HEIGHT)
TILES: tuple[Box, ...] = ((0.0, 0.0, 0.6, 1.0), (0.4, 0.0, 1.0, 1.0))


def found(boxes: list[Box], score: float = 0.9, kind: ObjectClass = ObjectClass.VEHICLE) -> Detections:
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), score, np.float32), (kind,) * len(boxes)
    )


def rows(detections: Detections) -> set[tuple[int, ...]]:
    """The boxes in whole pixels: fractions that came through a tile differ in the last digits."""
    return {tuple(round(float(side)) for side in box) for box in detections.pixels(WIDTH, HEIGHT)}


@st.composite
def apart(draw: st.DrawFn) -> list[Box]:
    """Objects in different cells of a grid, so that no two touch."""
    cells = draw(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 3)), max_size=8))
    boxes = []
    for column, row in sorted(cells):
        left, top = column * 80 + draw(st.integers(2, 20)), row * 80 + draw(st.integers(2, 20))
        boxes.append(
            (
                left / WIDTH,
                top / HEIGHT,
                (left + draw(st.integers(8, 50))) / WIDTH,
                (top + draw(st.integers(8, 50))) / HEIGHT,
            )
        )
    return boxes


def look_at(regions: tuple[Box, ...], boxes: list[Box]) -> list[Part]:
    detector, parts = SquareDetector(), []
    picture = put(STREET, boxes)
    for region in regions:
        left, top, right, bottom = (
            round(side * length) for side, length in zip(region, (WIDTH, HEIGHT) * 2, strict=True)
        )
        answer = detector.detect([picture[top:bottom, left:right]])[0]
        parts.append(Part(region, to_frame(answer, region)))
    return parts


@given(apart())
def test_tiles_give_what_the_whole_picture_gives_for_all_that_lies_whole_in_a_tile(boxes: list[Box]) -> None:
    whole = look_at((WHOLE,), boxes)[0].found
    tiled = merge(look_at(TILES, boxes), 0.5)
    in_a_tile = np.zeros(len(whole), bool)
    for tile in TILES:
        in_a_tile |= lies_in(whole.boxes, tile)
    assert rows(whole.filter(in_a_tile)) <= rows(tiled)
    assert len(tiled) <= len(whole)


@given(apart())
def test_the_whole_picture_and_its_tiles_together_give_every_object_once(boxes: list[Box]) -> None:
    assert rows(merge(look_at((WHOLE, *TILES), boxes), 0.5)) == rows(look_at((WHOLE,), boxes)[0].found)


def test_pieces_that_meet_across_two_tiles_without_overlap_become_one_box() -> None:
    halves: tuple[Box, ...] = ((0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0))
    boxes: list[Box] = [(0.4, 0.4, 0.6, 0.6)]
    (box,) = merge(look_at(halves, boxes), 0.5).boxes
    assert iou(tuple(float(side) for side in box), boxes[0]) > 0.95  # type: ignore[arg-type]  # four sides


def test_a_lone_piece_is_dropped_and_gives_way_to_the_whole_box() -> None:
    piece = Part((0.5, 0.0, 1.0, 1.0), found([(0.5, 0.4, 0.6, 0.6)], 0.99))
    assert len(merge([Part(WHOLE, found([])), piece], 0.5)) == 0
    merged = merge([Part(WHOLE, found([(0.4, 0.4, 0.6, 0.6)], 0.6)), piece], 0.5)
    assert rows(merged) == {(256, 128, 384, 192)}


def test_what_one_part_saw_anew_is_not_carried() -> None:
    whole = Part(WHOLE, found([(0.2, 0.2, 0.3, 0.3), (0.7, 0.2, 0.8, 0.3)], 0.9).as_carried(True))
    tile = Part((0.0, 0.0, 0.5, 1.0), found([(0.201, 0.2, 0.301, 0.3)], 0.7))
    merged = merge([whole, tile], 0.5)
    assert {(round(float(box[0]), 1), bool(c)) for box, c in zip(merged.boxes, merged.carried, strict=True)} == {
        (0.2, False),
        (0.7, True),
    }


def test_two_things_that_one_part_told_apart_stay_two() -> None:
    close: list[Box] = [(0.2, 0.2, 0.4, 0.4), (0.27, 0.2, 0.47, 0.4)]
    assert iou(*close) > 0.45
    parts = [Part(WHOLE, found(close)), Part((0.6, 0.0, 1.0, 1.0), found([]))]
    assert len(merge(parts, 0.5)) == 2


def test_things_of_two_kinds_in_one_place_stay_two() -> None:
    box: list[Box] = [(0.2, 0.2, 0.4, 0.4)]
    bag = Part((0.0, 0.0, 0.5, 1.0), found(box, kind=ObjectClass.GARBAGE))
    assert len(merge([Part(WHOLE, found(box)), bag], 0.5)) == 2
