"""Orders as they travel: signed by the centre, addressed to one node; pure but for the random part of ids."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.clock import uuid7
from ingest.fleet import CENTRE_SOURCE, ConfigDesired, ModelDesired, NodeCommand, TimeAnswer
from ingest.messages import Event, schema_urn
from ingest.signing import sign
from ingest.topics import Channel, Topic

Order = ConfigDesired | ModelDesired | NodeCommand | TimeAnswer

_CHANNEL: dict[type[Order], Channel] = {
    ConfigDesired: Channel.CONFIG_DESIRED,
    ModelDesired: Channel.MODEL_DESIRED,
    NodeCommand: Channel.COMMAND,
    TimeAnswer: Channel.ACK,
}


def order_message(order: Order, key: Ed25519PrivateKey, now: datetime) -> tuple[str, bytes]:
    """Topic and payload."""
    event = Event(
        id=uuid7(now),
        source=CENTRE_SOURCE,
        type=order.TYPE,
        time=now,
        dataschema=schema_urn(type(order)),
        data=order,
    )
    topic = Topic(order.site, order.node, _CHANNEL[type(order)])
    return str(topic), sign(event, key).to_json()


def time_answer(topic: Topic, about: UUID, key: Ed25519PrivateKey, now: datetime) -> tuple[str, bytes]:
    """The answer to a status that asked what time it is."""
    return order_message(TimeAnswer(site=topic.site, node=topic.node, about=about), key, now)
