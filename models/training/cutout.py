"""Cuts rubbish bags out of labelled photos, with soft edges."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from models.training.augment import load
from models.training.boxes import Floats, Picture, overlap
from models.training.folder import Sample
from models.training.reference import GARBAGE

_LEAST_SIDE = 48  # px; smaller cuts are mostly edge
_MARGIN = 0.15
_FEATHER = 1.5  # px
_WORK_SIDE = 160  # px; the mask is found on a picture of this size
_FILLED = (0.40, 0.97)  # share of the box that a credible mask fills

Cutout = MatLike  # uint8 [h, w, 4]: BGR and opacity


def cut_bags(samples: Iterable[Sample]) -> list[Cutout]:
    """One cut-out per lonely, large, wholly visible bag whose outline GrabCut finds credible."""
    cuts = []
    for sample in samples:
        item = load(sample)
        bags = item.boxes[item.boxes[:, 0] == GARBAGE, 1:]
        for index, box in enumerate(bags):
            others = np.delete(bags, index, axis=0)
            if _usable(box, others, item.picture):
                cut = _cut(item.picture, box)
                if cut is not None:
                    cuts.append(cut)
    return cuts


def _usable(box: Floats, others: Floats, picture: Picture) -> bool:
    height, width = picture.shape[:2]
    whole = box[0] > 2 and box[1] > 2 and box[2] < width - 2 and box[3] < height - 2
    large = min(box[2] - box[0], box[3] - box[1]) >= _LEAST_SIDE
    lonely = not len(others) or float(overlap(box[None], others).max()) < 0.05
    return bool(whole and large and lonely)


def _cut(picture: Picture, box: Floats) -> Cutout | None:
    x1, y1, x2, y2 = (float(value) for value in box)
    mx, my = (x2 - x1) * _MARGIN, (y2 - y1) * _MARGIN
    left, top = max(int(x1 - mx), 0), max(int(y1 - my), 0)
    part = picture[top : int(y2 + my), left : int(x2 + mx)]
    factor = _WORK_SIDE / max(part.shape[:2])
    part = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    rect = [round(value * factor) for value in (x1 - left, y1 - top, x2 - x1, y2 - y1)]
    outline = _outline(part, rect)
    if outline is None:
        return None
    opacity = (np.clip(cv2.GaussianBlur(outline, (0, 0), _FEATHER), 0, 1) * 255).astype(np.uint8)
    x, y, w, h = cv2.boundingRect((outline > 0).astype(np.uint8))
    return np.dstack((part, opacity))[y : y + h, x : x + w]


def _outline(part: Picture, rect: list[int]) -> NDArray[np.float32] | None:
    """The largest foreground blob (1.0 inside) of what lies in `rect` x y w h; None where it is not credible."""
    mask: MatLike = np.zeros(part.shape[:2], np.uint8)
    cv2.setRNGSeed(0)
    cv2.grabCut(part, mask, rect, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_RECT)
    solid: MatLike = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    if count < 2:
        return None
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    _, _, w, h, area = (int(value) for value in stats[largest])
    near_box = w >= 0.8 * rect[2] and h >= 0.8 * rect[3]
    filled = area / max(rect[2] * rect[3], 1)
    if not (near_box and _FILLED[0] <= filled <= _FILLED[1]):
        return None
    inside: NDArray[np.float32] = (labels == largest).astype(np.float32)
    return inside
