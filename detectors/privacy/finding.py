"""Looks for people and vehicles to cover: the whole frame, and overlapping tiles of it for what is small."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from detectors.types import Boxes, Detections, Detector, Frame
from ingest.taxonomy import ObjectClass

_COVERED = frozenset({ObjectClass.PERSON, ObjectClass.TWO_WHEELER, ObjectClass.VEHICLE})
_OVERLAP = 1 / 3
_EDGE = 0.01
_SHRUNK_AT_MOST = 2.0
_MOST_PER_SIDE = 6
_BATCH = 6
"""Views looked at together: a frame of 4K has 26, and their inputs must not fill a small box's memory."""

_Tile = tuple[int, int, int, int]


def privacy_detections(detector: Detector, frame: Frame, *, min_score: float) -> Detections:
    """Everything in the frame, and people, two-wheelers and vehicles in overlapping tiles of it.

    At least 2 x 2 tiles, and so many that the model shrinks none of them to less than half: what is too small for
    the full view is found there. Doubles remain and do no harm. Boxes are fractions of the frame. Raises
    DetectorError.
    """
    height, width = frame.shape[:2]
    tiles = _tiles(width, height, detector.card.input.width, detector.card.input.height)
    views = [frame, *(frame[top:bottom, left:right] for left, top, right, bottom in tiles)]
    whole, *parts = _look(detector, views, min_score)
    placed = [
        _from_tile(_inside(part.of(_COVERED), tile, width, height), tile, width, height)
        for part, tile in zip(parts, tiles, strict=True)
    ]
    return Detections.concatenate([whole, *placed])


def _look(detector: Detector, views: Sequence[Frame], min_score: float) -> list[Detections]:
    found: list[Detections] = []
    for start in range(0, len(views), _BATCH):
        found += detector.detect(views[start : start + _BATCH], min_score=min_score)
    return found


def _tiles(width: int, height: int, input_width: int, input_height: int) -> list[_Tile]:
    """Left, top, right, bottom of the tiles, row by row; neighbours share a third of their sides."""
    across, down = _spans(width, input_width), _spans(height, input_height)
    return [(left, top, right, bottom) for top, bottom in down for left, right in across]


def _spans(size: int, input_size: int) -> list[tuple[int, int]]:
    """Equal spans over 0..size, each at most twice as long as the model's input where six are enough for that."""
    step = _SHRUNK_AT_MOST * input_size * (1 - _OVERLAP)
    count = min(_MOST_PER_SIDE, max(2, ceil((size - _SHRUNK_AT_MOST * input_size) / step) + 1))
    length = ceil(size / (1 + (count - 1) * (1 - _OVERLAP)))
    starts = [round(number * (size - length) / (count - 1)) for number in range(count)]
    return [(start, start + length) for start in starts]


def _inside(part: Detections, tile: _Tile, width: int, height: int) -> Detections:
    """Without vehicles that the tile's edge cuts: half a car has its plate and its glass elsewhere."""
    left, top, right, bottom = tile
    inner = np.array([left > 0, top > 0, right < width, bottom < height])
    near = np.concatenate([part.boxes[:, :2] < _EDGE, part.boxes[:, 2:] > 1 - _EDGE], axis=1)
    is_vehicle = np.array([kind is ObjectClass.VEHICLE for kind in part.classes], bool)
    return part.filter(~(is_vehicle & (near & inner).any(axis=1)))


def _from_tile(part: Detections, tile: _Tile, width: int, height: int) -> Detections:
    left, top, right, bottom = tile
    shift = np.array([left, top, left, top], np.float32)
    sides = np.array([width, height, width, height], np.float32)
    boxes: Boxes = np.clip((part.pixels(right - left, bottom - top) + shift) / sides, 0.0, 1.0).astype(np.float32)
    solid = (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
    kinds = tuple(kind for kind, kept in zip(part.classes, solid, strict=True) if kept)
    return Detections(boxes[solid], part.scores[solid], kinds)
