"""Incident records in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.merge import IncidentRecord
from alerts.storage.tables import IncidentRow, MembershipRow

_RECORD: TypeAdapter[IncidentRecord] = TypeAdapter(IncidentRecord)


def decode(row: IncidentRow) -> IncidentRecord:
    """The record a row holds."""
    return _parsed(row.record)


@lru_cache(maxsize=2048)
def _parsed(record: str) -> IncidentRecord:
    # A report is compared with the same neighbours as the one before it; records never change once made.
    return _RECORD.validate_json(record)


def store(session: Session, record: IncidentRecord, received_at: datetime) -> IncidentRow:
    """Insert or replace the record; ``received_at`` (UTC) is kept from its first report."""
    row = session.get(IncidentRow, record.incident_id)
    if row is None:
        row = IncidentRow(incident_id=record.incident_id, received_at=received_at, muted_by=None)
        session.add(row)
    position = record.opening.value.position if record.opening else None
    row.camera_key = record.camera_key
    row.category = record.category
    row.first_seen = record.first_seen
    row.last_seen = record.last_seen
    row.ended_at = record.ended_at
    row.latitude = position.latitude if position else None
    row.longitude = position.longitude if position else None
    row.record = _RECORD.dump_json(record).decode()
    return row


def members_of(session: Session, case_ids: Collection[UUID]) -> dict[UUID, list[IncidentRecord]]:
    """The incidents of each case, in canonical order. Cases without incidents are absent."""
    query = (
        select(MembershipRow.case_id, IncidentRow)
        .join(IncidentRow, IncidentRow.incident_id == MembershipRow.incident_id)
        .where(MembershipRow.case_id.in_(case_ids))
    )
    members: dict[UUID, list[IncidentRecord]] = {}
    for case_id, row in session.execute(query):
        members.setdefault(case_id, []).append(decode(row))
    for records in members.values():
        records.sort(key=lambda record: record.order)
    return members
