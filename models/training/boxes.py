"""Boxes as numpy arrays: overlap, suppression and the letterbox that the card describes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Picture = MatLike  # uint8 [height, width, 3], BGR
PAD_VALUE = 114
STRIDES = (8, 16, 32)  # px per cell of the network's three output grids


def overlap(a: Floats, b: Floats) -> Floats:
    """Intersection over union of every box of `a` [N, 4] with every box of `b` [M, 4] (x1 y1 x2 y2)."""
    shared = _intersection(a, b)
    ratio: Floats = shared / np.maximum(_area(a)[:, None] + _area(b)[None] - shared, 1e-9)
    return ratio


def coverage(a: Floats, b: Floats) -> Floats:
    """Share of every box of `a` [N, 4] that lies inside every box of `b` [M, 4]."""
    share: Floats = _intersection(a, b) / np.maximum(_area(a)[:, None], 1e-9)
    return share


def _area(boxes: Floats) -> Floats:
    area: Floats = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return area


def _intersection(a: Floats, b: Floats) -> Floats:
    corner = np.maximum(a[:, None, :2], b[None, :, :2])
    size = np.clip(np.minimum(a[:, None, 2:4], b[None, :, 2:4]) - corner, 0, None)
    product: Floats = size[..., 0] * size[..., 1]
    return product


def suppress(boxes: Floats, scores: Floats, limit: float) -> NDArray[np.intp]:
    """Non-maximum suppression: the kept indices, best score first."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best = int(order[0])
        kept.append(best)
        order = order[1:][overlap(boxes[order[1:]], boxes[best : best + 1])[:, 0] <= limit]
    return np.array(kept, dtype=np.intp)


@dataclass(frozen=True)
class Detections:
    """What a model sees in one picture: boxes [N, 4] x1 y1 x2 y2 in picture pixels, scores [N], classes [N]."""

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int64]

    def only(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        return Detections(self.boxes[keep], self.scores[keep], self.classes[keep])


def suppress_per_class(found: Detections, limit: float) -> Detections:
    """Non-maximum suppression within each class."""
    offset = found.classes[:, None].astype(np.float32) * 1e5
    return found.only(suppress(found.boxes + offset, found.scores, limit))


def letterbox(picture: Picture, width: int, height: int) -> tuple[Picture, float]:
    """The picture scaled to fit and padded at the right and bottom, with the scale that was applied."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    canvas: Picture = np.full((height, width, 3), PAD_VALUE, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    return canvas, scale
