"""What a sensor's rules decide: an alarm opened, still stands, ended; the sensor fell silent, gives data again.

Pure records, each with its reason code; the node turns them into wire messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ingest.sensors.gauge import NoData


class Condition(StrEnum):
    """What an alarm is about."""

    ABOVE = "above"
    BELOW = "below"
    MISSING = "missing"


class AlarmReason(StrEnum):
    """Why an alarm was raised (报警原因)."""

    ABOVE_LIMIT = "above_limit"
    BELOW_LIMIT = "below_limit"
    DATA_MISSING = "data_missing"


class EndReason(StrEnum):
    """Why an alarm ended. Missing data is never among them."""

    BACK_WITHIN_LIMIT = "back_within_limit"
    OUTSIDE_HOURS = "outside_hours"  # the rule does not apply any more; the value may still be beyond
    DATA_AGAIN = "data_again"
    RULE_REMOVED = "rule_removed"  # the configuration has no such rule any more


@dataclass(frozen=True)
class Alarm:
    """An alarm as it stands at one moment. Times are UTC, values in the quantity's own unit.

    ``first_seen`` is when the limit was passed (of missing data: the last reading before), ``last_seen`` the last
    reading that showed it. ``observed_s`` is the time with data, ``bridged_s`` that without.
    """

    incident_id: UUID
    place_id: UUID
    rule: str
    condition: Condition
    limit: float | None
    value: float | None
    extreme: float | None
    first_seen: datetime
    last_seen: datetime
    observed_s: float
    bridged_s: float
    threshold_s: float


@dataclass(frozen=True)
class AlarmOpened:
    """A rule fired."""

    at: datetime
    alarm: Alarm
    reason: AlarmReason


@dataclass(frozen=True)
class AlarmStands:
    """The alarm still stands; told at most once per update interval."""

    at: datetime
    alarm: Alarm


@dataclass(frozen=True)
class AlarmEnded:
    """The alarm is over."""

    at: datetime
    alarm: Alarm
    reason: EndReason


@dataclass(frozen=True)
class FellSilent:
    """No valid reading since ``since``: nobody can say what holds there (失明)."""

    at: datetime
    since: datetime
    reason: NoData


@dataclass(frozen=True)
class SpeaksAgain:
    """A valid reading came after a silence."""

    at: datetime
    since: datetime
    reason: NoData


Decision = AlarmOpened | AlarmStands | AlarmEnded | FellSilent | SpeaksAgain
