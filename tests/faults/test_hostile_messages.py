"""Hostile messages end in the dead letters with a reason, and the consumer lives."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from ingest.config import MqttSettings
from ingest.link import MqttLink
from ingest.messages import MAX_MESSAGE_BYTES, Acknowledgement, parse_event
from tests.e2e.stack import Centre
from tests.ingest.samples import event, opened
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = pytest.mark.broker

TOPIC = "kerbwatch/v1/xuhui/j17/event"
ACK = "kerbwatch/v1/xuhui/j17/ack"


def altered(**changes: Any) -> bytes:
    raw = json.loads(event(opened(), seq=7).to_json()) | {"id": str(uuid4()), **changes}
    return json.dumps(raw).encode()


HOSTILE = {
    "invalid_json": b'{"specversion": "1.0", ',
    "invalid_utf8": b'{"specversion": "\xff\xfe"}',
    "not_an_object": b"[1, 2, 3]",
    "unknown_type": altered(type="kerbwatch.incident.exploded"),
    "unknown_schema_version": altered(dataschema="urn:kerbwatch:schema:kerbwatch.incident.opened:99"),
    "invalid_fields": altered(data={"camera": 7}),
    "identity_mismatch": altered(source="/xuhui/j99/north"),
    "too_large": altered(padding="x" * (MAX_MESSAGE_BYTES + 1)),
}


def published(link: MqttLink, payload: bytes) -> None:
    wait_for(lambda: link.publish(TOPIC, payload), what="a message handed over")


def sender(broker: Mosquitto) -> MqttLink:
    link = MqttLink(MqttSettings(port=broker.port), client_id="hostile", subscriptions=(ACK,))
    link.start()
    wait_for(lambda: link.connected, what="connected")
    return link


def test_every_kind_of_hostile_message_is_dead_lettered_and_a_good_one_still_becomes_a_case(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    link = sender(mosquitto)
    for payload in HOSTILE.values():
        published(link, payload)
    published(link, event(opened()).to_json())
    wait_for(lambda: len(centre.cases()) == 1, what="the good event's case")
    letters = {letter["reason"]: letter for letter in centre.get("dead-letters")["dead_letters"]}
    assert set(letters) == set(HOSTILE)
    for reason, payload in HOSTILE.items():
        assert letters[reason]["bytes"] == len(payload)
        assert letters[reason]["sha256"] == hashlib.sha256(payload).hexdigest()
        assert len(letters[reason]["preview"].encode()) <= 3 * 4096
    for reason in HOSTILE:
        assert centre.metric("kerbwatch_dead_letters_total", reason=reason) == 1
    link.stop()
    centre.end()


def test_the_sender_of_a_dead_letter_is_told_to_let_go(tmp_path: Path, mosquitto: Mosquitto) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    link = sender(mosquitto)
    published(link, HOSTILE["invalid_fields"])
    delivery = wait_for(lambda: link.receive(0.2), what="an acknowledgement")
    answer = parse_event(delivery.payload).data
    assert isinstance(answer, Acknowledgement)
    assert [(rejection.seq, rejection.reason) for rejection in answer.rejected] == [(7, "invalid_fields")]
    link.stop()
    centre.end()


def connect_packet(client_id: bytes) -> bytes:
    body = b"\x00\x04MQTT\x05\x02\x00\x3c\x00" + len(client_id).to_bytes(2, "big") + client_id
    return b"\x10" + bytes([len(body)]) + body


def publish_packet(topic: bytes) -> bytes:
    body = len(topic).to_bytes(2, "big") + topic + b"\x00" + b"x"
    return b"\x30" + bytes([len(body)]) + body


@pytest.mark.parametrize(
    "packet",
    [
        publish_packet(b"kerbwatch/v1/\xff\xfe/j17/event"),
        publish_packet(b"kerbwatch/v1/+/j17/event"),
        publish_packet(b"kerbwatch/v1/\x00/j17/event"),
        b"\x30\xff\xff\xff\xff\x7f",
        b"\xf0\xf0\xf0",
    ],
    ids=["topic not utf-8", "wildcard in topic", "nul in topic", "endless length", "nonsense"],
)
def test_packets_the_broker_refuses_do_not_disturb_the_centre(
    tmp_path: Path, mosquitto: Mosquitto, packet: bytes
) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    with socket.create_connection(("127.0.0.1", mosquitto.port), timeout=5) as raw:
        raw.sendall(connect_packet(b"raw"))
        raw.recv(64)
        raw.sendall(packet)
    link = sender(mosquitto)
    published(link, event(opened()).to_json())
    wait_for(lambda: len(centre.cases()) == 1, what="the good event's case")
    assert centre.get("dead-letters")["dead_letters"] == []
    link.stop()
    centre.end()
