"""The spool (上报队列): an event is on disk before it is published and leaves only when the centre's database has it.

Sequence numbers count within a random spool id, so an acknowledgement can never touch a newer spool's events.
The payload, signature included, is fixed when spooled: every resend is the same event. What the quota evicts is
counted and itself reported; what is over the wire's size limit is refused, counted and logged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.counters import count, counter_values
from edge.database import Database
from edge.fleet.clock import Stamp
from ingest.clock import Clock, uuid7
from ingest.fleet import CommandResult
from ingest.messages import (
    MAX_MESSAGE_BYTES,
    Acknowledgement,
    Blindness,
    Data,
    Event,
    Eviction,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    Reading,
    schema_urn,
)
from ingest.signing import sign
from ingest.topics import Channel

log = structlog.get_logger(__name__)

RAISED_KEPT = 100_000
"""Events remembered by identity after they left, for the invariant checker."""

_RANK: dict[type[Data], int] = {
    IncidentUpdated: 0,
    Reading: 1,
    Blindness: 2,
    CommandResult: 3,
    IncidentClosed: 3,
    IncidentOpened: 4,
    Eviction: 9,
}
"""Eviction order, lowest first: an update is replaced by the next, an opened incident by nothing."""

_NEVER_EVICTED = _RANK[Eviction]


@dataclass(frozen=True)
class SpoolLimits:
    """Quotas: events, bytes of payload, and bytes of one event."""

    rows: int = 100_000
    total_bytes: int = 256 * 1024 * 1024
    event_bytes: int = MAX_MESSAGE_BYTES


@dataclass(frozen=True)
class Draft:
    """An event before it has its place in the spool. ``at`` is when it happened, UTC."""

    data: Data
    source: str
    at: datetime
    subject: str | None = None
    by_node_clock: bool = True
    """Its times are the node's, not those of a recording."""


@dataclass(frozen=True)
class Spooled:
    """An event that waits for its acknowledgement."""

    seq: int
    payload: bytes
    channel: Channel = Channel.EVENT


@dataclass(frozen=True)
class Settled:
    """What an acknowledgement did: how many events it freed, how many of these the centre rejected."""

    acknowledged: int
    rejected: int


