"""A scenario's sensors as a node has them: the same rules in process and in a node's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from detectors.sensors.observer import SensorObserver
from detectors.sensors.settings import SensorSettings, place_of
from edge.sensors.section import LimitSection
from edge.sensors.translate import SensorView, reading_draft, to_draft
from edge.spool import Draft
from ingest.clock import to_millis
from ingest.messages import Evidence, source_of
from ingest.sensors.gauge import Gauge
from ingest.sensors.quantities import DEFINITIONS, Quantity
from scenarios.language.scenario import Scenario
from scenarios.language.sensors import Sensor
from scenarios.makers.readings import readings
from scenarios.running.identifiers import ids
from scenarios.truth import Truth, TruthSensor

RULE = "limit"
_SILENT_AFTER_READINGS = 3
_NO_PICTURES = Evidence(withheld="made without pictures")


@dataclass(frozen=True)
class ToldBySensor:
    """What a sensor's node tells, and at which second of the scenario."""

    at_s: float
    draft: Draft


def told_by(sensor: Sensor, scenario: Scenario, truth: Truth) -> Iterator[ToldBySensor]:
    """All that a node with this sensor tells of the scenario, in order."""
    quantity = Quantity(sensor.quantity.value)
    view = SensorView(sensor.name, source_of(scenario.name, sensor.node, sensor.name), quantity, None)
    observer = SensorObserver(
        _settings(sensor, quantity, scenario.name, ZoneInfo(truth.time_zone)),
        new_id=ids(scenario.name, scenario.seed, sensor.name),
    )
    at_s = 0.0
    for at_s, value in readings(sensor, scenario.duration_s):
        at = to_millis(truth.moment(at_s))
        observed = observer.reading(at, value, at_s)
        for window in observed.windows:
            yield ToldBySensor(at_s, reading_draft(window, view))
        for decision in observed.decisions:
            yield ToldBySensor(at_s, to_draft(decision, view, _NO_PICTURES))
    for window in observer.end().windows:
        yield ToldBySensor(at_s, reading_draft(window, view))


def _settings(sensor: Sensor, quantity: Quantity, site: str, time_zone: ZoneInfo) -> SensorSettings:
    rule = None if sensor.rule is None else _limit(sensor.rule.beyond, sensor.rule.limit, sensor.rule.for_s)
    return SensorSettings(
        gauge=Gauge(quantity, DEFINITIONS[quantity].unit),
        place=lambda name: place_of(site, sensor.node, sensor.name, name),
        rules=() if rule is None else (LimitSection.model_validate(rule).rule(quantity),),
        silent_after_s=_SILENT_AFTER_READINGS * sensor.every_s,
        time_zone=time_zone,
    )


def _limit(beyond: str, limit: float, for_s: float) -> dict[str, Any]:
    return {"name": RULE, beyond: limit, "for_s": for_s}


def sensor_table(sensor: TruthSensor, folder: Path, truth: Truth) -> dict[str, Any]:
    """The ``[[sensor]]`` table that replays a sensor's readings. Raises ValueError where it has none."""
    if sensor.readings is None:
        raise ValueError(
            f"scenario {truth.scenario!r}, sensor {sensor.name!r}: no readings; detections-only scenarios run in"
            " process"
        )
    rule = sensor.rule
    return {
        "name": sensor.name,
        "quantity": sensor.quantity.value,
        "every_s": sensor.every_s,
        "silent_after_s": _SILENT_AFTER_READINGS * sensor.every_s,
        "csv": {"file": str(folder.resolve() / sensor.readings), "start_at": truth.starts_at},
        "rule": [] if rule is None else [_limit(rule.beyond, rule.limit, rule.for_s)],
    }
