"""Intake: exactly-once effects, dead letters with reasons, and no message that blocks another."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from alerts import intake as intake_module
from alerts.cases import CaseService
from alerts.inbound import Enrolment, Outcome, OutcomeKind, Received
from alerts.intake import DatabaseUnavailable, Intake
from alerts.invariants import check_invariants
from alerts.storage.database import Database
from alerts.storage.incidents import store
from alerts.storage.tables import DeadLetterRow, InboxRow, IncidentRow, OutboxRow
from ingest.clock import ManualClock
from ingest.messages import MAX_MESSAGE_BYTES, NodeStatus
from ingest.signing import public_key_of, sign
from ingest.topics import Channel
from tests.alerts.reports import START, Node, Problem, at, name_id

TOPIC = "kerbwatch/v1/xuhui/junction-17/event"


def message(payload: bytes, topic: str = TOPIC) -> Received:
    return Received(topic, payload, 1, START)


def altered(**changes: Any) -> bytes:
    node = Node()
    return json.dumps(json.loads(Problem(node, "one").opened().to_json()) | changes).encode()


def letters(database: Database) -> list[DeadLetterRow]:
    with database.read() as session:
        return list(session.scalars(select(DeadLetterRow).order_by(DeadLetterRow.id)))


def test_a_duplicate_changes_nothing_and_is_released_again(database: Database) -> None:
    node = Node()
    sent = node.received(Problem(node, "one").opened())
    taken = Intake(database).process([sent, sent])
    assert [(outcome.kind, outcome.seq, outcome.release) for outcome in taken] == [
        (OutcomeKind.STORED, 1, True),
        (OutcomeKind.DUPLICATE, 1, True),
    ]
    assert CaseService(database, ManualClock(START)).list_cases().total == 1
    assert (
        check_invariants(database, acknowledged=[("/xuhui/junction-17/north", str(name_id("one/opened")))]) == []
    )


@pytest.mark.parametrize(
    ("payload", "topic", "reason", "release"),
    [
        (b"{", TOPIC, "invalid_json", False),
        (b'{"a": "\xff"}', TOPIC, "invalid_utf8", False),
        (b"[]", TOPIC, "not_an_object", False),
        (b"[" * 100_000, TOPIC, "invalid_json", False),
        (altered(type="kerbwatch.unheard.of"), TOPIC, "unknown_type", True),
        (
            altered(dataschema="urn:kerbwatch:schema:kerbwatch.incident.opened:2"),
            TOPIC,
            "unknown_schema_version",
            True,
        ),
        (altered(data={}), TOPIC, "invalid_fields", True),
        (altered(seq="one"), TOPIC, "invalid_fields", False),
        (altered(time="0001-01-01T00:00:00+14:00"), TOPIC, "invalid_fields", True),
        (altered(source="/xuhui/junction-18/north"), TOPIC, "identity_mismatch", False),
        (altered(), "kerbwatch/v1/xuhui/junction-17/reading", "wrong_channel", True),
        (altered(), "kerbwatch/v1/xuhui/junction-17/ack", "wrong_channel", True),
        (altered(), "somewhere/else", "foreign_topic", False),
        (altered(), "", "foreign_topic", False),
        (altered(padding="x" * MAX_MESSAGE_BYTES), TOPIC, "too_large", False),
    ],
)
def test_every_refusal_has_its_reason_and_blocks_nobody(
    database: Database, payload: bytes, topic: str, reason: str, release: bool
) -> None:
    node = Node()
    node.seq = 10
    good = node.received(Problem(node, "good").opened())
    outcomes = Intake(database).process([message(payload, topic), good])
    assert outcomes[1].kind is OutcomeKind.STORED
    assert (outcomes[0].kind, outcomes[0].reason, outcomes[0].release) == (
        OutcomeKind.DEAD_LETTER,
        reason,
        release,
    )
    (letter,) = letters(database)
    assert (letter.reason, letter.size) == (reason, len(payload))
    assert letter.payload == (payload if len(payload) <= MAX_MESSAGE_BYTES else payload[:4096])


def test_the_same_dead_letter_again_only_raises_its_count(database: Database) -> None:
    intake = Intake(database)
    for _ in range(3):
        intake.process([message(b"{")])
    assert [letter.times for letter in letters(database)] == [3]
    assert intake.counters == {("dead_letter", "invalid_json"): 3}


def test_one_poison_message_does_not_block_its_batch(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:

    def sometimes(session: Session, record: Any, now: Any) -> IncidentRow:
        if record.incident_id == name_id("poison"):
            raise ZeroDivisionError("surprise")
        return store(session, record, now)

    monkeypatch.setattr(intake_module, "store", sometimes)
    node = Node()
    names = ("first", "poison", "last")
    boxes = ((0.1, 0.1, 0.2, 0.2), (0.4, 0.4, 0.5, 0.5), (0.7, 0.7, 0.8, 0.8))
    problems = [Problem(node, name, place=name, box=box) for name, box in zip(names, boxes, strict=True)]
    outcomes = Intake(database).process([node.received(problem.opened()) for problem in problems])
    assert [outcome.reason for outcome in outcomes] == ["", "processing_failed", ""]
    assert CaseService(database, ManualClock(START)).list_cases().total == 2
    assert check_invariants(database) == []


def test_a_database_error_stores_nothing_and_acknowledges_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(session: Session, record: Any, now: Any) -> IncidentRow:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    node = Node()
    sent = node.received(Problem(node, "one").opened())
    with monkeypatch.context() as patch:
        patch.setattr(intake_module, "store", full)
        with pytest.raises(DatabaseUnavailable):
            Intake(database).process([sent, message(b"{")])
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(InboxRow)) == 0
    assert letters(database) == []
    assert Intake(database).process([sent])[0].kind is OutcomeKind.STORED


def enrolled(key: Ed25519PrivateKey) -> Enrolment:
    return Enrolment({("xuhui", "junction-17"): public_key_of(key)})


def test_an_enrolled_node_is_believed_only_with_its_signature(database: Database) -> None:
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    node = Node()
    event = Problem(node, "one").opened()
    intake = Intake(database, enrolment=enrolled(key))

    def take(payload: bytes) -> Outcome:
        return intake.process([message(payload)])[0]

    for forged in (
        event.to_json(),
        sign(event, other).to_json(),
        sign(event, key).to_json().replace(b"0.9", b"0.8"),
    ):
        outcome = take(forged)
        assert (outcome.reason, outcome.release) == ("bad_signature", False)
    assert take(sign(event, key).to_json()).kind is OutcomeKind.STORED


def test_a_stranger_cannot_make_an_enrolled_node_drop_an_event(database: Database) -> None:
    intake = Intake(database, enrolment=enrolled(Ed25519PrivateKey.generate()))
    (outcome,) = intake.process([message(altered(data={}))])
    assert (outcome.reason, outcome.release) == ("invalid_fields", False)


def test_a_node_cannot_report_on_another_nodes_incident(database: Database) -> None:
    node, other = Node(), Node(name="junction-18")
    intake = Intake(database)
    intake.process([node.received(Problem(node, "one").opened())])
    (outcome,) = intake.process([other.received(Problem(other, "one").closed())])
    assert outcome.reason == "identity_mismatch"


def status(node: Node, state: str, when: float) -> Received:
    data = NodeStatus.model_validate({"state": state, "software": "0.1"})
    event = node.event(data, at(when), event_id=f"{node.boot_id}/{state}/{when}", spooled=False)
    return node.received(event, Channel.STATUS)


def test_a_late_death_of_an_earlier_boot_does_not_kill_a_living_node(database: Database) -> None:
    intake = Intake(database)
    old, new = Node(boot_id=name_id("old")), Node(boot_id=name_id("new"))

    def state() -> str:
        return CaseService(database, ManualClock(START)).nodes()[0].state

    intake.process([status(old, "online", 0), status(new, "online", 50), status(old, "offline", 0)])
    assert state() == "online"
    intake.process([status(new, "offline", 50)])
    assert state() == "offline"
    intake.process([status(new, "online", 60)])
    assert state() == "online"


def test_heartbeats_update_the_node_and_grow_nothing(database: Database) -> None:
    intake = Intake(database)
    node = Node()
    for second in range(50):
        (outcome,) = intake.process([status(node, "online", float(second))])
        assert outcome.kind is OutcomeKind.STORED
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(InboxRow)) == 0
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 0
    assert CaseService(database, ManualClock(START)).nodes()[0].status_at == at(49.0)
