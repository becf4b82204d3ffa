"""What is remembered of one sensor (传感记忆): readings in, decisions out.

Not thread-safe. Given the same calls it gives the same answers, also when it is saved and restored anywhere in between;
and it does not matter how often somebody asks (:meth:`SensorMemory.passed`): all is stamped with when it was due.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from detectors.places.clock import LookClock
from detectors.places.rules import Clock
from detectors.sensors.decisions import Condition, Decision
from detectors.sensors.excess import LimitWatch, NewId, Valid
from detectors.sensors.settings import MISSING, LimitRule, SensorSettings
from detectors.sensors.silence import SilenceWatch
from detectors.sensors.stuck import StuckWatch
from detectors.sensors.times import moment_in, time_in, time_out
from ingest.hours import OutsideOf, Timetable
from ingest.sensors.gauge import NoData

_MOST_STEP_S = 1.0


class SensorMemory:
    """The rules of one sensor.

    ``counters`` names what was left out (``clock_backwards``, ``clock_stepped``, ``no_data_<reason>``) and what came to
    nothing (``short_excess``, ``pending_lost_in_gap``).
    """

    def __init__(self, settings: SensorSettings, *, new_id: NewId) -> None:
        self.last: Valid | None = None
        self.last_call: datetime | None = None
        self.counters: Counter[str] = Counter()
        self.clock = LookClock(_MOST_STEP_S)
        self._settings = settings
        self._new_id = new_id
        self._stuck = StuckWatch(settings.stuck_after_s)
        self._silence = SilenceWatch(
            settings.place(MISSING),
            new_id,
            silent_after_s=settings.silent_after_s,
            missing_after_s=settings.missing_after_s,
        )
        self._watches = [self._watch(rule) for rule in settings.rules]
        self._gone: list[LimitWatch] = []

    def _watch(self, rule: LimitRule) -> LimitWatch:
        calendars = (OutsideOf(rule.hours),) if rule.hours else ()
        clock = Clock(Timetable(calendars, self._settings.time_zone))
        place = self._settings.place(rule.name)
        return LimitWatch(rule, place, clock, self._new_id, self._settings.update_interval_s)

    @property
    def alarmed(self) -> bool:
        """Whether any alarm stands."""
        return self._silence.alarmed or any(watch.alarmed for watch in self._watches)

    @property
    def silent(self) -> bool:
        """Whether it was told that nobody knows what holds."""
        return self._silence.silent

    def totals(self) -> dict[str, int]:
        """All counters, those of the rules summed up."""
        found = Counter(self.counters)
        for watch in self._watches:
            found.update(watch.counters)
        return dict(found)

    def accepts(self, at: datetime, steady_s: float | None) -> timedelta | None:
        """How far the clock was set since the last call, mostly not at all; None: the call is refused, and counted.

        As in place memory: a clock that was set shifts all that is remembered, so that durations go on as if it had
        not been. ``steady_s`` is the reading of a clock that nobody can set.
        """
        step: timedelta | None = timedelta(0)
        if self.last_call is not None and not self._same_call(at, steady_s):
            step = self.clock.step(self.last_call, at, steady_s)
            if step is None:
                self.counters["clock_backwards"] += 1
                return None
            if step:
                self._clock_set(step)
        self.clock.read(at, steady_s)
        self.last_call = at
        self.clock.called(at)
        return step

    def _same_call(self, at: datetime, steady_s: float | None) -> bool:
        """Whether a reading comes in the very moment of a :meth:`passed`."""
        return at == self.last_call and steady_s is not None and steady_s == self.clock.steady_s

    def _clock_set(self, step: timedelta) -> None:
        self.counters["clock_stepped"] += 1
        for watch in self._watches:
            watch.clock_set(step)
        self._silence.clock_set(step)
        self._stuck.clock_set(step)
        self.last = None if self.last is None else Valid(self.last.at + step, self.last.value)

    def resumed(self, at: datetime) -> None:
        """The program runs again, and has not listened to the sensor until now."""
        self._silence.resumed(at)

    def sorted_out(self, at: datetime) -> list[Decision]:
        """Ends the alarms of rules that the configuration does not have any more."""
        gone, self._gone = self._gone, []
        return [*self._silence.removed(at), *(event for watch in gone for event in watch.removed(at))]

    def passed(self, at: datetime) -> list[Decision]:
        """Time went on to ``at``, which :meth:`accepts` took; what that alone decides."""
        ended = [event for watch in self._watches for event in watch.passed(at)]
        return sorted([*ended, *self._silence.passed(at)], key=lambda event: event.at)

    def reading(self, at: datetime, value: float | NoData) -> list[Decision]:
        """A reading at ``at``, which :meth:`accepts` took: a value in the quantity's own unit, or why there is none."""
        found = self.passed(at)
        if not isinstance(value, NoData) and self._stuck.is_stuck(at, value):
            value = NoData.STUCK
        if value is NoData.TOO_LITTLE_SEEN:
            # The sensor is well; there is just nothing yet to hold against a limit.
            return found + self._silence.heard(at)
        if isinstance(value, NoData):
            self.counters[f"no_data_{value.value}"] += 1
            self._silence.no_data(value)
            return found
        found += self._silence.heard(at)
        now = Valid(at, value)
        covered = self.last is not None and (at - self.last.at).total_seconds() <= self._settings.silent_after_s
        for watch in self._watches:
            found += watch.reading(now, self.last, covered=covered)
        self.last = now
        return found

    def dump(self) -> dict[str, Any]:
        """Everything the next call depends on but for the settings; JSON types."""
        clock = self.clock
        return {
            "last_call": time_out(self.last_call),
            "last": None if self.last is None else [time_out(self.last.at), self.last.value],
            "past": [time_out(clock.past_first), time_out(clock.past_last), clock.past_looks],
            "counters": dict(self.counters),
            "stuck": self._stuck.dump(),
            "silence": self._silence.dump(),
            "rules": {watch.rule.name: watch.dump() for watch in self._watches},
        }

    def load(self, state: dict[str, Any]) -> None:
        """Fill a fresh memory. Raises KeyError, TypeError, AttributeError or ValueError for what :meth:`dump` did not
        write.

        An alarm whose rule is not in the settings any more, or now lies on the other side of its limit, is ended by
        :meth:`sorted_out`.
        """
        self.last_call = time_in(state["last_call"])
        last = state["last"]
        self.last = None if last is None else Valid(moment_in(last[0]), float(last[1]))
        first, latest, looks = state["past"]
        self.clock.past_first, self.clock.past_last = time_in(first), time_in(latest)
        self.clock.past_looks = int(looks)
        self.counters.update({str(name): int(count) for name, count in state["counters"].items()})
        self._stuck.load(state["stuck"])
        self._silence.load(state["silence"])
        known = {watch.rule.name: watch for watch in self._watches}
        for name, saved in state["rules"].items():
            watch = known.get(name)
            if watch is not None and saved.get("beyond") in (None, watch.rule.beyond.value):
                watch.load(saved)
            elif saved:
                self._gone.append(self._remains(name, saved))

    def _remains(self, name: str, saved: dict[str, Any]) -> LimitWatch:
        rule = LimitRule(name, Condition(saved["beyond"]), float(saved["limit"]), float(saved["for_s"]))
        watch = self._watch(rule)
        watch.load(saved)
        return watch
