"""Readings as windows aligned to the wall clock (聚合窗口): mean, least, greatest, how many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from detectors.sensors.times import moment_in, time_out
from ingest.sensors.quantities import Mean

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Window:
    """Values of one window, ``sum`` being that of energies where these are averaged."""

    begin: datetime
    count: int = 0
    refused: int = 0
    sum: float = 0.0
    least: float = math.inf
    most: float = -math.inf


@dataclass(frozen=True)
class WindowTold:
    """A window that is over. ``begin`` is UTC, ``window_s`` its length; values in the quantity's own unit."""

    begin: datetime
    window_s: float
    mean: float
    least: float
    most: float
    count: int
    refused: int


class Windows:
    """Collects readings. A window without any valid one tells nothing; what it refused is counted elsewhere."""

    def __init__(self, window_s: float, mean: Mean) -> None:
        self._window_s = window_s
        self._length = timedelta(seconds=window_s)
        self._mean = mean
        self._open: Window | None = None

    def passed(self, at: datetime) -> list[WindowTold]:
        """The window that is over at ``at``; one that lies ahead, since the clock was set back, is over too."""
        window = self._open
        if window is None or window.begin <= at < window.begin + self._length:
            return []
        return self.flush()

    def add(self, at: datetime, value: float | None) -> None:
        """A reading at ``at``; None: one that was refused. :meth:`passed` was called."""
        if self._open is None:
            self._open = Window(at - (at - _EPOCH) % self._length)
        window = self._open
        if value is None:
            window.refused += 1
            return
        window.count += 1
        window.sum += 10 ** (value / 10) if self._mean is Mean.ENERGY else value
        window.least, window.most = min(window.least, value), max(window.most, value)

    def flush(self) -> list[WindowTold]:
        """What was collected, though its window may not be over."""
        window, self._open = self._open, None
        if window is None or not window.count:
            return []
        mean = window.sum / window.count
        mean = 10 * math.log10(mean) if self._mean is Mean.ENERGY else mean
        # Rounding must not put the mean outside of what it is the mean of.
        mean = min(max(mean, window.least), window.most)
        return [
            WindowTold(window.begin, self._window_s, mean, window.least, window.most, window.count, window.refused)
        ]

    def dump(self) -> list[Any] | None:
        """Its state, JSON types."""
        window = self._open
        if window is None:
            return None
        ends = [window.least, window.most] if window.count else []
        return [time_out(window.begin), window.count, window.refused, window.sum, ends]

    def load(self, state: list[Any] | None) -> None:
        """Take :meth:`dump`'s state. Raises TypeError or ValueError for anything else."""
        self._open = None
        if state is not None:
            begin, count, refused, total, ends = state
            least, most = ends if ends else (math.inf, -math.inf)
            self._open = Window(
                moment_in(begin), int(count), int(refused), float(total), float(least), float(most)
            )
