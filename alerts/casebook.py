"""Rows into views: what the database holds, as people see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from alerts.lifecycle import CaseState
from alerts.merge import IncidentRecord
from alerts.neighbourhood import mute_of
from alerts.storage.incidents import decode, members_of
from alerts.storage.tables import (
    CaseRow,
    DeadLetterRow,
    HistoryRow,
    IncidentRow,
    MembershipRow,
    MuteRow,
    NodeRow,
    PictureRow,
)
from alerts.views import (
    CaseView,
    DeadLetterView,
    DecisionView,
    HistoryView,
    IncidentView,
    MuteView,
    NodeView,
    PictureView,
    PositionView,
)
from ingest.messages import EvidenceRole
from ingest.taxonomy import Category, ObjectClass

_ROLES = list(EvidenceRole)
_WHY_UNKNOWN = "The report that opened this incident has not arrived; this is from a later one."
_PREVIEW_BYTES = 200


def filters_of(
    states: Sequence[CaseState], category: Category | None, camera: str | None
) -> list[ColumnElement[bool]]:
    """SQL conditions of a case list. Cases without incidents (merged or withdrawn) never match."""
    emptied = and_(CaseRow.state == CaseState.VOIDED, CaseRow.decided_action.is_(None))
    conditions: list[ColumnElement[bool]] = [not_(emptied)]
    if states:
        conditions.append(CaseRow.state.in_(states))
    if category is not None:
        conditions.append(CaseRow.category == category)
    if camera is not None:
        conditions.append(or_(CaseRow.camera_key == camera, CaseRow.camera == camera))
    return conditions


def case_views(session: Session, rows: Sequence[CaseRow]) -> list[CaseView]:
    """The views of ``rows``, in their order."""
    members = members_of(session, [row.id for row in rows])
    digests = {
        shot.value.picture.sha256 for records in members.values() for record in records for shot in record.shots
    }
    stored = set(session.scalars(select(PictureRow.sha256).where(PictureRow.sha256.in_(digests))))
    prior_ids = {row.recurrence_of for row in rows if row.recurrence_of is not None}
    priors = dict(session.execute(select(CaseRow.id, CaseRow.number).where(CaseRow.id.in_(prior_ids))).all())
    return [_case_view(row, members.get(row.id, []), stored, priors) for row in rows]


def _case_view(
    row: CaseRow, records: Sequence[IncidentRecord], stored: set[str], priors: dict[UUID, int]
) -> CaseView:
    shown = _representative(records)
    opening = shown.opening.value if shown and shown.opening else None
    standing = shown.latest.value if shown else None
    position = opening.position if opening else None
    return CaseView(
        id=row.id,
        number=row.number,
        state=row.state,
        version=row.version,
        category=row.category,
        object_class=shown.object_class if shown else ObjectClass.UNKNOWN,
        site=row.site,
        node=row.node,
        camera=row.camera,
        zone=row.zone,
        zone_polygon=opening.zone_polygon if opening else (),
        box=standing.box if standing else (0.0, 0.0, 0.0, 0.0),
        position=PositionView(position.latitude, position.longitude, position.uncertainty_m) if position else None,
        since=row.first_seen,
        last_seen=row.last_seen,
        ended_at=row.ended_at,
        abandoned_at=row.abandoned_at,
        present_at_start=records[0].present_at_start if records else False,
        observed_s=sum(record.latest.value.dwell.observed_s for record in records),
        bridged_s=sum(record.latest.value.dwell.bridged_s for record in records),
        threshold_s=standing.dwell.threshold_s if standing else 0.0,
        attended=standing.attended if standing else None,
        why=opening.reason if opening else _WHY_UNKNOWN,
        reason_code=opening.reason_code if opening else "opening_report_missing",
        score=opening.score if opening else None,
        pictures=tuple(_pictures(records, stored)),
        evidence_withheld=next((r.withheld.value for r in reversed(records) if r.withheld), None),
        incident_count=row.incident_count,
        recurrence_of=row.recurrence_of,
        recurrence_of_number=priors.get(row.recurrence_of) if row.recurrence_of else None,
        recurrence_count=row.recurrence_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
        decision=_decision(row),
        merged_into=row.merged_into,
    )


def _representative(records: Sequence[IncidentRecord]) -> IncidentRecord | None:
    """The incident a case shows: the newest that stands, else the newest."""
    return max(records, key=lambda record: (record.ended_at is None, record.order), default=None)


def _pictures(records: Sequence[IncidentRecord], stored: set[str]) -> Iterable[PictureView]:
    for record in reversed(records):
        for shot in sorted(record.shots, key=lambda item: _ROLES.index(item.value.picture.role)):
            picture = shot.value.picture
            yield PictureView(
                role=picture.role,
                sha256=picture.sha256,
                width=picture.width,
                height=picture.height,
                taken_at=picture.taken_at,
                available=picture.sha256 in stored,
                incident_id=record.incident_id,
                box=shot.value.box,
            )


def _decision(row: CaseRow) -> DecisionView | None:
    if row.decided_action is None or row.decided_by is None or row.decided_at is None:
        return None
    return DecisionView(
        row.decided_action, row.decided_by, row.decided_at, row.decided_reason, row.decided_note or ""
    )


def incident_views(session: Session, case_id: UUID) -> list[IncidentView]:
    """The incidents of a case in canonical order, each with why it belongs there."""
    query = (
        select(IncidentRow, MembershipRow)
        .join(MembershipRow, MembershipRow.incident_id == IncidentRow.incident_id)
        .where(MembershipRow.case_id == case_id)
    )
    found = [(decode(row), membership) for row, membership in session.execute(query)]
    found.sort(key=lambda item: item[0].order)
    return [
        IncidentView(
            incident_id=record.incident_id,
            site=record.site,
            node=record.node,
            camera=record.camera,
            zone=record.latest.value.zone,
            place_id=record.place_id,
            box=record.latest.value.box,
            first_seen=record.first_seen,
            last_seen=record.last_seen,
            ended_at=record.ended_at,
            observed_s=record.latest.value.dwell.observed_s,
            bridged_s=record.latest.value.dwell.bridged_s,
            reason_code=membership.reason_code,
            distance_m=membership.distance_m,
            gap_s=membership.gap_s,
            score=membership.score,
        )
        for record, membership in found
    ]


def history_view(row: HistoryRow) -> HistoryView:
    """One step, without the tags kept for its time-series point."""
    detail = {key: value for key, value in row.detail.items() if key != "place" and value not in (None, "")}
    return HistoryView(row.sequence, row.at, row.actor, row.action, row.from_state, row.to_state, detail)


def mute_views(session: Session, rows: Sequence[MuteRow], now: datetime) -> list[MuteView]:
    """Mutes with what they silenced so far; ``now`` (UTC) decides which are active."""
    ids = [row.id for row in rows]
    applied_query = (
        select(IncidentRow.muted_by, func.count())
        .where(IncidentRow.muted_by.in_(ids))
        .group_by(IncidentRow.muted_by)
    )
    applied = dict(session.execute(applied_query).all())
    case_ids = {row.case_id for row in rows}
    numbers = dict(session.execute(select(CaseRow.id, CaseRow.number).where(CaseRow.id.in_(case_ids))).all())
    views = []
    for row in rows:
        mute = mute_of(row)
        site, node, camera = mute.camera.split("/")
        views.append(
            MuteView(
                id=row.id,
                site=site,
                node=node,
                camera=camera,
                category=row.category,
                box=mute.box,
                created_at=row.created_at,
                created_by=row.created_by,
                until=row.until,
                revoked_at=row.revoked_at,
                revoked_by=row.revoked_by,
                case_id=row.case_id,
                case_number=numbers[row.case_id],
                applied=applied.get(row.id, 0),
                active=mute.active(now),
            )
        )
    return views


def node_view(row: NodeRow) -> NodeView:
    """A node as its last status said."""
    return NodeView(row.site, row.node, row.state, row.boot_id, row.status_at, row.received_at, row.status)


def dead_letter_view(row: DeadLetterRow) -> DeadLetterView:
    """A dead letter with a printable beginning of its payload."""
    text = row.payload[:_PREVIEW_BYTES].decode("utf-8", errors="replace")
    preview = "".join(character if character.isprintable() else "�" for character in text)
    return DeadLetterView(
        row.id,
        row.topic,
        row.reason,
        row.detail,
        row.size,
        row.sha256,
        row.first_at,
        row.last_at,
        row.times,
        preview,
    )
