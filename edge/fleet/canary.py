"""A new model beside the old one (灰度观察): it looks at what the old one looks at, and only the old one counts.

The comparison is arithmetic over looks and is pure; :class:`CanaryDetector` feeds it from the node's own looks, within
the turn of the shared engine, so that both models see the same pictures and never run at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

import structlog

from detectors.types import Detections, Detector, DetectorError, Frame, iou
from ingest.fleet import CanaryBounds, CanaryFigures
from ingest.taxonomy import ObjectClass
from models.card import ModelCard

log = structlog.get_logger(__name__)

SAME_IOU = 0.5
"""Two sightings of one class that overlap so much are one sighting."""
TIMES_KEPT = 500
MIN_LOOKS_FOR_TIME = 10
"""The first looks of an engine are slow; fewer say nothing about its speed."""


def unmatched(old: Detections, new: Detections, kinds: frozenset[ObjectClass]) -> tuple[int, int]:
    """How many sightings only one of the two has, and how many there are: one that both have counts once.

    Only classes that both models know count.
    """
    old, new = old.of(kinds), new.of(kinds)
    overlap = iou(old.boxes, new.boxes)
    taken: set[int] = set()
    for row, kind in enumerate(old.classes):
        fits = [
            (float(overlap[row, column]), column)
            for column, other in enumerate(new.classes)
            if other is kind and column not in taken and overlap[row, column] >= SAME_IOU
        ]
        if fits:
            taken.add(max(fits)[1])
    both = len(taken)
    return len(old) + len(new) - 2 * both, len(old) + len(new) - both


@dataclass
class Comparison:
    """What a comparison has found so far."""

    bounds: CanaryBounds
    looks: int = 0
    failures: int = 0
    only_one: int = 0
    sightings: int = 0
    old_s: list[float] = field(default_factory=list)
    new_s: list[float] = field(default_factory=list)

    def failed(self) -> None:
        """The new model could not look where the old one could."""
        self.looks += 1
        self.failures += 1

    def looked(self, old_s: float, new_s: float, only_one: int, sightings: int) -> None:
        """Both looked at a picture."""
        self.looks += 1
        self.only_one += only_one
        self.sightings += sightings
        if len(self.old_s) < TIMES_KEPT:
            self.old_s.append(old_s)
            self.new_s.append(new_s)

    def figures(self) -> CanaryFigures:
        """For the report."""
        return CanaryFigures(
            looks=self.looks,
            failures=self.failures,
            old_ms=round(median(self.old_s) * 1000, 3) if self.old_s else 0.0,
            new_ms=round(median(self.new_s) * 1000, 3) if self.new_s else 0.0,
            disagreement=round(self.only_one / self.sightings, 4) if self.sightings else 0.0,
        )

    def verdict(self) -> str | None:
        """``passed``, the reason code of a failure, or None while it goes on.

        Failures end it at once; time and agreement are judged when all looks are done.
        """
        if self.failures > self.bounds.max_failures:
            return "canary_failures"
        if self.looks < self.bounds.looks:
            return None
        figures = self.figures()
        timed = len(self.old_s) >= MIN_LOOKS_FOR_TIME and figures.old_ms > 0
        if timed and figures.new_ms > self.bounds.max_slowdown * figures.old_ms:
            return "canary_too_slow"
        if figures.disagreement > self.bounds.max_disagreement:
            return "canary_disagrees"
        return "passed"


class CanaryDetector:
    """The node's detector, with room for a second one beside it.

    Args:
        detector: The one that counts.
        monotonic: Seconds; measures both.
    """

    def __init__(self, detector: Detector, *, monotonic: Callable[[], float]) -> None:
        self._detector = detector
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._candidate: Detector | None = None
        self._comparison: Comparison | None = None

    @property
    def card(self) -> ModelCard:
        """Of the model that counts."""
        return self._detector.card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        """See :meth:`detectors.types.Detector.detect`."""
        began = self._monotonic()
        answers = self._detector.detect(frames, min_score=min_score)
        took_s = self._monotonic() - began
        # Looks for what must be covered ask for every faint sighting; they say nothing about what would be raised.
        if min_score is None:
            with self._lock:
                if self._candidate is not None and self._comparison is not None:
                    self._compare(self._candidate, self._comparison, frames, answers, took_s)
        return answers

    def close(self) -> None:
        """Free both engines."""
        self.end_canary()
        self._detector.close()

    def begin_canary(self, candidate: Detector, bounds: CanaryBounds) -> None:
        """Let ``candidate`` look along; it stays the caller's to close when the canary has ended."""
        with self._lock:
            self._candidate, self._comparison = candidate, Comparison(bounds)

    def end_canary(self) -> None:
        """The candidate looks no more once this returns."""
        with self._lock:
            self._candidate = None

    def canary(self) -> tuple[str | None, CanaryFigures]:
        """Verdict and figures of the comparison in hand, or of the last one."""
        with self._lock:
            if self._comparison is None:
                return None, CanaryFigures()
            return self._comparison.verdict(), self._comparison.figures()

    def replace(self, detector: Detector) -> Detector:
        """Another one counts from now on; returns the one before, which is the caller's to close."""
        with self._lock:
            before, self._detector = self._detector, detector
            self._candidate = None
            return before

    def _compare(
        self,
        candidate: Detector,
        comparison: Comparison,
        frames: Sequence[Frame],
        answers: Sequence[Detections],
        took_s: float,
    ) -> None:
        began = self._monotonic()
        try:
            others = candidate.detect(frames)
        except Exception as error:  # noqa: BLE001 - counted in the comparison; the old model's answer stands
            comparison.failed()
            if not isinstance(error, DetectorError):
                log.error("fleet.canary_surprise", error=f"{type(error).__name__}: {error}"[:300])
        else:
            new_s = (self._monotonic() - began) / max(1, len(frames))
            kinds = frozenset(self._detector.card.classes.values()) & frozenset(candidate.card.classes.values())
            for old, new in zip(answers, others, strict=True):
                comparison.looked(took_s / max(1, len(frames)), new_s, *unmatched(old, new, kinds))
        if comparison.verdict() not in (None, "passed"):
            # What has failed looks no more, also before anybody asks.
            self._candidate = None
