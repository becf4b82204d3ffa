"""A detector that sees bright squares, and streets to put them on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Detections, Frame
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from models.card import ModelCard

START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
_MARK = (0, 255, 255)
"""A colour that the street has nowhere: the detector sees what is painted so."""


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def card(width: int = 64, height: int = 64) -> ModelCard:
    return ModelCard.model_validate(
        {
            "name": "squares",
            "version": "1",
            "file": "squares.onnx",
            "sha256": "0" * 64,
            "backends": ["onnxruntime"],
            "input": {"width": width, "height": height, "colour": "BGR", "resize": "stretch"},
            "output": {"layout": "yolo_end2end"},
            "classes": {0: "vehicle"},
            "thresholds": {"score": 0.5, "nms_iou": 0.5},
            "provenance": {"sources": ["none"], "licences": ["none"], "licence": "none"},
        }
    )


class SquareDetector:
    """Finds every marked rectangle of a picture, exactly; counts the pictures it was shown."""

    def __init__(self, width: int = 64, height: int = 64) -> None:
        self._card = card(width, height)
        self.looks = 0
        self.sizes: list[tuple[int, int]] = []

    @property
    def card(self) -> ModelCard:
        return self._card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        self.looks += len(frames)
        self.sizes += [(frame.shape[1], frame.shape[0]) for frame in frames]
        return [_squares(frame) for frame in frames]

    def close(self) -> None:
        pass


def _squares(frame: Frame) -> Detections:
    height, width = frame.shape[:2]
    mask = cv2.inRange(frame, _MARK, _MARK)
    number, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    rows = [stats[label] for label in range(1, number)]
    boxes = np.array(
        [[left / width, top / height, (left + w) / width, (top + h) / height] for left, top, w, h, _ in rows],
        np.float32,
    ).reshape(-1, 4)
    return Detections(boxes, np.full(len(rows), 0.9, np.float32), (ObjectClass.VEHICLE,) * len(rows))


def bare(width: int = 640, height: int = 360, seed: int = 3) -> NDArray[np.uint8]:
    """A street without anything: soft blotches and a kerb line, no noise."""
    rng = np.random.default_rng(seed)
    small = rng.uniform(80, 150, (height // 30 + 1, width // 30 + 1, 3)).astype(np.float32)
    picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    picture[height // 2 : height // 2 + 4] = 190
    return np.clip(picture, 0, 255).astype(np.uint8)


def put(picture: NDArray[np.uint8], boxes: Sequence[Box]) -> NDArray[np.uint8]:
    """The picture with marked rectangles at ``boxes`` (fractions)."""
    drawn = picture.copy()
    height, width = picture.shape[:2]
    for x1, y1, x2, y2 in boxes:
        drawn[round(y1 * height) : round(y2 * height), round(x1 * width) : round(x2 * width)] = _MARK
    return drawn


def noisy(picture: NDArray[np.uint8], seed: int, sigma: float) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return np.clip(picture + rng.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def compressed(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
