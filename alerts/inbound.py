"""What arrives from the broker, judged before it touches a case: pure checks, each refusal with a reason code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic_core import from_json

from ingest.fleet import CommandResult, ConfigReported, ModelReported
from ingest.messages import (
    Blindness,
    ContractError,
    Event,
    Eviction,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    NodeStatus,
    Reading,
    parse_event,
    spool_position,
)
from ingest.signing import verify
from ingest.topics import Channel, Topic, parse_topic


@dataclass(frozen=True)
class Received:
    """A message as it came from the broker; ``received_at`` is UTC."""

    topic: str
    payload: bytes
    qos: int
    received_at: datetime


class OutcomeKind(StrEnum):
    """What became of a message."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    DEAD_LETTER = "dead_letter"


class RefusalReason(StrEnum):
    """Why a message became a dead letter, beside the reasons of ``ContractError``."""

    FOREIGN_TOPIC = "foreign_topic"
    WRONG_CHANNEL = "wrong_channel"
    IDENTITY_MISMATCH = "identity_mismatch"
    BAD_SIGNATURE = "bad_signature"
    PROCESSING_FAILED = "processing_failed"


@dataclass(frozen=True)
class Outcome:
    """What became of a message, and what its sender may be told.

    ``release`` says that the sender's spool may let go of (``spool_id``, ``seq``); ``wants_time`` is the id of a status
    that asked what time it is.
    """

    kind: OutcomeKind
    topic: Topic | None
    reason: str = ""
    spool_id: UUID | None = None
    seq: int | None = None
    release: bool = False
    wants_time: UUID | None = None


class Refusal(Exception):  # noqa: N818 - an outcome that is stored, not a failure
    """A message that becomes a dead letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


_ALLOWED: dict[Channel, tuple[type, ...]] = {
    Channel.EVENT: (IncidentOpened, IncidentUpdated, IncidentClosed, Blindness, Eviction, CommandResult),
    Channel.READING: (Reading,),
    Channel.STATUS: (NodeStatus,),
    Channel.CONFIG_REPORTED: (ConfigReported,),
    Channel.MODEL_REPORTED: (ModelReported,),
}


class Enrolment:
    """The public keys of enrolled nodes. A node without a key is taken at its word (the broker's ACL guards it)."""

    def __init__(self, keys: Mapping[tuple[str, str], str]) -> None:
        """``keys``: (site, node) -> base64 of the raw Ed25519 public key."""
        self._keys = dict(keys)

    def authentic(self, topic: Topic, payload: bytes) -> bool:
        """Whether ``payload`` is signed by the node that the topic names, or that node needs no signature."""
        key = self._keys.get((topic.site, topic.node))
        if key is None:
            return True
        try:
            attributes = from_json(payload, allow_inf_nan=False)
        except ValueError:
            return False
        signature = attributes.get("signature") if isinstance(attributes, dict) else None
        return isinstance(signature, str) and verify(payload, signature, key)


def judge(message: Received, enrolment: Enrolment) -> tuple[Topic, Event]:
    """The event in a message, checked against contract, topic and signature.

    Raises:
        Refusal: With the reason for the dead letter.
    """
    topic = parse_topic(message.topic)
    if topic is None:
        raise Refusal(RefusalReason.FOREIGN_TOPIC, f"{message.topic[:200]!r} is no Kerbwatch topic")
    try:
        event = parse_event(message.payload)
    except ContractError as error:
        raise Refusal(error.reason, error.detail) from error
    if event.node != (topic.site, topic.node):
        raise Refusal(
            RefusalReason.IDENTITY_MISMATCH, f"source {event.source} on the topic of /{topic.site}/{topic.node}"
        )
    if not enrolment.authentic(topic, message.payload):
        raise Refusal(RefusalReason.BAD_SIGNATURE, f"no valid signature of /{topic.site}/{topic.node}")
    if not isinstance(event.data, _ALLOWED.get(topic.channel, ())):
        raise Refusal(RefusalReason.WRONG_CHANNEL, f"{event.type} on the {topic.channel} channel")
    return topic, event


def refused(message: Received, refusal: Refusal, enrolment: Enrolment) -> Outcome:
    """The outcome of a refused message.

    Its sender is told to let go only if the message is authentic: nobody else may make a node drop its evidence.
    """
    topic = parse_topic(message.topic)
    position = spool_position(message.payload)
    unproven = refusal.reason in (RefusalReason.IDENTITY_MISMATCH, RefusalReason.BAD_SIGNATURE)
    if topic is None or position is None or unproven or not enrolment.authentic(topic, message.payload):
        return Outcome(OutcomeKind.DEAD_LETTER, topic, refusal.reason)
    spool_id, seq = position
    return Outcome(OutcomeKind.DEAD_LETTER, topic, refusal.reason, spool_id, seq, release=1 <= seq <= 2**62)
