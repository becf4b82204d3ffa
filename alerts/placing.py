"""Puts incidents into cases: the fold's answer, written down inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from alerts.correlation import CorrelationPolicy, Sighting, may_touch
from alerts.lifecycle import OPEN_STATES, CaseState
from alerts.merge import IncidentRecord, earliest_of
from alerts.neighbourhood import (
    Order,
    area_of,
    candidates_in,
    mute_of,
    mutes_in,
    undecided_around,
    undecided_in,
)
from alerts.partition import Arrival, Placement, fold, reuse_cases, sighting_of
from alerts.storage.history import SYSTEM, append
from alerts.storage.incidents import decode, members_of
from alerts.storage.tables import CaseRow, IncidentRow, MembershipRow, MuteRow

_IDS_PER_STATEMENT = 5000
"""Below the 32766 variables of a SQLite statement."""


@dataclass
class _Former:
    """Where the incidents about to be placed were before."""

    memberships: dict[UUID, MembershipRow]
    vacated: dict[UUID, CaseRow]
    """Cases whose incidents are all being placed anew, oldest first."""
    touched: set[UUID] = field(default_factory=set)


class Placing:
    """Places incidents in a session. ``new_id`` makes case ids from the time, UTC."""

    def __init__(self, policy: CorrelationPolicy, new_id: Callable[[datetime], UUID]) -> None:
        self._policy = policy
        self._new_id = new_id

    def place(self, session: Session, before: IncidentRecord | None, row: IncidentRow, now: datetime) -> None:
        """Bring cases in line with ``row``, whose record just changed from ``before`` (None: it is new)."""
        session.flush()
        record = decode(row)
        membership = session.get(MembershipRow, row.incident_id)
        case = _case(session, membership.case_id) if membership else None
        if case is not None and case.state is not CaseState.PENDING_REVIEW:
            self._refresh(session, {case.id}, now)
            return
        start = min(record.order, before.order) if before else record.order
        if before and _place_unchanged(sighting_of(before), sighting_of(record)):
            if case is None and not self._outlived_its_mute(session, row, record, now):
                return
            if case is not None and not self._touches_later(session, case, row, start):
                self._refresh(session, {case.id}, now)
                return
        around = undecided_around(session, area_of([record], record.category, self._policy))
        moving = {row.incident_id, *(incident for incident, order in around.items() if order >= start)}
        rows = self._rows(session, moving)
        area = area_of([decode(item) for item in rows], record.category, self._policy)
        placements = fold(
            [Arrival(sighting_of(decode(item)), item.received_at) for item in rows],
            candidates_in(session, area, since=start[0], without=moving, policy=self._policy),
            mutes_in(session, area),
            self._policy,
        )
        self._apply(session, placements, now)

    def _outlived_its_mute(
        self, session: Session, row: IncidentRow, record: IncidentRecord, now: datetime
    ) -> bool:
        """Whether what was silenced still stands although its mute is over; it then counts as arriving now."""
        mute = session.get(MuteRow, row.muted_by) if row.muted_by else None
        if mute is None or record.ended_at is not None or mute_of(mute).active(now):
            return False
        row.received_at = now
        return True

    def _touches_later(self, session: Session, case: CaseRow, row: IncidentRow, start: Order) -> bool:
        """Whether an undecided incident from ``start`` on may lie elsewhere now that ``case`` has other times."""
        members = members_of(session, [case.id]).get(case.id, [])
        reached = undecided_in(session, area_of(members, row.category, self._policy), since=start[0])
        later = {incident for incident, order in reached.items() if order >= start} - {row.incident_id}
        own = [sighting_of(member) for member in members]
        return any(may_touch(sighting_of(decode(item)), own, self._policy) for item in self._rows(session, later))

    def _rows(self, session: Session, incidents: Collection[UUID]) -> list[IncidentRow]:
        """The incidents' rows, asked for in portions that every database takes."""
        wanted = list(incidents)
        rows: list[IncidentRow] = []
        for part in range(0, len(wanted), _IDS_PER_STATEMENT):
            chosen = wanted[part : part + _IDS_PER_STATEMENT]
            rows += session.scalars(select(IncidentRow).where(IncidentRow.incident_id.in_(chosen)))
        return rows

    def _apply(self, session: Session, placements: Sequence[Placement], now: datetime) -> None:
        former = _former(session, placements)
        groups: dict[UUID, list[UUID]] = {}
        for placement in placements:
            if placement.group is not None and placement.decision.case_id is None:
                groups[placement.group] = []
            if placement.group in groups:
                groups[placement.group].append(placement.incident_id)
        reused = reuse_cases(
            groups,
            {case.id: case.anchor_incident_id for case in former.vacated.values()},
            {
                incident: row.case_id
                for incident, row in former.memberships.items()
                if row.case_id in former.vacated
            },
        )
        founded = {placement.incident_id: placement for placement in placements if placement.group in groups}
        self._retire(session, former, set(reused.values()))
        cases = self._found(session, groups, reused, founded, former.vacated, now)
        self._join(session, placements, cases, former, now)
        self._log_retired(session, former, set(reused.values()), now)
        self._refresh(session, former.touched, now)

    def _retire(self, session: Session, former: _Former, reused: set[UUID]) -> None:
        """Cases the fold left empty give up their place before others take it."""
        for case in former.vacated.values():
            if case.id not in reused:
                case.state = CaseState.VOIDED
            else:
                case.place_id = case.id  # freed for the moment; _found sets the final one
        session.flush()

    def _found(
        self,
        session: Session,
        groups: dict[UUID, list[UUID]],
        reused: dict[UUID, UUID],
        placements: dict[UUID, Placement],
        vacated: dict[UUID, CaseRow],
        now: datetime,
    ) -> dict[UUID, CaseRow]:
        """The case row of every new group, by founder."""
        cases: dict[UUID, CaseRow] = {}
        for founder in groups:
            row = session.get_one(IncidentRow, founder)
            fresh = founder not in reused
            record = decode(row)
            case = self._blank(record, now) if fresh else vacated[reused[founder]]
            decision = placements[founder].decision
            _anchor(case, record)
            prior = _case(session, decision.recurrence_of) if decision.recurrence_of else None
            case.recurrence_of = prior.id if prior else None
            case.recurrence_count = prior.recurrence_count + 1 if prior else 0
            if fresh:
                session.add(case)
                session.flush()
                detail = {"reason_code": decision.reason_code.value, "incident": str(founder)}
                append(session, case, at=now, actor=SYSTEM, action="opened", from_state=None, detail=detail)
            cases[founder] = case
        session.flush()
        return cases

    def _blank(self, founder: IncidentRecord, now: datetime) -> CaseRow:
        return CaseRow(
            id=self._new_id(now),
            state=CaseState.PENDING_REVIEW,
            version=1,
            first_seen=founder.first_seen,
            last_seen=founder.last_seen,
            ended_at=None,
            abandoned_at=None,
            incident_count=1,
            created_at=now,
            updated_at=now,
            merged_into=None,
        )

    def _join(
        self,
        session: Session,
        placements: Sequence[Placement],
        cases: dict[UUID, CaseRow],
        former: _Former,
        now: datetime,
    ) -> None:
        for placement in placements:
            incident, decision = placement.incident_id, placement.decision
            session.get_one(IncidentRow, incident).muted_by = decision.mute_id
            membership = former.memberships.get(incident)
            if placement.group is None:
                if membership is not None:
                    session.delete(membership)
                continue
            case = cases.get(placement.group) or session.scalars(_by_id(placement.group)).one()
            former.touched.add(case.id)
            moved = membership is None or membership.case_id != case.id
            if membership is None:
                membership = MembershipRow(incident_id=incident)
                session.add(membership)
            membership.case_id = case.id
            membership.reason_code = decision.reason_code.value
            membership.distance_m, membership.gap_s = decision.distance_m, decision.gap_s
            membership.score = decision.score
            if moved and placement.group != incident:
                append(
                    session,
                    case,
                    at=now,
                    actor=SYSTEM,
                    action="joined",
                    from_state=case.state,
                    detail=_why(placement),
                )
        session.flush()

    def _log_retired(self, session: Session, former: _Former, reused: set[UUID], now: datetime) -> None:
        for case in former.vacated.values():
            if case.id in reused:
                continue
            heir = session.get(MembershipRow, case.anchor_incident_id)
            case.merged_into = heir.case_id if heir else None
            case.updated_at = now
            append(
                session,
                case,
                at=now,
                actor=SYSTEM,
                action="merged" if heir else "withdrawn",
                from_state=CaseState.PENDING_REVIEW,
                detail={"into": str(heir.case_id)} if heir else {},
            )

    def _refresh(self, session: Session, case_ids: set[UUID], now: datetime) -> None:
        """Bring what cases say of their incidents up to date; log an end and a return."""
        session.flush()
        for case_id, records in members_of(session, case_ids).items():
            case = session.scalars(_by_id(case_id)).one()
            anchor = next(
                (record for record in records if record.incident_id == case.anchor_incident_id), records[0]
            )
            if not _place_taken(session, case, anchor):
                _anchor(case, anchor)
            case.first_seen = min(record.first_seen for record in records)
            case.last_seen = max(record.last_seen for record in records)
            case.incident_count = len(records)
            case.updated_at = now
            ends = [record.ended_at for record in records]
            ended_at = None if None in ends else max(end for end in ends if end is not None)
            was, case.ended_at = case.ended_at, ended_at
            if (was is None) != (ended_at is None):
                action = "ended" if ended_at else "resumed"
                append(session, case, at=now, actor=SYSTEM, action=action, from_state=case.state)
            _note_abandonment(session, case, records, now)
        session.flush()


