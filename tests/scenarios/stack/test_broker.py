"""The brokers for one machine: the one in a wheel keeps the promises that the link and the spool rest on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.config import MqttSettings
from ingest.link import Delivery, MqttLink, Retained
from scenarios.stack import broker as brokers
from scenarios.stack.broker import Broker, BrokerError, MosquittoBroker, WheelBroker, free_port, start_broker
from tests.servers import free_port as unused_port
from tests.servers import listening
from tests.waiting import wait_for


@pytest.fixture
def wheel(tmp_path: Path) -> Iterator[Broker]:
    broker = start_broker(tmp_path / "broker", prefer_mosquitto=False)
    assert isinstance(broker, WheelBroker)
    yield broker
    broker.stop()


@contextmanager
def linked(broker: Broker, client_id: str, *topics: str, will: Retained | None = None) -> Iterator[MqttLink]:
    settings = MqttSettings(host="127.0.0.1", port=broker.port)
    link = MqttLink(settings, client_id=client_id, subscriptions=topics, will=will)
    link.start()
    wait_for(lambda: link.connected, what="link connected")
    try:
        yield link
    finally:
        link.stop()


def receive(link: MqttLink) -> Delivery:
    return wait_for(lambda: link.receive(0.2), what="a delivery")


def test_the_wheel_takes_a_message_through_and_its_acknowledgement_counts(wheel: Broker) -> None:
    with linked(wheel, "out") as outbound:
        with linked(wheel, "in", "a/#") as inbound:
            assert outbound.publish("a/b", b"first")
            delivery = receive(inbound)
            assert (delivery.topic, delivery.payload, delivery.qos) == ("a/b", b"first", 1)
            inbound.acknowledge(delivery)
            assert outbound.publish("a/b", b"second")
            inbound.acknowledge(receive(inbound))
        with linked(wheel, "in", "a/#") as inbound:
            assert outbound.publish("a/b", b"third")
            assert receive(inbound).payload == b"third"


def test_the_wheel_delivers_again_what_was_not_acknowledged_and_what_came_meanwhile(wheel: Broker) -> None:
    with linked(wheel, "out") as outbound:
        with linked(wheel, "in", "a/#") as inbound:
            assert outbound.publish("a/b", b"unacknowledged")
            receive(inbound)
        assert outbound.publish("a/b", b"meanwhile")
        with linked(wheel, "in", "a/#") as inbound:
            assert [receive(inbound).payload, receive(inbound).payload] == [b"unacknowledged", b"meanwhile"]


def test_the_wheel_keeps_status_and_publishes_the_will(wheel: Broker) -> None:
    will = Retained("a/status", b"gone")
    with linked(wheel, "node", will=will) as node:
        assert node.publish("a/status", b"online", retain=True)
        with linked(wheel, "watcher", "a/status") as watcher:
            assert receive(watcher).payload == b"online"
            client = node._client
            assert client is not None
            sock = client.socket()
            assert sock is not None
            node._stopping.set()
            sock.shutdown(2)
            assert receive(watcher).payload == b"gone"


def test_a_link_finds_a_wheel_that_was_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = unused_port()
    monkeypatch.setattr(brokers, "free_port", lambda: port)
    first = WheelBroker(tmp_path)
    with linked(first, "node", "a/#") as link:
        epoch = link.epoch
        first.stop()
        wait_for(lambda: not link.connected, what="link down")
        second = WheelBroker(tmp_path)
        try:
            wait_for(lambda: link.connected, what="link up")
            assert link.epoch > epoch
            assert link.publish("a/b", b"after")
            assert receive(link).payload == b"after"
        finally:
            second.stop()


def test_a_stopped_wheel_frees_its_port_and_stops_twice(tmp_path: Path) -> None:
    broker = WheelBroker(tmp_path)
    broker.stop()
    assert not listening(broker.port)
    broker.stop()


def test_without_any_broker_the_refusal_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "iotcore", None)
    with pytest.raises(BrokerError, match=r"kerbwatch\[demo\]"):
        start_broker(tmp_path, prefer_mosquitto=False)


def test_a_mosquitto_that_ends_at_once_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="ended with code 1"):
        MosquittoBroker("/bin/false", tmp_path)


def test_a_mosquitto_that_never_listens_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "deaf"
    script.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setattr(brokers, "START_TIMEOUT_S", 1.0)
    with pytest.raises(BrokerError, match="does not listen"):
        MosquittoBroker(str(script), tmp_path)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_taken_port_is_replaced_by_a_free_one(wheel: Broker) -> None:
    assert free_port(wheel.port) not in (0, wheel.port)
