"""One inference engine for all cameras of a node, served strictly in the order of asking.

A camera has at most one request waiting, so first come, first served is a round-robin: overload lowers all
look rates evenly. Whoever waits too long (a hung engine) could not look, and is told so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from detectors.types import Detections, Detector, DetectorError, FailureReason, Frame
from models.card import ModelCard

TURN_TIMEOUT_S = 30.0
"""Longest wait for the engine; far beyond any inference, so only a hung one is met by it."""


class SharedDetector:
    """A :class:`Detector` that many threads may call."""

    def __init__(self, detector: Detector, *, turn_timeout_s: float = TURN_TIMEOUT_S) -> None:
        self._detector = detector
        self._turn_timeout_s = turn_timeout_s
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def card(self) -> ModelCard:
        """The card of the model behind it."""
        return self._detector.card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        """See :meth:`Detector.detect`. Raises DetectorError, also when the engine stays busy too long."""
        with self._turn():
            return self._detector.detect(frames, min_score=min_score)

    def close(self) -> None:
        """Free the engine after the inference that runs."""
        with self._turn():
            self._detector.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            if not self._changed.wait_for(lambda: self._queue[0] is ticket, self._turn_timeout_s):
                self._queue.remove(ticket)
                raise DetectorError(
                    FailureReason.ENGINE_FAILED, f"the engine was not free within {self._turn_timeout_s:g} s"
                )
        try:
            yield
        finally:
            with self._changed:
                self._queue.popleft()
                self._changed.notify_all()
