"""The tables of the case database.

Triggers (in the migrations) refuse UPDATE and DELETE on ``case_history``. The partial unique index on ``cases`` is
the last line of defence for "one open case per place"; correlation is the first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from alerts.lifecycle import CaseAction, CaseState, DismissalReason
from alerts.storage.types import Serial, UtcTime, words
from ingest.taxonomy import Category

_OPEN = text("state IN ('pending_review', 'filed')")


class Base(DeclarativeBase):
    """Names constraints the same everywhere, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        CaseState: words(CaseState),
        CaseAction: words(CaseAction),
        DismissalReason: words(DismissalReason),
        Category: words(Category),
        int: BigInteger(),
    }


class InboxRow(Base):
    """Every event taken in, once (收件箱). ``payload`` is kept as received: points and cases can be rebuilt."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("source", "event_id"), Index(None, "spool_id", "seq"))

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    event_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(String(100))
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    spool_id: Mapped[UUID | None]
    seq: Mapped[int | None]
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    time_shift_ms: Mapped[int] = mapped_column(default=0, server_default="0")
    """Added to the times in ``payload``, which were written before the node knew the time (ingest.time_shift)."""


class DeadLetterRow(Base):
    """A message that could not be taken in (死信). Over-long ones keep their first 4 KiB."""

    __tablename__ = "dead_letters"
    __table_args__ = (UniqueConstraint("topic", "reason", "sha256"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    topic: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(String(64))
    detail: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]


class CaseRow(Base):
    """A case (案件). The anchor is the place of its first incident; ``version`` counts people's decisions."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "uq_cases_open_place",
            "camera_key",
            "place_id",
            "category",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "state", "ended_at"),
    )

    number: Mapped[int] = mapped_column(Serial, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    state: Mapped[CaseState]
    version: Mapped[int]
    category: Mapped[Category]
    site: Mapped[str] = mapped_column(String(63))
    node: Mapped[str] = mapped_column(String(63))
    camera: Mapped[str] = mapped_column(String(63))
    zone: Mapped[str] = mapped_column(String(63))
    camera_key: Mapped[str] = mapped_column(String(200))
    place_id: Mapped[UUID]
    anchor_incident_id: Mapped[UUID]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    abandoned_at: Mapped[datetime | None]
    incident_count: Mapped[int]
    recurrence_of: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    recurrence_count: Mapped[int]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    decided_action: Mapped[CaseAction | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_reason: Mapped[DismissalReason | None]
    decided_note: Mapped[str | None] = mapped_column(String(500))


class MuteRow(Base):
    """A muted place (误报屏蔽); revoked, never deleted."""

    __tablename__ = "mutes"
    __table_args__ = (Index(None, "camera_key", "category"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    camera_key: Mapped[str] = mapped_column(String(200))
    category: Mapped[Category]
    place_id: Mapped[UUID]
    box: Mapped[list[Any]]
    appearance: Mapped[list[Any]]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(80))


class IncidentRow(Base):
    """An incident as its reports, merged, tell it (事件). ``record`` holds the whole; columns are for finding it."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index(None, "category", "camera_key", "first_seen"),
        Index(None, "category", "latitude", "longitude"),
    )

    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    camera_key: Mapped[str] = mapped_column(String(200))
    category: Mapped[Category]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    received_at: Mapped[datetime]
    muted_by: Mapped[UUID | None] = mapped_column(ForeignKey("mutes.id"), index=True)
    record: Mapped[str] = mapped_column(Text)


class MembershipRow(Base):
    """Which case an incident belongs to, and why (关联)."""

    __tablename__ = "case_incidents"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.incident_id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    reason_code: Mapped[str] = mapped_column(String(64))
    distance_m: Mapped[float | None]
    gap_s: Mapped[float | None]
    score: Mapped[float | None]


class HistoryRow(Base):
    """One step of a case, append-only (流转记录)."""

    __tablename__ = "case_history"
    __table_args__ = (UniqueConstraint("case_id", "sequence"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    sequence: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[CaseState | None]
    to_state: Mapped[CaseState]
    detail: Mapped[dict[str, Any]]


class NodeRow(Base):
    """A node's last status (节点状态)."""

    __tablename__ = "nodes"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    boot_id: Mapped[UUID | None]
    status_at: Mapped[datetime]
    received_at: Mapped[datetime]
    status: Mapped[dict[str, Any]]


class BlindnessRow(Base):
    """A time in which a zone could not be looked at (失明)."""

    __tablename__ = "blindness"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    camera: Mapped[str] = mapped_column(String(63), primary_key=True)
    zone: Mapped[str] = mapped_column(String(63), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]
    reason_code: Mapped[str] = mapped_column(String(64))


class ReadingRow(Base):
    """One sensor value (传感读数)."""

    __tablename__ = "readings"
    __table_args__ = (Index(None, "site", "node", "sensor", "at"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    site: Mapped[str] = mapped_column(String(63))
    node: Mapped[str] = mapped_column(String(63))
    sensor: Mapped[str] = mapped_column(String(63))
    quantity: Mapped[str] = mapped_column(String(41))
    unit: Mapped[str] = mapped_column(String(20))
    value: Mapped[float]
    at: Mapped[datetime]


class EvictionRow(Base):
    """Events a spool gave up."""

    __tablename__ = "evictions"

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    site: Mapped[str] = mapped_column(String(63))
    node: Mapped[str] = mapped_column(String(63))
    spool_id: Mapped[UUID]
    first_seq: Mapped[int]
    last_seq: Mapped[int]
    count: Mapped[int]
    reason_code: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class PictureRow(Base):
    """A picture whose bytes are in the store."""

    __tablename__ = "pictures"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    stored_at: Mapped[datetime]


class OutboxRow(Base):
    """A time-series point on its way out, as one line of InfluxDB line protocol."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "delivered_at", "quarantined_reason", "id"),)

    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    line: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    quarantined_reason: Mapped[str | None] = mapped_column(Text)
