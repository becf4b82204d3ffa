"""Asks a device again and again: every so many seconds, less often while it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import Protocol

from ingest.cameras.backoff import Backoff
from ingest.clock import Clock
from ingest.sensors.source import NoSample, Sample

MOST_PAUSE_S = 300.0


class Device(Protocol):
    """Answers when it is asked."""

    def ask(self) -> Sample | NoSample:
        """One question, within the device's time-out; never raises for what the device does."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Polled:
    """A source that asks a device.

    Args:
        device: Whom to ask.
        every_s: How often. After failures the pause grows up to :data:`MOST_PAUSE_S`, but never below ``every_s``.
        clock: Times the questions.
        rng: Spreads the questions of a street.
        wait: Waits so many seconds; for tests.
    """

    def __init__(
        self,
        device: Device,
        every_s: float,
        *,
        clock: Clock,
        rng: Random,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._device = device
        self._every_s = every_s
        self._clock = clock
        self._wait = wait or threading.Event().wait
        self._backoff = Backoff(first_s=every_s, most_s=max(MOST_PAUSE_S, every_s), rng=rng)
        self._due_s = clock.monotonic()

    @property
    def counters(self) -> dict[str, int]:
        """Nothing is dropped: who is asked answers once."""
        return {}

    def read(self, timeout_s: float) -> Sample | NoSample | None:
        """Asks when it is time to; else waits up to ``timeout_s``."""
        left_s = self._due_s - self._clock.monotonic()
        if left_s > timeout_s:
            self._wait(timeout_s)
            return None
        if left_s > 0:
            self._wait(left_s)
        answer = self._device.ask()
        now = self._clock.monotonic()
        if isinstance(answer, NoSample):
            self._due_s = now + max(self._every_s, self._backoff.failed())
        else:
            self._backoff.succeeded()
            # In step with the first question, without running after questions that were missed.
            self._due_s += self._every_s * max(1.0, (now - self._due_s) // self._every_s + 1)
        return answer

    def close(self) -> None:
        """Let go of the device."""
        self._device.close()
