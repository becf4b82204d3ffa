"""A scenario's readings as files beside its videos."""

from __future__ import annotations

from pathlib import Path

from ingest.sensors.csv_replay import table_of
from scenarios.language.scenario import Scenario
from scenarios.makers.readings import readings


def write_readings(scenario: Scenario, folder: Path) -> dict[str, str]:
    """Writes ``{sensor}.csv`` for each sensor, seconds since the scenario's start; sensor name -> file name."""
    files = {sensor.name: f"{sensor.name}.csv" for sensor in scenario.sensors}
    for sensor in scenario.sensors:
        text = table_of(readings(sensor, scenario.duration_s))
        (folder / files[sensor.name]).write_text(text, encoding="utf-8")
    return files
