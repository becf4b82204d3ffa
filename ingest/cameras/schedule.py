"""Which frames of a recording are looks: the first one of every interval of media time.

The grid is fixed to the recording's start, not to the last look, so that a node that resumes in the middle
looks at the same frames as one that ran through.
"""

from __future__ import annotations

import math

from ingest.cameras.demand import check_burst

_EPSILON_S = 1e-6


class LookGrid:
    """Chooses looks by position.

    Args:
        interval_s: Seconds of media time between looks.
        resume_after_s: Position of the last look already taken, or ``None`` to begin at the beginning.
    """

    def __init__(self, interval_s: float, resume_after_s: float | None = None) -> None:
        self._interval_s = interval_s
        self._last = -1 if resume_after_s is None else self._slot(resume_after_s)
        self._last_s = -math.inf if resume_after_s is None else resume_after_s
        self._full_from_s: float | None = None
        self._full_for_s = 0.0

    def full_rate(self, for_s: float) -> None:
        """Every frame is due for ``for_s`` seconds of media time after the last look."""
        check_burst(for_s)
        self._full_from_s, self._full_for_s = None, max(self._full_for_s, for_s)

    def is_due(self, position_s: float) -> bool:
        """Whether the frame at ``position_s`` is the first of an interval without a look, or a burst is on."""
        if self._full_for_s > 0 and position_s > self._last_s + _EPSILON_S:
            if self._full_from_s is None:
                self._full_from_s = position_s
            if position_s - self._full_from_s < self._full_for_s:
                return True
            self._full_for_s = 0.0
        return self._slot(position_s) > self._last

    @property
    def in_burst(self) -> bool:
        """Whether every frame is due."""
        return self._full_for_s > 0

    def take(self, position_s: float) -> None:
        """The interval of ``position_s`` has had its look."""
        self._last = max(self._last, self._slot(position_s))
        self._last_s = max(self._last_s, position_s)

    def _slot(self, position_s: float) -> int:
        return math.floor((position_s + _EPSILON_S) / self._interval_s)
