"""Opens a model that came from the centre only after a trial on the test picture."""

from __future__ import annotations

import numpy as np

from detectors.runtime import open_detector
from detectors.types import Detections, Detector
from models.card import Backend
from models.catalogue import ResolvedModel
from models.trial import SMOKE_FLOOR, Seen, judge_trial
from models.trial_picture import street


def open_tried(model: ResolvedModel, *, threads: int) -> Detector:
    """An engine that sees on the test picture what its card says.

    Raises:
        DetectorError, ModelError: It does not open, or sees something else.
    """
    detector = open_detector(model, backend=Backend.ONNXRUNTIME, threads=threads)
    try:
        judge_detector(detector)
    except BaseException:
        detector.close()
        raise
    return detector


def judge_detector(detector: Detector) -> None:
    """Have an open detector look at the test picture and at a blank one. Raises DetectorError, TrialFailed."""
    picture = street()
    seen, blank = detector.detect([picture, np.full_like(picture, 114)], min_score=SMOKE_FLOOR)
    judge_trial(detector.card, detector.card.backends[0], _rows(seen), _rows(blank))


def _rows(found: Detections) -> list[Seen]:
    return [
        Seen(kind, float(score), (float(box[0]), float(box[1]), float(box[2]), float(box[3])))
        for kind, score, box in zip(found.classes, found.scores, found.boxes, strict=True)
    ]
