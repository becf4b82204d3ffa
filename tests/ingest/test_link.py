"""The MQTT link over a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.config import MqttSettings
from ingest.link import Delivery, MqttLink, Retained
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = pytest.mark.broker


@contextmanager
def linked(
    broker: Mosquitto, client_id: str, *topics: str, will: Retained | None = None, receive_maximum: int = 64
) -> Iterator[MqttLink]:
    settings = MqttSettings(host="127.0.0.1", port=broker.port)
    link = MqttLink(
        settings, client_id=client_id, subscriptions=topics, will=will, receive_maximum=receive_maximum
    )
    link.start()
    wait_for(lambda: link.connected, what="link connected")
    yield link
    link.stop()


def receive(link: MqttLink) -> Delivery:
    return wait_for(lambda: link.receive(0.2), what="a delivery")


def test_a_message_goes_through_and_is_acknowledged(mosquitto: Mosquitto) -> None:
    with linked(mosquitto, "in", "a/#") as inbound, linked(mosquitto, "out") as outbound:
        assert outbound.publish("a/b", b"hello")
        delivery = receive(inbound)
        assert (delivery.topic, delivery.payload) == ("a/b", b"hello")
        inbound.acknowledge(delivery)


def test_an_unacknowledged_message_comes_again_in_the_next_epoch(mosquitto: Mosquitto) -> None:
    with linked(mosquitto, "out") as outbound:
        with linked(mosquitto, "in", "a/#") as inbound:
            outbound.publish("a/b", b"once")
            receive(inbound)
        with linked(mosquitto, "in", "a/#") as inbound:
            assert receive(inbound).payload == b"once"


def test_the_link_comes_back_after_the_broker_was_killed_with_its_store(mosquitto: Mosquitto) -> None:
    with linked(mosquitto, "in", "a/#") as inbound, linked(mosquitto, "out") as outbound:
        before = inbound.epoch
        mosquitto.kill()
        wait_for(lambda: not inbound.connected and not outbound.connected, what="both links down")
        assert not outbound.publish("a/b", b"lost")
        mosquitto.forget()
        mosquitto.start()
        wait_for(lambda: inbound.connected and outbound.connected, what="both links up")
        assert inbound.epoch > before
        outbound.publish("a/b", b"after")
        assert receive(inbound).payload == b"after"


def test_an_acknowledgement_of_an_old_epoch_is_ignored(mosquitto: Mosquitto) -> None:
    with (
        linked(mosquitto, "in", "a/#", receive_maximum=1) as inbound,
        linked(mosquitto, "out") as outbound,
    ):
        outbound.publish("a/b", b"x")
        outbound.publish("a/b", b"y")
        first = receive(inbound)
        inbound.acknowledge(replace(first, epoch=first.epoch - 1))
        assert inbound.receive(0.5) is None, "the broker was told that the first one is safe"
        inbound.acknowledge(first)
        assert receive(inbound).payload == b"y"


def test_what_nobody_took_from_an_old_epoch_is_dropped_and_counted(mosquitto: Mosquitto) -> None:
    with linked(mosquitto, "in", "a/#") as inbound, linked(mosquitto, "out") as outbound:
        outbound.publish("a/b", b"not taken")
        wait_for(lambda: inbound.counters.get("received", 0) == 1, what="the delivery waiting")
        mosquitto.kill()
        mosquitto.forget()
        mosquitto.start()
        wait_for(lambda: inbound.epoch > 1 and inbound.connected and outbound.connected, what="both links up")
        assert inbound.counters["inbound_of_old_epoch"] == 1
        outbound.publish("a/b", b"new")
        delivery = receive(inbound)
        assert (delivery.payload, delivery.epoch) == (b"new", inbound.epoch)


def test_thousands_of_messages_do_not_leak_the_window(mosquitto: Mosquitto) -> None:
    with linked(mosquitto, "in", "a/#") as inbound, linked(mosquitto, "out") as outbound:
        received = 0
        for number in range(2000):
            wait_for(lambda n=number: outbound.publish("a/b", str(n).encode()), what="a free slot")
            while (delivery := inbound.receive(0)) is not None:
                assert delivery.payload == str(received).encode()
                inbound.acknowledge(delivery)
                received += 1
        while received < 2000:
            delivery = receive(inbound)
            assert delivery.payload == str(received).encode()
            inbound.acknowledge(delivery)
            received += 1


def test_the_will_is_published_when_the_client_vanishes(mosquitto: Mosquitto) -> None:
    will = Retained("a/status", b"gone")
    with linked(mosquitto, "watcher", "a/status") as watcher, linked(mosquitto, "node", will=will) as node:
        client = node._client
        assert client is not None
        node._stopping.set()
        sock = client.socket()
        assert sock is not None
        sock.shutdown(2)
        assert receive(watcher).payload == b"gone"


def test_a_password_file_that_is_gone_for_a_while_does_not_end_the_link(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x\n")
    settings = MqttSettings(host="127.0.0.1", port=mosquitto.port, username="node", password_file=secret)
    secret.unlink()
    link = MqttLink(settings, client_id="node")
    link.start()
    wait_for(lambda: link.counters.get("epoch_failed", 0) >= 1, what="a failed epoch")
    secret.write_text("x\n")
    wait_for(lambda: link.connected, what="link connected")
    link.stop()


def test_a_wrong_password_is_counted_and_the_link_keeps_trying(tmp_path: Path) -> None:
    password_file = tmp_path / "passwords"
    password_file.write_text("")
    broker = Mosquitto(tmp_path, f"allow_anonymous false\npassword_file {password_file}\n").start()
    (tmp_path / "secret").write_text("wrong\n")
    settings = MqttSettings(host="127.0.0.1", port=broker.port, username="node", password_file=tmp_path / "secret")
    link = MqttLink(settings, client_id="node")
    link.start()
    wait_for(lambda: link.counters.get("refused_not_authorized", 0) >= 2, what="two refusals")
    assert not link.connected
    link.stop()
    broker.stop()
