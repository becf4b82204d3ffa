"""What a live camera's reader tells about itself; written by the reading thread, read by anyone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

import structlog

from ingest.cameras.key_frames import Decision
from ingest.cameras.source import Decoding, DecodingReason

log = structlog.get_logger(__name__)


class Telemetry:
    """Decoding in use, distance of key frames, and counts.

    Args:
        shown: The address without credentials, for logs.
    """

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._lock = threading.Lock()
        self._counters: Counter[str] = Counter()
        self._said: Decision | None = None
        self.decision: Decision | None = None
        self.key_frame_distance_s: float | None = None
        self.sub_stream = False

    def decides(self, decision: Decision, key_frame_distance_s: float | None) -> None:
        """Remember which frames are decoded; one line in the log whenever that changes for longer than a burst."""
        self.key_frame_distance_s = key_frame_distance_s
        if decision == self.decision:
            return
        self.decision = decision
        if decision.reason in (DecodingReason.BURST, DecodingReason.MEASURING) or decision == self._said:
            return
        self._said = decision
        self.count("decoding_changes")
        say = log.warning if decision.reason is DecodingReason.SPARSE else log.info
        say(
            "camera.decoding",
            source=self._shown,
            decoding=decision.decoding.value,
            reason=decision.reason.value,
            key_frame_distance_s=None if key_frame_distance_s is None else round(key_frame_distance_s, 2),
            sub_stream=self.sub_stream,
        )

    def single_pictures(self) -> None:
        """Every picture of the stream stands alone."""
        self.decides(Decision(Decoding.KEY_FRAMES, DecodingReason.SINGLE_PICTURES), None)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a total."""
        if by:
            with self._lock:
                self._counters[name] += by

    @property
    def counters(self) -> Mapping[str, int]:
        """All totals by name."""
        with self._lock:
            return dict(self._counters)
