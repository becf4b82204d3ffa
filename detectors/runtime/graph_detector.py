"""A detector around any engine that runs a graph: prepare, run, decode, select."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.runtime.layouts import Outputs, decode
from detectors.runtime.preprocess import prepare
from detectors.runtime.selection import select
from detectors.types import (
    Detections,
    DetectorError,
    FailureReason,
    Frame,
    check_frame,
    check_min_score,
)
from models.card import ModelCard


class Engine(Protocol):
    """Runs one graph. Raises DetectorError(ENGINE_FAILED)."""

    def run(self, blob: NDArray[np.float32]) -> Outputs:
        """One frame's input in, all outputs by name, in the graph's order."""
        ...


class GraphDetector:
    """Implements `Detector`. Frames run one after the other: on CPUs a batch is no faster."""

    def __init__(self, card: ModelCard, engine: Engine) -> None:
        self._card = card
        self._engine: Engine | None = engine

    @property
    def card(self) -> ModelCard:
        """The card of the model behind it."""
        return self._card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        """See `Detector.detect`."""
        check_min_score(min_score)
        engine = self._engine
        if engine is None:
            raise DetectorError(FailureReason.CLOSED, f"model {self._card.name!r} was closed")
        for frame in frames:
            check_frame(frame)
        return [self._look(engine, frame, min_score) for frame in frames]

    def close(self) -> None:
        """See `Detector.close`."""
        self._engine = None

    def _look(self, engine: Engine, frame: Frame, min_score: float | None) -> Detections:
        blob, placement = prepare(frame, self._card.input)
        return select(decode(engine.run(blob), self._card), self._card, placement, min_score)
