"""Slows a stream that floods: one camera may not take the processor from the others."""

from __future__ import annotations

from ingest.cameras.demand import Demand
from ingest.clock import Clock

PACKETS_PER_S = 120.0
"""Twice what the fastest street cameras send."""

BURST = 360.0
"""Packets let through at once: servers send a group of pictures in one go at the start."""

LEAD_S = 10.0
"""How far media time may run ahead of the clock where a recording may be served as a camera; less would hold up
live streams whose server keeps the last group of pictures ready."""

MAX_PAUSE_S = 5.0
"""Longest wait for one packet: well below what counts as a stall."""


class Governor:
    """Asked before every packet; the reading thread waits here while the sender is too fast.

    Back-pressure of TCP then slows the sender itself; over UDP its packets are dropped by the system. ``lead_s``: how
    far media time may run ahead of the clock, ``None`` for streams that cannot be but live.
    """

    def __init__(self, demand: Demand, *, clock: Clock, lead_s: float | None = None) -> None:
        self._demand = demand
        self._clock = clock
        self._lead_s = lead_s
        self._tokens = BURST
        self._filled_s = clock.monotonic()
        self._origin: tuple[float, float] | None = None
        self.throttled = 0
        """Packets that had to wait."""

    def admit(self, pts_s: float | None = None) -> bool:
        """Wait for the turn of a packet; ``False`` when the source was closed meanwhile."""
        pause_s = min(MAX_PAUSE_S, max(self._by_count(), self._by_time(pts_s)))
        if pause_s <= 0:
            return not self._demand.closed
        self.throttled += 1
        return not self._demand.wait(pause_s)

    def _by_count(self) -> float:
        now = self._clock.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._filled_s) * PACKETS_PER_S)
        self._filled_s = now
        self._tokens -= 1
        return -self._tokens / PACKETS_PER_S

    def _by_time(self, pts_s: float | None) -> float:
        if pts_s is None or self._lead_s is None:
            return 0.0
        now = self._clock.monotonic()
        if self._origin is None:
            self._origin = (now, pts_s)
        started_s, first_s = self._origin
        ahead_s = (pts_s - first_s) - (now - started_s)
        if not -self._lead_s <= ahead_s <= 60.0:
            # It fell behind, or its time base jumped: what is to come is measured from here.
            self._origin = (now, pts_s)
            return 0.0
        return ahead_s - self._lead_s