def _note_abandonment(session: Session, case: CaseRow, records: Sequence[IncidentRecord], now: datetime) -> None:
    """Flag a case whose vehicle is abandoned (僵尸车), once; log it when that incident came to lie in another case."""
    was, case.abandoned_at = case.abandoned_at, earliest_of(record.abandoned_at for record in records)
    if (was is None) == (case.abandoned_at is None):
        return
    action = "abandoned" if case.abandoned_at else "abandonment_withdrawn"
    moment = case.abandoned_at or was
    detail = {"since": moment.isoformat(timespec="seconds")} if moment else {}
    append(session, case, at=now, actor=SYSTEM, action=action, from_state=case.state, detail=detail)


def _place_unchanged(before: Sighting, after: Sighting) -> bool:
    """Whether a report changed nothing that decides where the incident itself belongs."""
    return (before.order, before.place_id, before.box, before.appearance, before.position) == (
        after.order,
        after.place_id,
        after.box,
        after.appearance,
        after.position,
    )


def _former(session: Session, placements: Sequence[Placement]) -> _Former:
    moving = {placement.incident_id for placement in placements}
    rows = session.scalars(select(MembershipRow).where(MembershipRow.incident_id.in_(moving)))
    memberships = {row.incident_id: row for row in rows}
    case_ids = {row.case_id for row in memberships.values()}
    staying = set(
        session.scalars(
            select(MembershipRow.case_id).where(
                MembershipRow.case_id.in_(case_ids), MembershipRow.incident_id.not_in(moving)
            )
        )
    )
    vacated = session.scalars(select(CaseRow).where(CaseRow.id.in_(case_ids - staying)).order_by(CaseRow.number))
    return _Former(memberships, {case.id: case for case in vacated}, set(staying))


