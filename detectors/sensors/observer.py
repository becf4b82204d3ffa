"""One sensor from its source's numbers to decisions and windows: gauge, derivation, rules, aggregation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from detectors.places.rules import Clock
from detectors.sensors.decisions import Decision
from detectors.sensors.excess import NewId
from detectors.sensors.lit import LitTime
from detectors.sensors.memory import SensorMemory
from detectors.sensors.settings import LitShare, SensorSettings
from detectors.sensors.windows import Windows, WindowTold
from ingest.hours import OutsideOf, Timetable
from ingest.sensors.gauge import NoData

_FORMAT = 1


class SnapshotInvalid(Exception):  # noqa: N818 - a state to start anew from
    """A snapshot that cannot be used."""


@dataclass(frozen=True)
class Observed:
    """What a call came to: decisions in the order of their times, windows that are over, and the reading itself."""

    decisions: tuple[Decision, ...] = ()
    windows: tuple[WindowTold, ...] = ()
    value: float | NoData | None = None


class SensorObserver:
    """A sensor's memory, with all that is remembered of it. Not thread-safe.

    Raises:
        SnapshotInvalid: ``snapshot`` was not made by :meth:`snapshot`.
    """

    def __init__(self, settings: SensorSettings, *, new_id: NewId, snapshot: bytes | None = None) -> None:
        self._settings = settings
        self._memory = SensorMemory(settings, new_id=new_id)
        self._windows = Windows(settings.window_s, settings.gauge.definition.mean)
        self._lit = None if settings.lit is None else self._lit_time(settings.lit)
        self._resuming = False
        if snapshot is not None:
            self._restore(snapshot)

    def _lit_time(self, lit: LitShare) -> LitTime:
        calendars = (OutsideOf(lit.hours),) if lit.hours else ()
        return LitTime(
            above=lit.above,
            window_s=lit.window_s,
            least_seen=lit.least_seen,
            longest_gap_s=self._settings.silent_after_s,
            clock=Clock(Timetable(calendars, self._settings.time_zone)),
        )

    @property
    def alarmed(self) -> bool:
        """Whether any alarm stands."""
        return self._memory.alarmed

    @property
    def silent(self) -> bool:
        """Whether it was told that nobody knows what holds."""
        return self._memory.silent

    @property
    def last_call(self) -> datetime | None:
        """The last moment it knows of, UTC."""
        return self._memory.last_call

    def counters(self) -> dict[str, int]:
        """What was left out and what came to nothing, by reason."""
        return self._memory.totals()

    def resumed(self) -> None:
        """This program runs again on a live sensor, to which nobody has listened meanwhile."""
        self._resuming = True

    def passed(self, at: datetime, steady_s: float) -> Observed:
        """Time went on; nothing came."""
        windows = self._advance(at, steady_s)
        if windows is None:
            return Observed()
        return Observed((*self._memory.sorted_out(at), *self._memory.passed(at)), tuple(windows))

    def reading(self, at: datetime, number: float | NoData, steady_s: float) -> Observed:
        """A number in the source's unit, or why there is none; ``at`` is UTC, ``steady_s`` a clock nobody can set."""
        windows = self._advance(at, steady_s)
        if windows is None:
            return Observed()
        value = number if isinstance(number, NoData) else self._measure(at, number)
        found = [*self._memory.sorted_out(at), *self._memory.reading(at, value)]
        self._windows.add(at, None if isinstance(value, NoData) else value)
        return Observed(tuple(found), tuple(windows), value)

    def end(self) -> Observed:
        """The recording is over."""
        return Observed((), tuple(self._windows.flush()))

    def _advance(self, at: datetime, steady_s: float) -> list[WindowTold] | None:
        """The windows that are over; None where the call is refused."""
        step = self._memory.accepts(at, steady_s)
        if step is None:
            return None
        if self._resuming:
            self._memory.resumed(at)
            self._resuming = False
        if step and self._lit is not None:
            self._lit.clock_set(step)
        return self._windows.passed(at)

    def _measure(self, at: datetime, number: float) -> float | NoData:
        lit = self._settings.lit
        if lit is None or self._lit is None:
            return self._settings.gauge.measure(number)
        return self._lit.reading(at, lit.gauge.measure(number))

    def snapshot(self) -> bytes:
        """Its complete state."""
        state = {
            "format": _FORMAT,
            "quantity": self._settings.gauge.quantity.value,
            "memory": self._memory.dump(),
            "windows": self._windows.dump(),
            "lit": None if self._lit is None else self._lit.dump(),
        }
        return json.dumps(state, separators=(",", ":")).encode()

    def _restore(self, snapshot: bytes) -> None:
        try:
            state = json.loads(snapshot)
            if state["format"] != _FORMAT or state["quantity"] != self._settings.gauge.quantity.value:
                raise ValueError(f"format {state['format']!r}, quantity {state['quantity']!r}")
            self._memory.load(state["memory"])
            self._windows.load(state["windows"])
            if self._lit is not None and state["lit"] is not None:
                self._lit.load(state["lit"])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
            raise SnapshotInvalid(f"{type(error).__name__}: {error}"[:300]) from error
