"""One limit rule at work (越限): when an excess begins, goes on, is an alarm, and is over.

Three-valued: a reading is beyond the limit, back behind it, or no data; no data never gets here, so it can neither end
an alarm nor let a duration run on. Between limit and hysteresis, what held goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from detectors.places.rules import Clock
from detectors.sensors.decisions import (
    Alarm,
    AlarmEnded,
    AlarmOpened,
    AlarmReason,
    AlarmStands,
    Condition,
    Decision,
    EndReason,
)
from detectors.sensors.settings import LimitRule
from detectors.sensors.times import moment_in, moved, time_in, time_out

NewId = Callable[[datetime], UUID]


@dataclass(frozen=True)
class Valid:
    """A valid reading: UTC, value."""

    at: datetime
    value: float


@dataclass
class Excess:
    """A value beyond its limit, alarm or not yet.

    ``observed_s`` counts time between readings that speak for it, ``bridged_s`` time without data; ``clear_s`` how long
    readings have been back, since ``clear_since``. ``incident_id`` is set once it is an alarm.
    """

    since: datetime
    last_held: datetime
    value: float
    extreme: float
    observed_s: float = 0.0
    bridged_s: float = 0.0
    clear_since: datetime | None = None
    clear_s: float = 0.0
    incident_id: UUID | None = None
    told_at: datetime | None = None


class LimitWatch:
    """Watches one rule; ``excess`` is its whole state."""

    def __init__(
        self, rule: LimitRule, place_id: UUID, clock: Clock, new_id: NewId, update_interval_s: float
    ) -> None:
        self.rule = rule
        self.excess: Excess | None = None
        self.counters: Counter[str] = Counter()
        self._place_id = place_id
        self._clock = clock
        self._new_id = new_id
        self._update_interval_s = update_interval_s
        self._sign = 1.0 if rule.beyond is Condition.ABOVE else -1.0

    @property
    def alarmed(self) -> bool:
        """Whether an alarm stands."""
        return self.excess is not None and self.excess.incident_id is not None

    def passed(self, at: datetime) -> list[Decision]:
        """Time went on to ``at``: where the rule does not apply any more, its alarm is over since then."""
        if self.excess is None:
            return []
        phase = self._clock.phase(at)
        outside = phase
        if not phase.allowed:
            if phase.since is None or phase.since <= self.excess.last_held:
                return []
            # Nobody asked while it did not apply, and by now it applies again.
            outside = self._clock.phase(phase.since - timedelta(milliseconds=1))
        ended_at = at if outside.since is None else max(outside.since, self.excess.last_held)
        return self._drop(min(ended_at, at), EndReason.OUTSIDE_HOURS)

    def reading(self, now: Valid, before: Valid | None, *, covered: bool) -> list[Decision]:
        """A valid reading; ``covered``: the time since ``before`` is spoken for. :meth:`passed` was called."""
        phase = self._clock.phase(now.at)
        if phase.allowed:
            return []
        if self._beyond(now.value) > -self.rule.hysteresis and self.excess is not None:
            self._goes_on(self.excess, now, before, covered=covered)
        elif self._beyond(now.value) > 0:
            begin = self._begin(now, before, covered=covered)
            begin = begin if phase.since is None else max(begin, phase.since)
            observed_s = (now.at - begin).total_seconds()
            self.excess = Excess(begin, now.at, now.value, now.value, observed_s)
        elif self.excess is not None:
            return self._is_back(self.excess, now, before, covered=covered)
        return self._tell(now)

    def _beyond(self, value: float) -> float:
        """How far a value is beyond the limit; behind it: below 0."""
        return self._sign * (value - self.rule.limit)

    def _begin(self, now: Valid, before: Valid | None, *, covered: bool) -> datetime:
        """When the limit was passed: on the straight line between two readings."""
        if before is None or not covered:
            return now.at
        here, there = self._beyond(now.value), self._beyond(before.value)
        if there > 0:
            return before.at
        share = -there / (here - there)
        return before.at + timedelta(milliseconds=round(share * (now.at - before.at) / timedelta(milliseconds=1)))

    def _goes_on(self, excess: Excess, now: Valid, before: Valid | None, *, covered: bool) -> None:
        gap_s = 0.0 if before is None else max(0.0, (now.at - max(before.at, excess.since)).total_seconds())
        if covered:
            excess.observed_s += gap_s
        elif excess.incident_id is None and gap_s > self.rule.max_bridge_s:
            self.counters["pending_lost_in_gap"] += 1
            self.excess = None
            if self._beyond(now.value) > 0:
                self.excess = Excess(now.at, now.at, now.value, now.value)
            return
        else:
            excess.bridged_s += gap_s
        excess.clear_since, excess.clear_s = None, 0.0
        excess.last_held, excess.value = now.at, now.value
        if self._beyond(now.value) > self._beyond(excess.extreme):
            excess.extreme = now.value

    def _is_back(self, excess: Excess, now: Valid, before: Valid | None, *, covered: bool) -> list[Decision]:
        excess.value = now.value
        if excess.incident_id is None:
            self.counters["short_excess"] += 1
            self.excess = None
            return []
        if excess.clear_since is None or before is None or not covered:
            # After a gap nobody knows what was in between: being back has to be shown anew.
            excess.clear_since, excess.clear_s = now.at, 0.0
        else:
            excess.clear_s += (now.at - before.at).total_seconds()
        if excess.clear_s < self.rule.clear_s:
            return []
        return self._drop(now.at, EndReason.BACK_WITHIN_LIMIT)

    def _tell(self, now: Valid) -> list[Decision]:
        """Only a reading that is itself beyond the limit raises."""
        excess = self.excess
        if excess is None:
            return []
        if excess.incident_id is None:
            if excess.observed_s < self.rule.for_s or self._beyond(now.value) <= 0:
                return []
            excess.incident_id, excess.told_at = self._new_id(now.at), now.at
            above = self.rule.beyond is Condition.ABOVE
            reason = AlarmReason.ABOVE_LIMIT if above else AlarmReason.BELOW_LIMIT
            return [AlarmOpened(now.at, self._alarm(excess, excess.incident_id), reason)]
        if excess.told_at is not None and (now.at - excess.told_at).total_seconds() < self._update_interval_s:
            return []
        excess.told_at = now.at
        return [AlarmStands(now.at, self._alarm(excess, excess.incident_id))]

    def _drop(self, at: datetime, reason: EndReason) -> list[Decision]:
        excess, self.excess = self.excess, None
        if excess is None or excess.incident_id is None:
            return []
        return [AlarmEnded(at, self._alarm(excess, excess.incident_id), reason)]

    def _alarm(self, excess: Excess, incident_id: UUID) -> Alarm:
        return Alarm(
            incident_id=incident_id,
            place_id=self._place_id,
            rule=self.rule.name,
            condition=self.rule.beyond,
            limit=self.rule.limit,
            value=excess.value,
            extreme=excess.extreme,
            first_seen=excess.since,
            last_seen=excess.last_held,
            observed_s=round(excess.observed_s, 3),
            bridged_s=round(excess.bridged_s, 3),
            threshold_s=self.rule.for_s,
        )

    def removed(self, at: datetime) -> list[Decision]:
        """The rule is gone from the configuration."""
        return self._drop(at, EndReason.RULE_REMOVED)

    def clock_set(self, step: timedelta) -> None:
        """The clock was set: the excess goes on as if it had not been."""
        excess = self.excess
        if excess is None:
            return
        excess.since, excess.last_held = excess.since + step, excess.last_held + step
        excess.clear_since, excess.told_at = moved(excess.clear_since, step), moved(excess.told_at, step)

    def dump(self) -> dict[str, Any]:
        """Its state, JSON types; the limit too, for a rule that is gone when this is loaded."""
        excess = self.excess
        if excess is None:
            return {}
        return {
            "beyond": self.rule.beyond.value,
            "limit": self.rule.limit,
            "for_s": self.rule.for_s,
            "since": time_out(excess.since),
            "last_held": time_out(excess.last_held),
            "value": excess.value,
            "extreme": excess.extreme,
            "observed_s": excess.observed_s,
            "bridged_s": excess.bridged_s,
            "clear_since": time_out(excess.clear_since),
            "clear_s": excess.clear_s,
            "incident_id": None if excess.incident_id is None else str(excess.incident_id),
            "told_at": time_out(excess.told_at),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take :meth:`dump`'s state. Raises KeyError, TypeError or ValueError for anything else."""
        if not state:
            self.excess = None
            return
        incident = state["incident_id"]
        self.excess = Excess(
            since=moment_in(state["since"]),
            last_held=moment_in(state["last_held"]),
            value=float(state["value"]),
            extreme=float(state["extreme"]),
            observed_s=float(state["observed_s"]),
            bridged_s=float(state["bridged_s"]),
            clear_since=time_in(state["clear_since"]),
            clear_s=float(state["clear_s"]),
            incident_id=None if incident is None else UUID(incident),
            told_at=time_in(state["told_at"]),
        )
