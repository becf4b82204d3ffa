"""Sensor sources (传感器数据源): MQTT-JSON, Modbus TCP, HTTP poll, CSV replay, as one stream of numbers."""

from __future__ import annotations

from ingest.sensors.gauge import Gauge, NoData
from ingest.sensors.opening import open_sensor
from ingest.sensors.quantities import DEFINITIONS, Mean, Quantity
from ingest.sensors.source import End, Failure, NoSample, Sample, SensorSource

__all__ = [
    "DEFINITIONS",
    "End",
    "Failure",
    "Gauge",
    "Mean",
    "NoData",
    "NoSample",
    "Quantity",
    "Sample",
    "SensorSource",
    "open_sensor",
]
