"""When a live picture was taken (pure): by the stream's own time stamps, never by counting frames.

A picture's *age* at arrival is what is worked out; the caller takes it off both its clocks, so a stepped wall clock
moves nothing. Two witnesses:

- **arrival, anchored**: ``arrival - time stamp`` is smallest for the picture that was held up least; whatever a later
  picture has beyond that is its age. The smallest of the last minute or two is kept, because crystals drift.
- **the camera's clock** (RTCP sender reports, HLS programme date-time), believed as long as it agrees with the former
  within ``Stamp.tolerance_s``: many cameras live in 1970.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 60.0
"""The smallest delay is forgotten after one to two of these."""

MAX_AGE_S = 30.0
"""Older by its time stamp than this, and the stream's time base has jumped: anchored anew."""


@dataclass(frozen=True)
class Stamp:
    """What a stream says about a picture's time.

    Attributes:
        pts_s: Presentation time stamp, any origin; ``None`` where the stream has none.
        sender_s: The camera's wall clock when it was taken, Unix seconds.
        tolerance_s: Difference up to which ``sender_s`` is believed: its error and the usual latency.
        arrived_s: Monotonic arrival where that was not just now (segments fetched in one piece).
    """

    pts_s: float | None = None
    sender_s: float | None = None
    tolerance_s: float = 10.0
    arrived_s: float | None = None


class PresentationClock:
    """The ages of the pictures of one connection; ``after_s``: monotonic time of the last picture of the one before."""

    def __init__(self, *, after_s: float | None = None) -> None:
        self._window_began_s = 0.0
        self._least: float | None = None
        self._least_before: float | None = None
        self._last_s = after_s
        self.sender_clock = False
        """Whether the last picture's time came from the camera's clock."""
        self.sender_offset_s: float | None = None
        """The node's clock less the camera's, at the last picture that told it; latency included."""
        self.reanchored = 0
        """How often the stream's time base jumped."""

    def age_s(self, stamp: Stamp, *, steady_s: float, wall_s: float) -> float:
        """Seconds between the taking of a picture and now, not below 0; pictures never swap places.

        Args:
            stamp: What the stream says.
            steady_s: Monotonic now.
            wall_s: Wall clock now, Unix seconds.
        """
        age = self._by_arrival(stamp, steady_s)
        self.sender_clock = False
        self.sender_offset_s = None
        if stamp.sender_s is not None:
            by_sender = wall_s - stamp.sender_s
            self.sender_offset_s = by_sender - age
            if abs(self.sender_offset_s) <= stamp.tolerance_s:
                self.sender_clock = True
                age = by_sender
        age = max(0.0, age)
        taken_s = steady_s - age
        if self._last_s is not None and taken_s < self._last_s:
            age = max(0.0, steady_s - self._last_s)
        self._last_s = steady_s - age
        return age

    def _by_arrival(self, stamp: Stamp, steady_s: float) -> float:
        arrived_s = steady_s if stamp.arrived_s is None else min(stamp.arrived_s, steady_s)
        if stamp.pts_s is None:
            return steady_s - arrived_s
        delay = arrived_s - stamp.pts_s
        least = self._anchor(delay, steady_s)
        if delay - least > MAX_AGE_S:
            self.reanchored += 1
            self._least, self._least_before, self._window_began_s = delay, None, steady_s
            least = delay
        return steady_s - stamp.pts_s - least

    def _anchor(self, delay: float, steady_s: float) -> float:
        if self._least is not None and steady_s - self._window_began_s > WINDOW_S:
            self._least, self._least_before = None, self._least
        if self._least is None:
            self._window_began_s = steady_s
        self._least = delay if self._least is None else min(self._least, delay)
        return self._least if self._least_before is None else min(self._least, self._least_before)
