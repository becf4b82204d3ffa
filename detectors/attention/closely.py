"""A second look at what nobody saw arrive (近看): its surroundings alone, and the same mirrored.

What a detector takes for a vehicle in the whole picture and is none (an island with bollards and a sign) is found no
more where it is shown larger, without its context; what is one is found more surely. So the question is put once,
before anything is raised, and no score has to be held against a limit that fits one model only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.attention.merge import to_frame
from detectors.types import Detections, Frame
from ingest.messages import Box

MOST_AT_A_LOOK = 2
"""So many places are looked at closely in one look; the others wait for the next."""
_AROUND = 1.6
_WIDE, _HIGH = 1.2, 0.8
"""The region's sides as parts of ``_AROUND`` times the longer side: room beside an upright thing and a lying one."""
_ENLARGED_AT_MOST = 1.8
"""What is small is shown with more around it: enlarged further it looks like nothing the detector ever learnt from.
Measured with kerbwatch-nano 0.2.0: enlarged by up to 1.8, no furniture of the real clips was found again, and of what
stood on drawn streets 75 (two-wheelers) to 100 % was in a single close look."""


@dataclass(frozen=True)
class CloseLook:
    """``found`` around ``box``, all in fractions of the frame."""

    box: Box
    found: Detections


def region_around(box: Box, width: int, height: int, input_width: int) -> Box:
    """What is shown of a picture of that size to a model with that input, all in px: whole pixels, never empty."""
    side = max((box[2] - box[0]) * width, (box[3] - box[1]) * height) * _AROUND
    side = max(side, input_width / _ENLARGED_AT_MOST / _WIDE)
    x, y = (box[0] + box[2]) / 2 * width, (box[1] + box[3]) / 2 * height
    left, right = _span(x, side * _WIDE, width)
    top, bottom = _span(y, side * _HIGH, height)
    return left / width, top / height, right / width, bottom / height


def pictures(part: Frame) -> list[Frame]:
    """The region and its mirror image."""
    return [part, np.ascontiguousarray(part[:, ::-1])]


def close_look(box: Box, region: Box, answers: Sequence[Detections]) -> CloseLook:
    """What the answers to :func:`pictures` say of ``box``."""
    plain, mirrored = answers
    return CloseLook(box, Detections.concatenate([to_frame(plain, region), to_frame(_mirrored(mirrored), region)]))


def _mirrored(found: Detections) -> Detections:
    boxes = found.boxes.copy()
    boxes[:, [0, 2]] = 1 - found.boxes[:, [2, 0]]
    return Detections(boxes, found.scores, found.classes)


def _span(middle: float, length: float, side: int) -> tuple[int, int]:
    low = min(max(0, int(middle - length / 2)), side - 1)
    return low, min(side, max(low + 1, round(middle + length / 2)))