class Spool:
    """Events on disk.

    Args:
        database: The node's database.
        key: Signs every event.
        boot_id: This run of the node.
        source: The node's own CloudEvents source, for what it says about itself.
        clock: Stamps ``observedtime``.
        limits: Quotas.
        stamp: What the node's clock says about itself; events say nothing about it without.
    """

    def __init__(
        self,
        database: Database,
        *,
        key: Ed25519PrivateKey,
        boot_id: UUID,
        source: str,
        clock: Clock,
        limits: SpoolLimits | None = None,
        stamp: Callable[[], Stamp] | None = None,
    ) -> None:
        self._database = database
        self._key = key
        self._boot_id = boot_id
        self._source = source
        self._clock = clock
        self._limits = limits or SpoolLimits()
        self._stamp = stamp
        self._report_salvage()

    @property
    def spool_id(self) -> UUID:
        """The random identity of this spool."""
        return self._database.spool_id

    def append(self, connection: sqlite3.Connection, draft: Draft) -> int | None:
        """Spool an event inside the caller's transaction.

        Returns:
            Its sequence number; ``None`` when it is over the size limit (counted as ``refused_too_large``).
        """
        event_id = uuid7(self._clock.now())
        cursor = connection.execute(
            "INSERT INTO spool (rank, source, event_id, size, payload) VALUES (?, ?, ?, 0, x'')",
            (_RANK[type(draft.data)], draft.source, str(event_id)),
        )
        seq = int(cursor.lastrowid or 0)
        payload = sign(self._event(draft, event_id, seq), self._key).to_json()
        if len(payload) > self._limits.event_bytes:
            connection.execute("DELETE FROM spool WHERE seq = ?", (seq,))
            count(connection, "refused_too_large")
            log.error("spool.refused", reason="too_large", type=draft.data.TYPE, bytes=len(payload))
            return None
        connection.execute("UPDATE spool SET size = ?, payload = ? WHERE seq = ?", (len(payload), payload, seq))
        connection.execute("INSERT INTO raised VALUES (?, ?, ?)", (seq, draft.source, str(event_id)))
        connection.execute("DELETE FROM raised WHERE seq <= ?", (seq - RAISED_KEPT,))
        count(connection, "spooled_total")
        count(connection, "spooled_bytes", len(payload))
        if not isinstance(draft.data, Eviction):
            self._keep_quota(connection)
        return seq

    def put(self, drafts: Iterable[Draft]) -> list[int | None]:
        """Spool events in a transaction of their own."""
        with self._database.transaction() as connection:
            return [self.append(connection, draft) for draft in drafts]

    def acknowledge(self, ack: Acknowledgement) -> Settled:
        """Delete what the centre has, accepted or rejected. Another spool's acknowledgement does nothing."""
        if ack.spool_id != self.spool_id:
            with self._database.transaction() as connection:
                count(connection, "foreign_acks")
            return Settled(0, 0)
        with self._database.transaction() as connection:
            acknowledged = sum(_delete(connection, seq) for seq in ack.seqs)
            rejected = 0
            for rejection in ack.rejected:
                if _delete(connection, rejection.seq):
                    rejected += 1
                    log.error("spool.rejected", seq=rejection.seq, reason=rejection.reason)
            count(connection, "acknowledged_total", acknowledged)
            count(connection, "rejected_total", rejected)
            self._report_evictions(connection)
        return Settled(acknowledged, rejected)

    def after(self, seq: int, limit: int) -> list[Spooled]:
        """Up to ``limit`` waiting events behind ``seq``, in order."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT seq, payload, rank FROM spool WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit)
            ).fetchall()
        return [Spooled(int(row[0]), bytes(row[1]), _channel(int(row[2]))) for row in rows]

    def depth(self) -> tuple[int, int]:
        """Waiting events, and their bytes."""
        with self._database.reading() as connection:
            return _size(connection)

    def counters(self) -> dict[str, int]:
        """Totals over the life of the spool."""
        with self._database.reading() as connection:
            return counter_values(connection)

    # -- quota ------------------------------------------------------------------------------------

    def _keep_quota(self, connection: sqlite3.Connection) -> None:
        rows, size = _size(connection)
        evicted = False
        while rows > self._limits.rows or size > self._limits.total_bytes:
            reason = "quota_rows" if rows > self._limits.rows else "quota_bytes"
            freed = self._evict_one(connection, reason)
            if freed is None:
                break
            rows, size, evicted = rows - 1, size - freed, True
        if evicted:
            self._report_evictions(connection)

    def _evict_one(self, connection: sqlite3.Connection, reason: str) -> int | None:
        row = connection.execute(
            "SELECT seq, size FROM spool WHERE rank < ? ORDER BY rank, seq LIMIT 1", (_NEVER_EVICTED,)
        ).fetchone()
        if row is None:
            return None
        seq, size = int(row[0]), int(row[1])
        connection.execute("DELETE FROM spool WHERE seq = ?", (seq,))
        connection.execute(
            "INSERT INTO evicted VALUES (?, ?, ?, 1) ON CONFLICT (reason) DO UPDATE SET "
            "first_seq = min(first_seq, excluded.first_seq), last_seq = max(last_seq, excluded.last_seq), "
            "count = count + 1",
            (reason, seq, seq),
        )
        count(connection, "evicted_total")
        return size

    def _report_evictions(self, connection: sqlite3.Connection) -> None:
        """Turn counted evictions into events, one waiting report per reason: reports must not fill the spool."""
        waiting = connection.execute("SELECT count(*) FROM spool WHERE rank = ?", (_NEVER_EVICTED,)).fetchone()[0]
        if waiting:
            return
        rows = connection.execute("SELECT reason, first_seq, last_seq, count FROM evicted").fetchall()
        connection.execute("DELETE FROM evicted")
        for reason, first, last, number in rows:
            log.error("spool.evicted", reason=reason, count=number)
            self._append_report(connection, self.spool_id, int(first), int(last), int(number), str(reason))

    def _append_report(
        self, connection: sqlite3.Connection, spool_id: UUID, first: int, last: int, number: int, reason: str
    ) -> None:
        report = Eviction(
            evicted_spool_id=spool_id, first_seq=first, last_seq=last, count=number, reason_code=reason
        )
        self.append(connection, Draft(report, self._source, self._clock.now()))

    def _report_salvage(self) -> None:
        """Say that the database was damaged, and which events went with it as far as it could still be read."""
        salvage = self._database.salvage
        if salvage is None:
            return
        log.error("spool.damaged", moved_to=str(salvage.moved_to), events=salvage.count)
        with self._database.transaction() as connection:
            count(connection, "spool_damaged")
            if salvage.spool_id is not None and salvage.count > 0:
                self._append_report(
                    connection,
                    salvage.spool_id,
                    salvage.first_seq,
                    salvage.last_seq,
                    salvage.count,
                    "spool_damaged",
                )

    def _event(self, draft: Draft, event_id: UUID, seq: int) -> Event:
        stamp = self._stamp() if self._stamp is not None and draft.by_node_clock else None
        return Event(
            id=event_id,
            source=draft.source,
            type=draft.data.TYPE,
            subject=draft.subject,
            time=draft.at,
            dataschema=schema_urn(type(draft.data)),
            bootid=self._boot_id,
            spoolid=self.spool_id,
            seq=seq,
            observedtime=self._clock.now(),
            clockoffsetms=None if stamp is None else stamp.offset_ms,
            clocktrusted=None if stamp is None else stamp.trusted,
            monotonicms=None if stamp is None else stamp.monotonic_ms,
            data=draft.data,
        )


def _size(connection: sqlite3.Connection) -> tuple[int, int]:
    """Waiting events and bytes, kept by triggers: counting a long spool for each event would be slow."""
    events, size = connection.execute("SELECT events, bytes FROM spool_size").fetchone()
    return int(events), int(size)


def _channel(rank: int) -> Channel:
    return Channel.READING if rank == _RANK[Reading] else Channel.EVENT


def _delete(connection: sqlite3.Connection, seq: int) -> int:
    return connection.execute("DELETE FROM spool WHERE seq = ?", (seq,)).rowcount


def raised_events(database: Database) -> list[tuple[str, str]]:
    """``source`` and ``id`` of the last :data:`RAISED_KEPT` events ever spooled, in order."""
    with database.reading() as connection:
        rows = connection.execute("SELECT source, event_id FROM raised ORDER BY seq").fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def pending_events(database: Database) -> list[tuple[str, str]]:
    """``source`` and ``id`` of the events still waiting for their acknowledgement, in order."""
    with database.reading() as connection:
        rows = connection.execute("SELECT source, event_id FROM spool ORDER BY seq").fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]
