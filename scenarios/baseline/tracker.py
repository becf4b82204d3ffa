"""A stock tracker: ByteTrack as the ``supervision`` library carries it, with that library's defaults.

Its defaults: tracks begin at a score of 0.35 and go on at 0.25, a lost track is kept for 30 looks, boxes are matched
by overlap after a Kalman prediction.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import supervision

from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from scenarios.baseline.looks import DetectedLook

LOST_AFTER_LOOKS = 30
"""The library's ``lost_track_buffer`` at its default frame rate."""

_CLASSES = tuple(ObjectClass)


@dataclass(frozen=True, slots=True)
class Tracked:
    """One detection that belongs to a track. ``box``: fractions of the frame."""

    track: int
    kind: ObjectClass
    box: Box
    score: float


class StockTracker:
    """The tracks of one camera of ``width`` x ``height`` pixels."""

    def __init__(self, width: int, height: int) -> None:
        self._scale = np.array([width, height, width, height], np.float32)
        with warnings.catch_warnings():
            # The library announces its removal in 0.31, to which pyproject.toml holds it; the package it moved to
            # replaces the headless OpenCV that nodes use.
            warnings.filterwarnings("ignore", message="The `ByteTrack` was deprecated", category=FutureWarning)
            self._tracker = supervision.ByteTrack()

    def update(self, look: DetectedLook) -> list[Tracked]:
        """Take one look; the detections that belong to a track now."""
        found = self._tracker.update_with_detections(
            supervision.Detections(
                xyxy=look.boxes * self._scale,
                confidence=look.scores,
                class_id=np.array([_CLASSES.index(kind) for kind in look.classes], int),
            )
        )
        if found.tracker_id is None or found.confidence is None or found.class_id is None:
            return []
        boxes = np.clip(found.xyxy / self._scale, 0.0, 1.0)
        return [
            Tracked(int(track), _CLASSES[kind], (float(x1), float(y1), float(x2), float(y2)), float(score))
            for track, kind, (x1, y1, x2, y2), score in zip(
                found.tracker_id, found.class_id, boxes, found.confidence, strict=True
            )
        ]
