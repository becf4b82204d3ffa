"""A sensor whose value does not change any more (数值卡死): then it says nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from detectors.sensors.times import moved, time_in, time_out


class StuckWatch:
    """Tells a value that has been exactly the same for ``after_s`` seconds; None: any may stay."""

    def __init__(self, after_s: float | None) -> None:
        self._after_s = after_s
        self._value: float | None = None
        self._since: datetime | None = None

    def is_stuck(self, at: datetime, value: float) -> bool:
        """Whether the reading says nothing."""
        if value != self._value or self._since is None:
            self._value, self._since = value, at
        return self._after_s is not None and (at - self._since).total_seconds() >= self._after_s

    def clock_set(self, step: timedelta) -> None:
        """The clock was set."""
        self._since = moved(self._since, step)

    def dump(self) -> dict[str, Any]:
        """Its state, JSON types."""
        return {"value": self._value, "since": time_out(self._since)}

    def load(self, state: dict[str, Any]) -> None:
        """Take :meth:`dump`'s state. Raises KeyError, TypeError or ValueError for anything else."""
        self._value = None if state["value"] is None else float(state["value"])
        self._since = time_in(state["since"])
