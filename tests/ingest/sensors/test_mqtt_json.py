"""A real broker: readings arrive, what the broker kept does not count, floods are dropped, the broker may restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from ingest.clock import ManualClock
from ingest.config import MqttSettings
from ingest.sensors.mqtt_json import MOST_PER_S, MqttJson
from ingest.sensors.settings import MqttSource
from ingest.sensors.source import Failure, NoSample, Sample
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = pytest.mark.broker
CLOCK = ManualClock(datetime(2026, 1, 31, 8, tzinfo=UTC))
TOPIC = "gateway/7/up"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    server = Mosquitto(tmp_path / "broker").start()
    yield server
    server.stop()


class Gateway:
    """Publishes; waits until the broker has it."""

    def __init__(self, port: int) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def send(self, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        self._client.publish(TOPIC, payload, qos=qos, retain=retain).wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def listen(port: int, **settings: object) -> MqttJson:
    source = MqttSource.model_validate({"topic": "gateway/+/up", "value": "/db", **settings})
    listener = MqttJson(source, MqttSettings(port=port), client_id="kerbwatch-x-y-sensor-z", clock=CLOCK)
    wait_for(lambda: listener.counters.get("mqtt_connected", 0), what="the subscription")
    return listener


def next_of(listener: MqttJson) -> Sample | NoSample:
    return wait_for(lambda: listener.read(0.1), what="an answer")


def test_readings_arrive_and_what_is_none_is_told(broker: Mosquitto) -> None:
    with closing(listen(broker.port)) as listener, closing(Gateway(broker.port)) as gateway:
        for payload in (b'{"db": 61.5}', b"junk", b'{"db": 62}'):
            gateway.send(payload)
        first, bad, last = (next_of(listener) for _ in range(3))
        assert isinstance(first, Sample)
        assert isinstance(last, Sample)
        assert (first.number, last.number) == (61.5, 62)
        assert isinstance(bad, NoSample)
        assert bad.failure is Failure.BAD_ANSWER


def test_what_the_broker_kept_from_before_is_no_reading_of_now(broker: Mosquitto) -> None:
    with closing(Gateway(broker.port)) as gateway:
        gateway.send(b'{"db": 99}', retain=True)
        with closing(listen(broker.port)) as listener:
            old = next_of(listener)
            assert isinstance(old, NoSample)
            assert old.failure is Failure.STALE
            gateway.send(b'{"db": 50}')
            assert isinstance(next_of(listener), Sample)


def test_a_flood_is_dropped_and_counted_and_a_huge_payload_never_comes(broker: Mosquitto) -> None:
    with closing(listen(broker.port)) as listener, closing(Gateway(broker.port)) as gateway:
        gateway.send(json.dumps({"db": 1, "x": "y" * 200_000}).encode())
        for number in range(2 * MOST_PER_S):
            gateway.send(json.dumps({"db": number}).encode())
        answers = [next_of(listener) for _ in range(2 * MOST_PER_S)]
        assert [one.number for one in answers if isinstance(one, Sample)] == list(range(MOST_PER_S))
        assert listener.counters["flooded"] == MOST_PER_S
        CLOCK.advance(1.0)
        gateway.send(b'{"db": 7}')
        assert isinstance(next_of(listener), Sample)


def test_a_broker_that_was_away_is_found_again(broker: Mosquitto) -> None:
    with closing(listen(broker.port)) as listener:
        broker.kill()
        broker.start()
        wait_for(lambda: listener.counters["mqtt_connected"] >= 2, what="the second connection", timeout_s=40)
        with closing(Gateway(broker.port)) as gateway:
            gateway.send(b'{"db": 50}')
            assert isinstance(next_of(listener), Sample)


@pytest.mark.parametrize("topic", ["", "a/#/b", "a/b+", "a#"])
def test_a_filter_that_is_none_is_refused(topic: str) -> None:
    with pytest.raises(ValueError):
        MqttSource.model_validate({"topic": topic})
