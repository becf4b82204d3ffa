"""Waiting longer after each failure, with jitter, so that a street of cameras does not knock in step."""

from __future__ import annotations

from random import Random


class Backoff:
    """Delays in seconds: ``first``, doubling up to ``most``, each drawn from its upper half."""

    def __init__(self, *, first_s: float = 1.0, most_s: float = 60.0, rng: Random) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._rng = rng
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def failed(self) -> float:
        """Count a failure; how long to wait before the next try."""
        # The exponent is bounded because a camera may be down for weeks and 2.0**1024 overflows.
        ceiling = min(self._most_s, self._first_s * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return ceiling * (0.5 + 0.5 * self._rng.random())

    def succeeded(self) -> None:
        """Start over."""
        self._failures = 0
