"""The node's clock, and whether it may be believed (时钟可信).

A box without a battery starts in 1970, or where it was switched off. Until somebody says what time it is, its clock is
not trusted: rules with hours wait, events say so and carry the monotonic anchor (:mod:`ingest.time_shift`) by which
the centre puts their times right. Two can say what time it is: the kernel, where NTP or the like keeps its clock; and
the centre, which answers a status that asks (``kerbwatch.time``). The kernel is preferred. Where only the centre
speaks, the node's times run on by its steady clock from the centre's answer, whatever is done to the system's clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from edge.fleet.kernel_time import kernel_synchronised
from ingest.clock import Clock, SystemClock, to_millis
from ingest.fleet import ClockSource

MOST_ROUND_TRIP_S = 4.0
"""An answer that took longer says too little: half of it is the most that the time may be off."""
ASK_AGAIN_S = 600.0
ANCHOR_LIFE_S = 7 * 86400.0
"""A quartz that is off by 100 parts in a million goes wrong by a minute in a week: too much for rules with hours."""
KERNEL_EVERY_S = 2.0
"""How old the kernel's word may be."""
SHOWN_DIFFERENCE_S = 5.0
"""A kernel that is synchronised and a centre that differ by more: one of them is wrong, and people should know."""


@dataclass(frozen=True)
class Anchor:
    """The centre's time ``utc`` at ``steady_s`` of the node's steady clock, give or take ``error_s``."""

    utc: datetime
    steady_s: float
    error_s: float

    def at(self, steady_s: float) -> datetime:
        """The time at another reading of the steady clock."""
        return self.utc + timedelta(seconds=steady_s - self.steady_s)


@dataclass(frozen=True)
class Stamp:
    """What an event says about the clock its times are by."""

    trusted: bool
    offset_ms: int | None
    monotonic_ms: int


def judge(kernel: bool, anchor: Anchor | None, steady_s: float) -> ClockSource:
    """Whom to believe."""
    if kernel:
        return ClockSource.KERNEL
    if anchor is not None and steady_s - anchor.steady_s <= ANCHOR_LIFE_S:
        return ClockSource.CENTRE
    return ClockSource.UNKNOWN


def anchor_of(asked_s: float, answered_s: float, centre_time: datetime) -> Anchor | None:
    """What an answer says: the centre wrote its time between asking and answering. None where that took too long."""
    round_trip_s = answered_s - asked_s
    if not 0.0 <= round_trip_s <= MOST_ROUND_TRIP_S:
        return None
    return Anchor(centre_time, asked_s + round_trip_s / 2, round_trip_s / 2)


class NodeClock:
    """A :class:`ingest.clock.Clock` that knows whether it is right. Thread-safe.

    Args:
        system: The machine's clocks.
        kernel: Whether the kernel's clock is synchronised.
    """

    def __init__(self, system: Clock | None = None, *, kernel: Callable[[], bool] = kernel_synchronised) -> None:
        self._system: Clock = system or SystemClock()
        self._kernel = kernel
        self._lock = threading.Lock()
        self._anchor: Anchor | None = None
        self._asked: tuple[UUID, float] | None = None
        self._kernel_said: tuple[float, bool] | None = None

    def now(self) -> datetime:
        """UTC as well as the node knows it."""
        with self._lock:
            steady_s = self._system.monotonic()
            if self._anchor is not None and self._source(steady_s) is ClockSource.CENTRE:
                return to_millis(self._anchor.at(steady_s))
            return self._system.now()

    def monotonic(self) -> float:
        """The steady clock, seconds."""
        return self._system.monotonic()

    @property
    def source(self) -> ClockSource:
        """Whence the time is known."""
        with self._lock:
            return self._source(self._system.monotonic())

    @property
    def trusted(self) -> bool:
        """Whether anybody has said what time it is."""
        return self.source is not ClockSource.UNKNOWN

    @property
    def offset_ms(self) -> int | None:
        """The centre's time minus the system's clock, milliseconds; None while the centre has said nothing."""
        with self._lock:
            if self._anchor is None:
                return None
            there = self._anchor.at(self._system.monotonic())
            return round((there - self._system.now()) / timedelta(milliseconds=1))

    def stamp(self) -> Stamp:
        """For an event that is written now."""
        source, offset_ms = self.source, self.offset_ms
        by_centre = source is ClockSource.CENTRE
        return Stamp(
            trusted=source is not ClockSource.UNKNOWN,
            offset_ms=0 if by_centre else offset_ms,
            monotonic_ms=int(self.monotonic() * 1000),
        )

    def wants_time(self) -> bool:
        """Whether the centre is to be asked again."""
        with self._lock:
            steady_s = self._system.monotonic()
            return self._anchor is None or steady_s - self._anchor.steady_s >= ASK_AGAIN_S

    def asked(self, about: UUID) -> None:
        """A status that asks is on its way."""
        with self._lock:
            self._asked = (about, self._system.monotonic())

    def answered(self, about: UUID, centre_time: datetime) -> bool:
        """The centre's answer; ``False`` where it is not to the last question, or came too late to say anything."""
        with self._lock:
            if self._asked is None or self._asked[0] != about:
                return False
            anchor = anchor_of(self._asked[1], self._system.monotonic(), centre_time)
            self._asked = None
            if anchor is None:
                return False
            self._anchor = anchor
            return True

    def _source(self, steady_s: float) -> ClockSource:
        if self._kernel_said is None or steady_s - self._kernel_said[0] >= KERNEL_EVERY_S:
            self._kernel_said = (steady_s, self._kernel())
        return judge(self._kernel_said[1], self._anchor, steady_s)
