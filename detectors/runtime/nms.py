"""Non-maximum suppression (非极大值抑制): of boxes that show the same thing, keep the surest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors.types import Boxes, iou

MAX_CANDIDATES = 2000
"""Only the surest so many enter: bounds the time that a graph gone wild can take."""


def suppress(
    boxes: Boxes, scores: NDArray[np.float32], kinds: NDArray[np.int64], max_iou: float
) -> NDArray[np.int64]:
    """Greedy suppression within each kind.

    boxes N x 4 in any one unit, scores N, kinds N. Returns the kept rows' indices, surest first; equal scores
    keep their order. No two kept boxes of a kind overlap by more than `max_iou`.
    """
    order = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    kept: list[np.int64] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        doubles = (kinds[rest] == kinds[best]) & (iou(boxes[best : best + 1], boxes[rest])[0] > max_iou)
        order = rest[~doubles]
    return np.array(kept, np.int64)
