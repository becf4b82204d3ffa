"""Intake (接收): a batch of messages in one transaction, each with an effect at most once.

{inbox insert-or-ignore; incident merge; correlation; case; history; outbox} commit together or not at all; what
cannot be taken in becomes a dead letter in the same way. One poison message never blocks the others. An error of
the database itself is raised as :class:`DatabaseUnavailable`: then nothing was stored, nothing may be acknowledged,
and the same batch is to be tried again.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import exc, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from alerts.correlation import CorrelationPolicy
from alerts.fleet_register import note_clock, note_report, note_result, shift_of
from alerts.inbound import Enrolment, Outcome, OutcomeKind, Received, Refusal, RefusalReason, judge, refused
from alerts.merge import merge, record_of
from alerts.placing import Placing
from alerts.points import points_of_event
from alerts.registers import note_blindness, note_eviction, note_reading, note_status
from alerts.storage.database import Database
from alerts.storage.dead_letters import bury
from alerts.storage.history import queue_points
from alerts.storage.incidents import decode, store
from alerts.storage.tables import InboxRow, IncidentRow
from ingest.clock import uuid7
from ingest.fleet import CommandResult, ConfigReported, ModelReported
from ingest.messages import Blindness, Event, Eviction, NodeStatus, Reading
from ingest.time_shift import shifted
from ingest.topics import Topic

_log = structlog.get_logger(__name__)


class DatabaseUnavailable(Exception):  # noqa: N818 - a state to wait out
    """The database failed; nothing of the batch was stored."""


class Intake:
    """Takes messages in. Called by one thread; ``counters`` may be read by any."""

    def __init__(
        self,
        database: Database,
        *,
        enrolment: Enrolment | None = None,
        policy: CorrelationPolicy | None = None,
        new_id: Callable[[datetime], UUID] = uuid7,
    ) -> None:
        self._database = database
        self._enrolment = enrolment or Enrolment({})
        self._placing = Placing(policy or CorrelationPolicy(), new_id)
        self._counters: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @property
    def counters(self) -> Mapping[tuple[str, str], int]:
        """How many messages ended how: (outcome kind, reason) -> count since start."""
        with self._lock:
            return dict(self._counters)

    def process(self, batch: Sequence[Received]) -> list[Outcome]:
        """Take a batch in; one outcome per message, in order.

        Raises:
            DatabaseUnavailable: Nothing was stored; try the batch again later.
        """
        if not batch:
            return []
        try:
            outcomes = self._transaction(batch)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - any one message may hold a surprise; it is found and buried below
            _log.warning("batch_failed", error=repr(error)[:500], messages=len(batch))
            outcomes = [self._alone(message) for message in batch]
        with self._lock:
            self._counters.update((outcome.kind.value, outcome.reason) for outcome in outcomes)
        return outcomes

    def _alone(self, message: Received) -> Outcome:
        try:
            return self._transaction([message])[0]
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - counted, and stored with its reason
            _log.exception("message_failed", topic=message.topic[:200])
            refusal = Refusal(RefusalReason.PROCESSING_FAILED, repr(error)[:500])
        with _database_errors(), self._database.write() as session:
            return self._bury(session, message, refusal)

    def _transaction(self, batch: Sequence[Received]) -> list[Outcome]:
        with _database_errors(), self._database.write() as session:
            return [self._take(session, message) for message in batch]

    def _take(self, session: Session, message: Received) -> Outcome:
        try:
            topic, event = judge(message, self._enrolment)
            if isinstance(event.data, NodeStatus):
                # A state, not an event: the newest replaces the others, and an inbox of heartbeats would only grow.
                note_status(session, topic, event, event.data, message.received_at)
                note_clock(session, topic, event, message.received_at)
                wants_time = event.id if event.data.wants_time else None
                return Outcome(OutcomeKind.STORED, topic, wants_time=wants_time)
            if isinstance(event.data, ConfigReported | ModelReported):
                note_report(session, topic, event, event.data, message.received_at)
                return Outcome(OutcomeKind.STORED, topic)
            shift = shift_of(session, topic, event)
            event = shifted(event, shift)
            fresh = self._note_arrival(session, event, message, shift)
            if fresh:
                self._apply(session, event, message.received_at, topic)
        except Refusal as refusal:
            return self._bury(session, message, refusal)
        if fresh:
            queue_points(session, points_of_event(event), message.received_at)
        session.flush()
        kind = OutcomeKind.STORED if fresh else OutcomeKind.DUPLICATE
        release = event.spoolid is not None and event.seq is not None
        return Outcome(kind, topic, "", event.spoolid, event.seq, release)

    def _note_arrival(self, session: Session, event: Event, message: Received, shift: int) -> bool:
        """Insert into the inbox; False if source and id are there already."""
        if event.type.startswith("kerbwatch.incident."):
            self._refuse_foreign_incident(session, event)
        values = {
            "source": event.source,
            "event_id": event.id,
            "type": event.type,
            "occurred_at": event.time,
            "received_at": message.received_at,
            "spool_id": event.spoolid,
            "seq": event.seq,
            "payload": message.payload,
            "time_shift_ms": shift,
        }
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        statement = insert(InboxRow).values(**values).on_conflict_do_nothing(index_elements=["source", "event_id"])
        return session.execute(statement.returning(InboxRow.id)).first() is not None

    def _refuse_foreign_incident(self, session: Session, event: Event) -> None:
        """An incident belongs to the camera that opened it; nobody else may report on it."""
        record = record_of(event)
        owner = session.scalar(select(IncidentRow.camera_key).where(IncidentRow.incident_id == record.incident_id))
        if owner is not None and owner != record.camera_key:
            raise Refusal(RefusalReason.IDENTITY_MISMATCH, f"incident {record.incident_id} belongs to {owner}")

    def _apply(self, session: Session, event: Event, now: datetime, topic: Topic) -> None:
        match event.data:
            case Reading():
                note_reading(session, topic, event.data)
            case Blindness():
                note_blindness(session, topic, event.data)
            case Eviction():
                note_eviction(session, topic, event.data, event.time)
            case CommandResult():
                note_result(session, topic, event.data, now)
            case _:
                self._apply_incident(session, event, now)

    def _apply_incident(self, session: Session, event: Event, now: datetime) -> None:
        report = record_of(event)
        known = session.get(IncidentRow, report.incident_id)
        before = decode(known) if known else None
        row = store(session, merge(before, report) if before else report, now)
        self._placing.place(session, before, row, now)

    def _bury(self, session: Session, message: Received, refusal: Refusal) -> Outcome:
        bury(session, message.topic, message.payload, refusal.reason, refusal.detail, message.received_at)
        return refused(message, refusal, self._enrolment)


class _database_errors:  # noqa: N801 - reads as a context, like contextlib's own
    """Turns errors of the database, as opposed to errors in what was sent to it, into DatabaseUnavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        in_message = (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.NotSupportedError)
        at_fault = isinstance(error, exc.DBAPIError) and not isinstance(error, in_message)
        if error is not None and (at_fault or isinstance(error, exc.TimeoutError)):
            raise DatabaseUnavailable(str(error)[:500]) from error
