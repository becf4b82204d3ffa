"""One answer from several looks at parts of one picture (切块合并): no object twice, none cut in two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.types import Boxes, Detections, iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
_EDGE = 0.012
"""So near to a tile's edge, as part of its side, a box counts as cut by it."""
_COVERED = 0.5
_ALONG = 0.5
_MOST_IOU = 0.45
"""Boxes of one object out of two scales agree less well than those out of one picture."""


@dataclass(frozen=True)
class Part:
    """What was seen in ``region``; ``found`` in fractions of the whole frame, ``carried`` column included."""

    region: Box
    found: Detections


def to_frame(found: Detections, region: Box) -> Detections:
    """Detections in fractions of ``region`` as fractions of the frame that the region was cut from."""
    if region == WHOLE:
        return found
    x1, y1, x2, y2 = region
    scale = np.array([x2 - x1, y2 - y1, x2 - x1, y2 - y1], np.float64)
    boxes = np.clip(found.boxes * scale + np.array([x1, y1, x1, y1]), 0.0, 1.0).astype(np.float32)
    kept = (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
    return Detections(boxes[kept], found.scores[kept], _kinds(found, kept), found.carried[kept])


def merge(parts: Sequence[Part], nms_iou: float) -> Detections:
    """All objects of all parts, surest first, each once.

    A box that a tile's edge cuts gives way to a whole one of its class; two pieces that meet across the edges of two
    tiles are joined; a lone piece is dropped: its box would be wrong, and the whole picture or the overlap has it.
    An object that any part saw anew is not carried.
    """
    if len(parts) == 1 and parts[0].region == WHOLE:
        return parts[0].found
    whole, pieces = [], []
    for part in parts:
        cut = _cut(part)
        is_cut = np.asarray(cut.any(axis=1))
        whole.append(part.found.filter(~is_cut))
        pieces.append(_Pieces(part.found.filter(is_cut), cut[is_cut]))
    kept = Detections.concatenate(whole)
    joined = _joined(pieces)
    missing = joined.filter(~_covered(joined, kept))
    origin = np.repeat(np.arange(len(whole) + 1), [*(len(found) for found in whole), len(missing)])
    return _once(Detections.concatenate([kept, missing]), origin, min(nms_iou, _MOST_IOU))


def lies_in(boxes: Boxes, region: Box) -> NDArray[np.bool_]:
    """Which of N x 4 boxes lie in ``region`` so that its inner edges do not cut them."""
    found = Detections(
        np.asarray(boxes, np.float32), np.zeros(len(boxes), np.float32), (ObjectClass.UNKNOWN,) * len(boxes)
    )
    return np.asarray(~_cut(Part(region, found)).any(axis=1))


@dataclass(frozen=True)
class _Pieces:
    found: Detections
    cut: NDArray[np.bool_]
    """N x 4: by the left, upper, right, lower edge."""


def _cut(part: Part) -> NDArray[np.bool_]:
    """Which boxes touch which inner edge of the region: N x 4 (left, upper, right, lower)."""
    boxes, region = part.found.boxes, part.region
    margin = (_EDGE * (region[2] - region[0]), _EDGE * (region[3] - region[1])) * 2
    columns = [
        boxes[:, 0] <= region[0] + margin[0] if region[0] > 0 else np.zeros(len(boxes), bool),
        boxes[:, 1] <= region[1] + margin[1] if region[1] > 0 else np.zeros(len(boxes), bool),
        boxes[:, 2] >= region[2] - margin[2] if region[2] < 1 else np.zeros(len(boxes), bool),
        boxes[:, 3] >= region[3] - margin[3] if region[3] < 1 else np.zeros(len(boxes), bool),
    ]
    return np.stack(columns, axis=1)


def _joined(pieces: Sequence[_Pieces]) -> Detections:
    """Pieces of two tiles that face each other, as one box each."""
    boxes, scores, kinds, carried = [], [], [], []
    for number, one in enumerate(pieces):
        for other in pieces[number + 1 :]:
            for a in range(len(one.found)):
                for b in range(len(other.found)):
                    if one.found.classes[a] is other.found.classes[b] and _meet(one, a, other, b):
                        first, second = one.found.boxes[a], other.found.boxes[b]
                        boxes.append([*np.minimum(first, second)[:2], *np.maximum(first, second)[2:]])
                        scores.append(max(one.found.scores[a], other.found.scores[b]))
                        kinds.append(one.found.classes[a])
                        carried.append(bool(one.found.carried[a] and other.found.carried[b]))
    if not boxes:
        return Detections.empty()
    return Detections(
        np.array(boxes, np.float32), np.array(scores, np.float32), tuple(kinds), np.array(carried, bool)
    )


def _meet(one: _Pieces, a: int, other: _Pieces, b: int) -> bool:
    first, second = one.found.boxes[a].astype(float), other.found.boxes[b].astype(float)
    for low, high in ((0, 2), (1, 3)):
        across_low, across_high = (1, 3) if low == 0 else (0, 2)
        facing = (one.cut[a, high] and other.cut[b, low]) or (one.cut[a, low] and other.cut[b, high])
        gap = max(first[low], second[low]) - min(first[high], second[high])
        along = min(first[across_high], second[across_high]) - max(first[across_low], second[across_low])
        shorter = min(first[across_high] - first[across_low], second[across_high] - second[across_low])
        if facing and gap <= _EDGE and along >= _ALONG * shorter:
            return True
    return False


def _covered(pieces: Detections, whole: Detections) -> NDArray[np.bool_]:
    """Which pieces lie for the greater part in a whole box of their class."""
    return np.array(
        [
            any(
                whole.classes[column] is kind and _part_in(pieces.boxes[row], whole.boxes[column]) >= _COVERED
                for column in range(len(whole))
            )
            for row, kind in enumerate(pieces.classes)
        ],
        bool,
    )


def _part_in(box: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    sides = np.clip(np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2]), 0.0, None).astype(float)
    own = (box[2:] - box[:2]).astype(float)
    return float(sides[0] * sides[1] / (own[0] * own[1]))


def _once(found: Detections, origin: NDArray[np.int64], max_iou: float) -> Detections:
    """Suppression within a class between parts; each part alone is free of doubles already."""
    overlap = iou(found.boxes, found.boxes)
    left = list(np.argsort(-found.scores, kind="stable"))
    keep: list[int] = []
    carried: list[bool] = []
    while left:
        best = left[0]
        group = {best} | {
            row
            for row in left
            if origin[row] != origin[best]
            and found.classes[row] is found.classes[best]
            and overlap[row, best] > max_iou
        }
        keep.append(int(best))
        carried.append(all(bool(found.carried[row]) for row in group))
        left = [row for row in left if row not in group]
    rows = np.array(keep, np.int64)
    kinds = tuple(found.classes[row] for row in keep)
    return Detections(found.boxes[rows], found.scores[rows], kinds, np.array(carried, bool))


def _kinds(found: Detections, kept: NDArray[np.bool_]) -> tuple[ObjectClass, ...]:
    return tuple(kind for kind, is_kept in zip(found.classes, kept, strict=True) if is_kept)