def _anchor(case: CaseRow, record: IncidentRecord) -> None:
    """Write the anchor's place into the case."""
    position = record.opening.value.position if record.opening else None
    case.category = record.category
    case.site, case.node, case.camera = record.site, record.node, record.camera
    case.zone = record.latest.value.zone
    case.camera_key, case.place_id = record.camera_key, record.place_id
    case.anchor_incident_id = record.incident_id
    case.latitude = position.latitude if position else None
    case.longitude = position.longitude if position else None


def _place_taken(session: Session, case: CaseRow, record: IncidentRecord) -> bool:
    """Whether ``case`` cannot follow its anchor, which a faulty node moved to where another case is open."""
    wanted = (record.camera_key, record.place_id, record.category)
    if wanted == (case.camera_key, case.place_id, case.category) or case.state not in OPEN_STATES:
        return False
    other = select(CaseRow.id).where(
        CaseRow.camera_key == record.camera_key,
        CaseRow.place_id == record.place_id,
        CaseRow.category == record.category,
        CaseRow.state.in_(OPEN_STATES),
        CaseRow.id != case.id,
    )
    return session.scalar(other) is not None


def _why(placement: Placement) -> dict[str, Any]:
    decision = placement.decision
    return {
        "incident": str(placement.incident_id),
        "reason_code": decision.reason_code.value,
        "distance_m": decision.distance_m,
        "gap_s": decision.gap_s,
        "score": decision.score,
    }


def _by_id(case_id: UUID) -> Any:
    return select(CaseRow).where(CaseRow.id == case_id)


def _case(session: Session, case_id: UUID) -> CaseRow | None:
    case: CaseRow | None = session.scalars(_by_id(case_id)).one_or_none()
    return case
