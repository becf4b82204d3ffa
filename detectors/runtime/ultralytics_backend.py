"""The engine for ultralytics `.pt` files (extra `ultralytics`; AGPL-3.0, unlike this project's code).

A `.pt` file is a pickle: loading it can run code. Only files whose sha256 stands in a trusted card are opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.runtime.backends import load_failure, require, run_failure
from detectors.runtime.layouts import Candidates
from detectors.runtime.preprocess import Placement
from detectors.runtime.selection import select
from detectors.types import (
    Detections,
    Detector,
    DetectorError,
    FailureReason,
    Frame,
    check_frame,
    check_min_score,
)
from models.card import ModelCard
from models.catalogue import ResolvedModel


class UltralyticsDetector:
    """Implements `Detector`. Resizing and decoding are ultralytics' own; classes and thresholds the card's."""

    def __init__(self, model: ResolvedModel, threads: int) -> None:
        package = require("ultralytics", "ultralytics")
        torch = require("torch", "ultralytics")
        self._card = model.card
        model.read()
        try:
            torch.set_num_threads(threads)
            self._model: Any = package.YOLO(str(model.weights), task="detect")
        except Exception as error:  # unpickling can raise anything; all become LOAD_FAILED
            raise load_failure(self._card.name, error) from error

    @property
    def card(self) -> ModelCard:
        """The card of the model behind it."""
        return self._card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        """See `Detector.detect`."""
        check_min_score(min_score)
        if self._model is None:
            raise DetectorError(FailureReason.CLOSED, f"model {self._card.name!r} was closed")
        for frame in frames:
            check_frame(frame)
        return [self._look(frame, min_score) for frame in frames]

    def close(self) -> None:
        """See `Detector.close`."""
        self._model = None

    def _look(self, frame: Frame, min_score: float | None) -> Detections:
        thresholds, spec = self._card.thresholds, self._card.input
        lowest = min(thresholds.of(kind) for kind in self._card.classes.values())
        try:
            (result,) = self._model.predict(
                np.ascontiguousarray(frame),
                imgsz=(spec.height, spec.width),
                conf=lowest if min_score is None else min_score,
                iou=thresholds.nms_iou,
                classes=sorted(self._card.classes),
                device="cpu",
                verbose=False,
            )
            boxes = result.boxes.xyxy.cpu().numpy()
            scores = result.boxes.conf.cpu().numpy()
            indices = result.boxes.cls.cpu().numpy()
        except Exception as error:  # torch raises anything; all become ENGINE_FAILED
            raise run_failure(self._card.name, error) from error
        found = _candidates(boxes, scores, indices)
        # ultralytics answers in pixels of the frame itself
        return select(found, self._card, Placement(0, 0, frame.shape[1], frame.shape[0]), min_score)


def _candidates(boxes: Any, scores: Any, indices: Any) -> Candidates:
    columns = np.concatenate(
        [np.reshape(boxes, (-1, 4)), np.reshape(scores, (-1, 1)), np.reshape(indices, (-1, 1))], axis=1
    ).astype(np.float32)
    if not bool(np.isfinite(columns).all()):
        raise DetectorError(FailureReason.OUTPUT_NOT_FINITE, "ultralytics yields NaN or infinity")
    return Candidates(columns[:, :4], columns[:, 4], np.rint(columns[:, 5]).astype(np.int64))


def open_ultralytics(model: ResolvedModel, threads: int) -> Detector:
    """A detector on ultralytics. Raises DetectorError, or ModelError for the weights file."""
    return UltralyticsDetector(model, threads)
