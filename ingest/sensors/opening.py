"""Opens the source that a sensor's configuration names."""

from __future__ import annotations

from random import Random

from ingest.clock import Clock
from ingest.config import MqttSettings
from ingest.sensors.csv_replay import CsvReplay
from ingest.sensors.polled import Polled
from ingest.sensors.settings import CsvSource, HttpSource, ModbusSource, MqttSource
from ingest.sensors.source import SensorSource

AnySource = MqttSource | ModbusSource | HttpSource | CsvSource


def open_sensor(
    source: AnySource,
    *,
    every_s: float,
    own_broker: MqttSettings,
    client_id: str,
    clock: Clock,
    rng: Random,
    resume_after_s: float | None = None,
) -> SensorSource:
    """Open a source; what is not there is told with its first answers.

    Args:
        source: Its settings.
        every_s: How often devices are asked.
        own_broker: The node's broker, where an MQTT source names none.
        client_id: Of an MQTT source.
        clock: Stamps what arrives.
        rng: Spreads retries.
        resume_after_s: Of a recording: the position behind which to begin.

    Raises:
        CsvError: A recording that cannot be read.
    """
    if isinstance(source, MqttSource):
        from ingest.sensors.mqtt_json import MqttJson

        return MqttJson(source, own_broker, client_id=client_id, clock=clock)
    if isinstance(source, ModbusSource):
        from ingest.sensors.modbus_tcp import ModbusDevice

        return Polled(ModbusDevice(source, clock=clock), every_s, clock=clock, rng=rng)
    if isinstance(source, HttpSource):
        from ingest.sensors.http_poll import HttpDevice

        return Polled(HttpDevice(source, clock=clock), every_s, clock=clock, rng=rng)
    return CsvReplay(source, clock=clock, resume_after_s=resume_after_s)
