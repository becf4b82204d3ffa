"""Time and identifiers, passed in wherever a decision is taken so that tests own both.

All wall-clock times are timezone-aware UTC with millisecond resolution (the resolution of the wire).
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    """A source of time. ``now`` may step (NTP); ``monotonic`` never does."""

    def now(self) -> datetime:
        """The wall clock, UTC, rounded down to milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; only differences mean anything."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        return to_millis(datetime.now(UTC))

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to: the public test double for ``Clock``."""

    def __init__(self, start: datetime) -> None:
        self._now = to_millis(start)
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward by ``seconds``."""
        self._now = datetime.fromtimestamp(self._now.timestamp() + seconds, tz=UTC)
        self._monotonic += seconds

    def step(self, to: datetime) -> None:
        """Set the wall clock alone, as NTP does."""
        self._now = to_millis(to)


def to_millis(moment: datetime) -> datetime:
    """``moment`` in UTC, cut to milliseconds.

    Raises:
        ValueError: ``moment`` has no time zone, or lies outside the years 1 to 9999 in UTC.
    """
    if moment.tzinfo is None:
        raise ValueError("time without a zone; give UTC, for example 2026-01-31T08:00:00Z")
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("lies outside the years 1 to 9999 in UTC") from error
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def uuid7(at: datetime, entropy: bytes | None = None) -> UUID:
    """An identifier that sorts by time (RFC 9562, version 7).

    Args:
        at: The time it carries, UTC.
        entropy: Ten bytes; drawn from the system when absent.
    """
    random = entropy if entropy is not None else os.urandom(10)
    millis = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    value = (millis << 80) | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
