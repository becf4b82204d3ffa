"""From what a sensor's memory says to what the wire carries; pure."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.sensors.decisions import (
    Alarm,
    AlarmEnded,
    AlarmOpened,
    AlarmStands,
    Condition,
    Decision,
    FellSilent,
    SpeaksAgain,
)
from detectors.sensors.windows import WindowTold
from edge.spool import Draft
from ingest.messages import (
    Blindness,
    Dwell,
    Evidence,
    IncidentBase,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    Position,
    Reading,
    SensorAlarm,
)
from ingest.sensors.quantities import DEFINITIONS, Quantity
from ingest.taxonomy import Category, ObjectClass

WHOLE_FRAME = (0.0, 0.0, 1.0, 1.0)
_WHOLE_POLYGON = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class SensorView:
    """What a sensor's messages say about it: its name, CloudEvents source, quantity and position."""

    sensor: str
    source: str
    quantity: Quantity
    position: Position | None
    by_node_clock: bool = True

    @property
    def unit(self) -> str:
        """The quantity's own."""
        return DEFINITIONS[self.quantity].unit


def to_draft(decision: Decision, view: SensorView, evidence: Evidence) -> Draft:
    """The event that reports a decision; ``evidence`` belongs to ``AlarmOpened`` alone."""
    if isinstance(decision, FellSilent | SpeaksAgain):
        return Draft(_blindness(decision, view), view.source, decision.at, view.sensor, view.by_node_clock)
    alarm = decision.alarm
    base = dict(_base(alarm, view))
    data: IncidentBase
    if isinstance(decision, AlarmStands):
        data = IncidentUpdated(**base)
    elif isinstance(decision, AlarmEnded):
        data = IncidentClosed(**base, ended_at=alarm.last_seen, reason_code=decision.reason.value)
    else:
        base["evidence"] = evidence
        data = _opened(base, decision, view)
    return Draft(data, view.source, decision.at, str(alarm.incident_id), view.by_node_clock)


def reading_draft(window: WindowTold, view: SensorView) -> Draft:
    """The event that tells a window of readings."""
    reading = Reading(
        sensor=view.sensor,
        quantity=view.quantity.value,
        unit=view.unit,
        value=window.mean,
        at=window.begin,
        position=view.position,
        window_s=window.window_s,
        minimum=window.least,
        maximum=window.most,
        count=window.count,
        refused=window.refused,
    )
    return Draft(reading, view.source, window.begin, view.sensor, view.by_node_clock)


def reason_text(alarm: Alarm, quantity: Quantity) -> str:
    """Why an alarm was raised, for the operator."""
    unit = "" if DEFINITIONS[quantity].unit == "1" else f" {DEFINITIONS[quantity].unit}"
    if alarm.condition is Condition.MISSING or alarm.value is None or alarm.limit is None:
        return f"no valid {quantity} reading for {alarm.threshold_s:.0f} s, the last at {alarm.first_seen:%H:%M:%S} UTC"
    told = (
        f"{quantity} {alarm.value:.4g}{unit}, {alarm.condition} {alarm.limit:g}{unit} for {alarm.observed_s:.0f} s"
    )
    return f"{told} (allowed {alarm.threshold_s:g} s; furthest {alarm.extreme:.4g}{unit})"


def _base(alarm: Alarm, view: SensorView) -> IncidentBase:
    return IncidentBase(
        incident_id=alarm.incident_id,
        place_id=alarm.place_id,
        camera=view.sensor,
        zone=alarm.rule,
        category=Category.SENSOR_ALARM,
        object_class=ObjectClass.UNKNOWN,
        box=WHOLE_FRAME,
        first_seen=alarm.first_seen,
        last_seen=alarm.last_seen,
        dwell=Dwell(observed_s=alarm.observed_s, bridged_s=alarm.bridged_s, threshold_s=alarm.threshold_s),
        alarm=SensorAlarm(
            quantity=view.quantity.value,
            unit=view.unit,
            condition=alarm.condition.value,
            limit=alarm.limit,
            value=alarm.value,
            extreme=alarm.extreme,
        ),
    )


def _opened(base: dict[str, object], decision: AlarmOpened, view: SensorView) -> IncidentOpened:
    return IncidentOpened(
        **base,  # type: ignore[arg-type] # the fields of an IncidentBase
        zone_polygon=_WHOLE_POLYGON,
        score=1.0,
        reason=reason_text(decision.alarm, view.quantity),
        reason_code=decision.reason.value,
        position=view.position,
    )


def _blindness(decision: FellSilent | SpeaksAgain, view: SensorView) -> Blindness:
    ended = isinstance(decision, SpeaksAgain)
    return Blindness(
        camera=view.sensor,
        zone=view.sensor,
        state="ended" if ended else "began",
        reason_code=decision.reason.value,
        since=decision.since,
        until=decision.at if ended else None,
    )
