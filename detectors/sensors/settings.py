"""What a sensor's rules are, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from detectors.places.rules import DEFAULT_TIME_ZONE
from detectors.sensors.decisions import Condition
from ingest.hours import Hours
from ingest.sensors.gauge import Gauge

MISSING = "missing-data"
"""The name of the rule about missing data."""

_NAMESPACE = UUID("6b1f7a3e-2f64-5f0e-9d7d-5a5e6f0c4b11")


def place_of(site: str, node: str, sensor: str, rule: str) -> UUID:
    """The place of all alarms of a sensor's rule: the same for ever, so that they belong together."""
    return uuid5(_NAMESPACE, f"{site}/{node}/{sensor}/{rule}")


@dataclass(frozen=True)
class LimitRule:
    """An alarm when the value stays beyond ``limit`` for ``for_s`` (阈值、持续时间、回差).

    Attributes:
        name: Unique within the sensor.
        beyond: On which side of the limit the alarm lies.
        limit: In the quantity's own unit; the limit itself is not beyond it.
        for_s: Seconds of readings beyond the limit before the alarm.
        hysteresis: It may end only this far back behind the limit; in between, what held goes on.
        clear_s: Seconds of readings back there before it ends; 0: with the first.
        max_bridge_s: Longest time without data across which what is no alarm yet goes on; an alarm always does.
        hours: When it applies; none: always.
    """

    name: str
    beyond: Condition
    limit: float
    for_s: float = 0.0
    hysteresis: float = 0.0
    clear_s: float = 0.0
    max_bridge_s: float = 600.0
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class LitShare:
    """The share of time in which a value was above ``above`` (亮灯率), over the last ``window_s``.

    Only time within ``hours`` counts (none: all), and there is no share before ``least_seen`` of the window was seen.
    """

    gauge: Gauge
    above: float
    window_s: float = 3600.0
    least_seen: float = 0.5
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True)
class SensorSettings:
    """A sensor and its rules.

    Attributes:
        gauge: What it measures, and the unit that comes in; of a derived quantity the result.
        place: The place of a rule's alarms.
        rules: Its rules.
        silent_after_s: Without a valid reading for so long, nobody knows what holds; readings closer together than this
            speak for the time between them.
        missing_after_s: Without one for so long, that is an alarm of its own; None: never.
        stuck_after_s: A value that did not change for so long is no data; None: it may.
        window_s: Readings are told as windows so long.
        lit: How the value is derived from what comes in; None: it is what comes in.
        update_interval_s: An alarm that stands is told again at most so often.
    """

    gauge: Gauge
    place: Callable[[str], UUID]
    rules: tuple[LimitRule, ...] = ()
    silent_after_s: float = 180.0
    missing_after_s: float | None = None
    stuck_after_s: float | None = None
    window_s: float = 60.0
    lit: LitShare | None = None
    update_interval_s: float = 300.0
    time_zone: ZoneInfo = field(default=DEFAULT_TIME_ZONE)
