"""Which frames of a recording are looks: the first one of every interval of media time.

The grid is fixed to the recording's start, not to the last look, so that a node that resumes in the middle
looks at the same frames as one that ran through.
"""

from __future__ import annotations

import math

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

    def is_due(self, position_s: float) -> bool:
        """Whether the frame at ``position_s`` is the first of an interval without a look."""
        return self._slot(position_s) > self._last

    def take(self, position_s: float) -> None:
        """The interval of ``position_s`` has had its look."""
        self._last = max(self._last, self._slot(position_s))

    def _slot(self, position_s: float) -> int:
        return math.floor((position_s + _EPSILON_S) / self._interval_s)
