"""When a live camera is looked at: every look interval, and at every frame while a burst is on."""

from __future__ import annotations

import math
import threading
from collections import Counter

from ingest.cameras import Source
from ingest.cameras.demand import check_burst
from ingest.clock import Clock

POLL_S = 0.25
"""How soon a burst or an errand is noticed."""

BURST_LOOK_S = 0.04
"""Shortest time between two looks: 25 a second are full rate on a street."""


class LookPace:
    """The pace of one camera; asked by its thread, hurried by any.

    Args:
        interval_s: Seconds between looks.
        clock: Its monotonic side counts.
        stopping: Ends every wait.
    """

    def __init__(self, interval_s: float, *, clock: Clock, stopping: threading.Event) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._stopping = stopping
        self._wanted_s = 0.0
        self._hurried = False
        self._burst_until_s = -math.inf
        self._next_s = clock.monotonic()
        self._last_s = -math.inf

    def begin(self) -> None:
        """The next look is due now."""
        self._next_s = self._clock.monotonic()

    def full_rate(self, for_s: float) -> None:
        """Every frame for ``for_s`` seconds, from any thread. Raises ValueError, see :func:`check_burst`."""
        check_burst(for_s)
        self._wanted_s = max(self._wanted_s, for_s)

    def look_now(self) -> None:
        """The next look is due now; asked from any thread."""
        self._hurried = True

    def pass_on(self, source: Source) -> None:
        """Tell the source of a burst that was asked for, in the camera's own thread."""
        if self._wanted_s <= 0:
            return
        for_s, self._wanted_s = self._wanted_s, 0.0
        source.full_rate(for_s)
        self._burst_until_s = max(self._burst_until_s, self._clock.monotonic() + for_s)

    def wait(self, source: Source, counters: Counter[str]) -> bool:
        """Wait for the next look; ``False`` when the camera stops. Lateness is counted."""
        while True:
            self.pass_on(source)
            now = self._clock.monotonic()
            if self._hurried:
                self._hurried, self._next_s = False, min(self._next_s, now)
            in_burst = now < self._burst_until_s
            interval_s = min(self._interval_s, BURST_LOOK_S) if in_burst else self._interval_s
            due_s = min(self._next_s, self._last_s + BURST_LOOK_S) if in_burst else self._next_s
            if now >= due_s:
                break
            if self._stopping.wait(min(due_s - now, POLL_S)):
                return False
        # A node that cannot keep up looks less often; it does not run after lost looks.
        behind_s = max(0.0, now - self._next_s)
        if behind_s > interval_s and not in_burst:
            counters["looks_late"] += 1
        self._last_s = now
        self._next_s = now + interval_s if in_burst else self._next_s + max(interval_s, behind_s)
        return not self._stopping.is_set()
