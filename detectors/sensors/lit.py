"""The share of time in which something was so (亮灯率): over a moving window, kept small by buckets."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.places.rules import Clock
from detectors.sensors.times import moment_in, time_out
from ingest.sensors.gauge import NoData

BUCKETS = 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Bucket:
    """Seconds seen, and seconds lit of them, from ``begin`` on."""

    begin: datetime
    seen_s: float = 0.0
    lit_s: float = 0.0


class LitTime:
    """Adds up time between readings; the one before speaks for it, unless the next is too far away.

    Args:
        above: What is lit lies above this.
        window_s: How long the window is.
        least_seen: There is no share before this part of the window was seen.
        longest_gap_s: Longest time for which a reading speaks.
        clock: Phases that are "allowed" do not count.
    """

    def __init__(
        self, *, above: float, window_s: float, least_seen: float, longest_gap_s: float, clock: Clock
    ) -> None:
        self._above = above
        self._window = timedelta(seconds=window_s)
        self._bucket = self._window / BUCKETS
        self._least_s = least_seen * window_s
        self._longest_gap = timedelta(seconds=longest_gap_s)
        self._clock = clock
        self._buckets: deque[Bucket] = deque()
        self._last: tuple[datetime, bool] | None = None

    def reading(self, at: datetime, value: float | NoData) -> float | NoData:
        """The share at ``at`` (0 to 1), or why there is none."""
        if isinstance(value, NoData):
            self._last = None
            return value
        if self._last is not None:
            begin, lit = self._last
            if timedelta(0) < at - begin <= self._longest_gap and not self._clock.phase(begin).allowed:
                self._add(begin, at, lit=lit)
        self._last = at, value > self._above
        while self._buckets and self._buckets[0].begin + self._bucket <= at - self._window:
            self._buckets.popleft()
        seen = sum(bucket.seen_s for bucket in self._buckets)
        if seen < self._least_s:
            return NoData.TOO_LITTLE_SEEN
        return min(1.0, sum(bucket.lit_s for bucket in self._buckets) / seen)

    def _add(self, begin: datetime, end: datetime, *, lit: bool) -> None:
        begin = max(begin, end - self._window)
        while begin < end:
            edge = begin - (begin - _EPOCH) % self._bucket + self._bucket
            until = min(edge, end)
            part_s = (until - begin).total_seconds()
            bucket = self._at(edge - self._bucket)
            bucket.seen_s += part_s
            bucket.lit_s += part_s if lit else 0.0
            begin = until

    def _at(self, begin: datetime) -> Bucket:
        if not self._buckets or self._buckets[-1].begin < begin:
            self._buckets.append(Bucket(begin))
        return self._buckets[-1]

    def clock_set(self, step: timedelta) -> None:
        """The clock was set: what was seen lies as far back as before. Buckets keep their lengths, not their edges."""
        for bucket in self._buckets:
            bucket.begin += step
        if self._last is not None:
            self._last = self._last[0] + step, self._last[1]

    def dump(self) -> dict[str, Any]:
        """Its state, JSON types."""
        return {
            "buckets": [[time_out(one.begin), one.seen_s, one.lit_s] for one in self._buckets],
            "last": None if self._last is None else [time_out(self._last[0]), self._last[1]],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take :meth:`dump`'s state. Raises KeyError, TypeError or ValueError for anything else."""
        self._buckets = deque(
            (Bucket(moment_in(begin), float(seen), float(lit)) for begin, seen, lit in state["buckets"]),
            maxlen=4 * BUCKETS,
        )
        last = state["last"]
        self._last = None if last is None else (moment_in(last[0]), bool(last[1]))
