"""Dwell of one visit (滞留时长): watched time and bridged time, never mixed.

Time between two sightings no further apart than the short gap is watched. A longer gap is bridged: nobody
looked, but place and appearance match at both ends. Time in which the place was looked at and bare is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


def short_gap_s(look_interval_s: float) -> float:
    """The longest distance of two looks that still counts as watching, in seconds."""
    return max(3.0 * look_interval_s, 3.0)


@dataclass
class Dwell:
    """How long something has stood. Times are UTC, amounts seconds."""

    last_seen: datetime
    observed_s: float = 0.0
    bridged_s: float = 0.0
    bare_s: float = 0.0
    """Looked at and absent since ``last_seen``."""

    @property
    def total_s(self) -> float:
        """What thresholds are held against."""
        return self.observed_s + self.bridged_s

    def gap_s(self, at: datetime) -> float:
        """Seconds since the last sighting."""
        return (at - self.last_seen).total_seconds()

    def seen(self, at: datetime, short_gap: float) -> None:
        """Seen at ``at``: the time since the last sighting counts."""
        gap = self.gap_s(at)
        if gap <= short_gap:
            self.observed_s += gap
        else:
            self.bridged_s += max(0.0, gap - self.bare_s)
        self.last_seen = at
        self.bare_s = 0.0

    def absent(self, elapsed_s: float) -> None:
        """Looked at and bare for ``elapsed_s`` since the look before."""
        self.bare_s += elapsed_s
