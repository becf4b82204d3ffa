"""Detections of a picture taken askew, as the reference view would have them (检测框配准)."""

from __future__ import annotations

import numpy as np

from detectors.attention.closely import CloseLook
from detectors.attention.evidence import Interest
from detectors.condition.warp import Warp
from detectors.places.doubt import Closely
from detectors.places.sighting import Looked
from detectors.types import Detections
from ingest.messages import Box

_LEAST_SIDE = 1e-4


def straightened(detections: Detections, warp: Warp) -> Detections:
    """The same sightings in reference coordinates, without those that lie mostly outside the reference view."""
    if warp.straight or not len(detections):
        return detections
    moved: list[Box] = []
    keep = np.zeros(len(detections), bool)
    for row in range(len(detections)):
        x1, y1, x2, y2 = (float(side) for side in detections.boxes[row])
        box = warp.box_back((x1, y1, x2, y2))
        if box is not None and min(box[2] - box[0], box[3] - box[1]) >= _LEAST_SIDE:
            keep[row] = True
            moved.append(box)
    kept = detections.filter(keep)
    return Detections(np.array(moved, np.float32).reshape(-1, 4), kept.scores, kept.classes, kept.carried)


def in_picture(interest: Interest, warp: Warp) -> Interest:
    """Where in the present picture lies what place memory wants to know about."""
    if warp.straight:
        return interest
    return Interest(*(_now(boxes, warp) for boxes in (interest.watched, interest.wanted, interest.doubted)))


def seen_closely(look: CloseLook, warp: Warp) -> Closely | None:
    """A close look in reference coordinates; None where that view does not show its box."""
    box = look.box if warp.straight else warp.box_back(look.box)
    if box is None:
        return None
    found = straightened(look.found, warp)
    boxes = ((float(x1), float(y1), float(x2), float(y2)) for x1, y1, x2, y2 in found.boxes)
    return Closely(box, tuple(zip(boxes, found.classes, map(float, found.scores), strict=True)))


def in_reference(looked: Looked, warp: Warp) -> Looked:
    """The same question asked of boxes of the reference view; nobody looked at what the picture does not show."""
    if warp.straight:
        return looked
    return lambda box: (now := warp.box_now(box)) is not None and looked(now)


def _now(boxes: tuple[Box, ...], warp: Warp) -> tuple[Box, ...]:
    moved = (warp.box_now(box) for box in boxes)
    return tuple(box for box in moved if box is not None)
