"""What is wanted of a live camera's reader right now; set by the looker, asked by the reading thread."""

from __future__ import annotations

import math
import threading

from ingest.clock import Clock

EARLY = 0.9
"""A picture this share of a look interval after the last one is the next look: cameras are no metronomes."""

MAX_BURST_S = 120.0
"""Longest time at full rate that one request can get, in seconds."""


class Demand:
    """Look interval, bursts, and whether the source is closed.

    Args:
        look_interval_s: Seconds between looks.
        clock: Ends bursts, on its monotonic side.
    """

    def __init__(self, look_interval_s: float, *, clock: Clock) -> None:
        self.look_interval_s = look_interval_s
        self._clock = clock
        self._full_until_s = -math.inf
        self._closed = threading.Event()

    def full_rate(self, for_s: float) -> None:
        """Every frame for ``for_s`` seconds from now; a longer request under way stands.

        Raises:
            ValueError: ``for_s`` is not positive, or longer than :data:`MAX_BURST_S`.
        """
        check_burst(for_s)
        self._full_until_s = max(self._full_until_s, self._clock.monotonic() + for_s)

    @property
    def wants_full_rate(self) -> bool:
        """Whether a burst is under way."""
        return self._clock.monotonic() < self._full_until_s

    def is_due(self, since_last_s: float | None) -> bool:
        """Whether a picture so many seconds after the last one taken (``None``: the first) is worth decoding."""
        if since_last_s is None or since_last_s < 0 or self.wants_full_rate:
            return True
        return since_last_s >= EARLY * self.look_interval_s

    def wait(self, seconds: float) -> bool:
        """Sleep in the reading thread; ``True`` as soon as the source is closed."""
        return self._closed.wait(seconds)

    @property
    def closed(self) -> bool:
        """Whether nobody will look any more."""
        return self._closed.is_set()

    def close(self) -> None:
        """Wake whoever waits."""
        self._closed.set()


def check_burst(for_s: float) -> None:
    """Refuse a burst that cannot be. Raises ValueError."""
    if not 0 < for_s <= MAX_BURST_S:
        raise ValueError(f"a burst of {for_s!r} s; give more than 0 and at most {MAX_BURST_S:g}")
