"""Tables of fleet management: what nodes are to be, what they say they are, what they are told to do (节点群管理)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from alerts.storage.tables import Base


class DesiredRow(Base):
    """A desired state of a node, one row per revision: the newest counts, the others are its history (期望状态).

    ``kind`` is ``config`` or ``model``; ``order`` is the signed record without its envelope.
    """

    __tablename__ = "fleet_desired"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    order: Mapped[dict[str, Any]] = mapped_column("order_record")
    issued_by: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime]


class ReportedRow(Base):
    """What a node last reported of one kind (上报状态)."""

    __tablename__ = "fleet_reported"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    node: Mapped[str] = mapped_column(String(63), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    report: Mapped[dict[str, Any]]
    said_at: Mapped[datetime]
    received_at: Mapped[datetime]


class CommandRow(Base):
    """A command, and what it came to (远程指令). ``outcome`` is ``waiting`` until the result is there."""

    __tablename__ = "fleet_commands"
    __table_args__ = (Index(None, "outcome", "not_after"), Index(None, "site", "node", "issued_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(63))
    node: Mapped[str] = mapped_column(String(63))
    kind: Mapped[str] = mapped_column(String(20))
    camera: Mapped[str | None] = mapped_column(String(63))
    issued_by: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[datetime]
    not_after: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    result: Mapped[dict[str, Any] | None]
    result_at: Mapped[datetime | None]


class BootClockRow(Base):
    """When a boot's steady clock stood at zero, UTC in milliseconds since 1970; see :mod:`ingest.time_shift`."""

    __tablename__ = "fleet_boot_clocks"

    boot_id: Mapped[UUID] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(63))
    node: Mapped[str] = mapped_column(String(63))
    zero_ms: Mapped[int]
    said_at: Mapped[datetime]
