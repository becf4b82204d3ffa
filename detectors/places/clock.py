"""Whether time goes on (时钟跳变): a clock that was set must neither freeze a camera nor make dwell jump."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_STEP_S = 1.0
"""Further apart than this, clock and steady time disagree because the clock was set."""
_PAST_LOOKS = 3
"""A single look from the past is late or a repetition; so many in their right order come from a clock set back."""


@dataclass
class LookClock:
    """Judges the time of each call against the one before.

    ``steady_s`` is the reading of a clock that nobody can set (seconds, any origin), None where there is none.
    """

    look_interval_s: float
    steady_s: float | None = None
    read_at: datetime | None = None
    """The call to which ``steady_s`` belongs."""
    past_first: datetime | None = None
    past_last: datetime | None = None
    past_looks: int = 0

    def step(self, last_call: datetime, at: datetime, steady_s: float | None) -> timedelta | None:
        """How far the clock was set since ``last_call``, mostly not at all; None: ``at`` is to be refused."""
        before = self.steady_s
        if steady_s is not None and before is not None and steady_s > before:
            return self._by_steady_time(at - last_call, steady_s - before)
        if at > last_call:
            self.past_looks = 0
            return timedelta(0)
        return self._from_the_past(last_call, at)

    def read(self, at: datetime, steady_s: float | None) -> None:
        """The steady clock's reading at a call that is accepted."""
        if steady_s is not None:
            self.steady_s, self.read_at = steady_s, at

    def called(self, at: datetime) -> None:
        """A call is done; one without a reading leaves nothing to measure the next one by."""
        if self.read_at != at:
            self.steady_s = None
        self.past_first, self.past_last, self.past_looks = None, None, 0

    def _by_steady_time(self, passed: timedelta, steady_s: float) -> timedelta | None:
        off = passed.total_seconds() - steady_s
        if abs(off) > _STEP_S:
            return timedelta(seconds=off)
        return timedelta(0) if passed > timedelta(0) else None

    def _from_the_past(self, last_call: datetime, at: datetime) -> timedelta | None:
        if self.past_looks and self.past_last is not None and at > self.past_last:
            self.past_looks += 1
        else:
            self.past_first, self.past_looks = at, 1
        self.past_last = at
        if self.past_looks < _PAST_LOOKS or self.past_first is None:
            return None
        return self.past_first - timedelta(seconds=self.look_interval_s) - last_call
