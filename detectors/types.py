"""What detectors see: sightings in one picture, and the ways in which looking can fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ingest.taxonomy import ObjectClass
from models.card import ModelCard

Frame = NDArray[np.uint8]
"""A picture: height x width x 3, BGR."""
Boxes = NDArray[np.float32]
"""N x 4: x1, y1, x2, y2."""


class FailureReason(StrEnum):
    """Why a detector could not look."""

    BAD_FRAME = "bad_frame"
    BAD_REQUEST = "bad_request"
    BACKEND_MISSING = "backend_missing"
    BACKEND_UNSUITABLE = "backend_unsuitable"
    LOAD_FAILED = "load_failed"
    ENGINE_FAILED = "engine_failed"
    OUTPUT_MISSING = "output_missing"
    OUTPUT_SHAPE = "output_shape"
    OUTPUT_NOT_FINITE = "output_not_finite"
    CLOSED = "closed"


class DetectorError(Exception):
    """The detector could not look. Never to be taken for "looked and saw nothing"."""

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """The sightings of one picture, in columns.

    boxes: float32 N x 4, x1 y1 x2 y2 in fractions of the frame (0..1, x1 < x2, y1 < y2).
    scores: float32 N, 0..1. classes: N. carried: N booleans, all False where none are given: this row is the answer
    of an earlier look, which stands because the picture has not changed there since. The arrays are made read-only.
    Raises ValueError on anything else.
    """

    boxes: Boxes
    scores: NDArray[np.float32]
    classes: tuple[ObjectClass, ...]
    carried: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def __post_init__(self) -> None:
        n = len(self.classes)
        if self.carried.shape == (0,):
            object.__setattr__(self, "carried", np.zeros(n, np.bool_))
        if self.boxes.shape != (n, 4) or self.scores.shape != (n,) or self.carried.shape != (n,):
            raise ValueError(
                f"columns differ: boxes {self.boxes.shape}, scores {self.scores.shape}, {n} classes, "
                f"carried {self.carried.shape}; give boxes N x 4 and N of each other"
            )
        if self.boxes.dtype != np.float32 or self.scores.dtype != np.float32:
            raise ValueError(f"boxes are {self.boxes.dtype}, scores {self.scores.dtype}; both must be float32")
        if self.carried.dtype != np.bool_:
            raise ValueError(f"carried is {self.carried.dtype}; give booleans")
        if not bool(((self.boxes >= 0) & (self.boxes <= 1)).all()):
            raise ValueError("boxes hold values outside 0..1; give fractions of the frame")
        if not bool((self.boxes[:, :2] < self.boxes[:, 2:]).all()):
            raise ValueError("boxes hold one without area; give x1 < x2 and y1 < y2")
        if not bool(((self.scores >= 0) & (self.scores <= 1)).all()):
            raise ValueError("scores hold values outside 0..1")
        self.boxes.setflags(write=False)
        self.scores.setflags(write=False)
        self.carried.setflags(write=False)

    def __len__(self) -> int:
        return len(self.classes)

    @classmethod
    def empty(cls) -> Self:
        """Looked, and saw nothing."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), ())

    @classmethod
    def concatenate(cls, parts: Sequence[Detections]) -> Self:
        """All sightings of all parts, in their order."""
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            tuple(kind for part in parts for kind in part.classes),
            np.concatenate([part.carried for part in parts]),
        )

    def filter(self, keep: NDArray[np.bool_]) -> Self:
        """Only the rows where `keep` (N booleans) is true."""
        kinds = tuple(kind for kind, kept in zip(self.classes, keep, strict=True) if kept)
        return type(self)(self.boxes[keep], self.scores[keep], kinds, self.carried[keep])

    def as_carried(self, carried: bool) -> Self:
        """The same rows, all of them carried or none."""
        return type(self)(self.boxes, self.scores, self.classes, np.full(len(self), carried))

    def of(self, kinds: Collection[ObjectClass]) -> Self:
        """Only the rows of these classes."""
        return self.filter(np.array([kind in kinds for kind in self.classes], bool))

    def above(self, threshold: Callable[[ObjectClass], float]) -> Self:
        """Only the rows whose score reaches their class's threshold, as in `card.thresholds.of`."""
        floors = np.array([threshold(kind) for kind in self.classes], np.float32)
        return self.filter(self.scores >= floors)

    def pixels(self, width: int, height: int) -> Boxes:
        """The boxes in pixels of a picture of that size, float32 N x 4."""
        return np.asarray(self.boxes * np.array([width, height, width, height], np.float32))


def area(boxes: Boxes) -> NDArray[np.float64]:
    """Areas of N boxes in their own units squared; a turned-over box has none."""
    sides = np.clip(boxes[:, 2:].astype(np.float64) - boxes[:, :2], 0.0, None)
    return np.asarray(sides[:, 0] * sides[:, 1])


def iou(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """Intersection over union of every box of `first` (N x 4) with every box of `second` (M x 4): N x M.

    A pair in which nothing has an area counts 0.
    """
    a, b = first.astype(np.float64)[:, None, :], second.astype(np.float64)[None, :, :]
    sides = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0.0, None)
    shared = sides[..., 0] * sides[..., 1]
    union = area(first)[:, None] + area(second)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


class Detector(Protocol):
    """Looks at pictures. One caller at a time; call `close` when done."""

    @property
    def card(self) -> ModelCard:
        """The card of the model behind it."""
        ...

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        """Look at each frame (uint8, H x W x 3, BGR, any size); one answer per frame, in order.

        Without `min_score` the card's thresholds apply, class by class; with it every sighting of at least
        that score (0 < min_score <= 1) is returned, for `Detections.above` to sift. Raises DetectorError, for
        all frames when one cannot be looked at.
        """
        ...

    def close(self) -> None:
        """Free the engine. Afterwards `detect` raises DetectorError(CLOSED); closing twice is fine."""
        ...


def check_frame(frame: Frame) -> None:
    """Refuse what is not a picture: raises DetectorError(BAD_FRAME)."""
    if not isinstance(frame, np.ndarray):
        raise DetectorError(FailureReason.BAD_FRAME, f"frame is a {type(frame).__name__}; give a numpy array")
    if frame.dtype != np.uint8:
        raise DetectorError(FailureReason.BAD_FRAME, f"frame's dtype is {frame.dtype}; give uint8")
    if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise DetectorError(
            FailureReason.BAD_FRAME, f"frame's shape is {frame.shape}; give height x width x 3 (BGR), not empty"
        )


def check_min_score(min_score: float | None) -> None:
    """Refuse a floor outside 0 < min_score <= 1: raises DetectorError(BAD_REQUEST)."""
    if min_score is not None and not 0.0 < min_score <= 1.0:
        raise DetectorError(FailureReason.BAD_REQUEST, f"min_score is {min_score}; give 0 < min_score <= 1")
