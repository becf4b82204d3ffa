"""What a node without cameras has in place of a detector: the card of its model, and nothing opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from detectors.types import DetectorError, FailureReason, Frame
from models.card import ModelCard


class NoModel:
    """Sensors alone need no model, which would cost seconds and memory. ``card``: of the one that would look."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> NoReturn:
        """Raises DetectorError: a node without cameras has nothing to look at."""
        raise DetectorError(FailureReason.CLOSED, "a node without cameras has opened no model")

    def close(self) -> None:
        """Nothing is open."""
