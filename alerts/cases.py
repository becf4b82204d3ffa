"""What people do with cases: look at the queue, decide, revoke mutes (案件审核).

The REST API and the console both call this; neither touches the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.casebook import (
    case_views,
    dead_letter_view,
    filters_of,
    history_view,
    incident_views,
    mute_views,
    node_view,
)
from alerts.lifecycle import CaseAction, CaseState, DismissalReason, decide_transition
from alerts.mutes import MUTE_TERM
from alerts.storage.database import Database
from alerts.storage.history import SYSTEM, append
from alerts.storage.incidents import decode
from alerts.storage.tables import (
    CaseRow,
    DeadLetterRow,
    HistoryRow,
    IncidentRow,
    MembershipRow,
    MuteRow,
    NodeRow,
)
from alerts.views import (
    CaseDetail,
    CasePage,
    CaseView,
    DeadLetterView,
    HistoryView,
    MuteView,
    NodeView,
)
from ingest.clock import Clock, uuid7
from ingest.taxonomy import Category


class CaseError(Exception):
    """Base of everything that can go wrong with a decision; ``code`` is machine-readable."""

    code = "case_error"


class CaseNotFoundError(CaseError):
    """No case, or no mute, has this id."""

    code = "not_found"


class TransitionRefusedError(CaseError):
    """The case's state does not allow the action, or the dismissal lacks a reason."""

    code = "transition_refused"


class InvalidDecisionError(CaseError):
    """The operator's name or the note is missing or too long."""

    code = "invalid_decision"


class Conflict(CaseError):  # noqa: N818 - a conflict is an outcome people are told about, not a failure
    """Somebody else decided first.

    Attributes:
        decided_by: The operator who won.
        action: What was decided.
        at: When, UTC.
        version: The version the case has now.
    """

    code = "conflict"

    def __init__(self, decided_by: str, action: str, at: datetime, version: int) -> None:
        super().__init__(f"{decided_by} already decided: {action} at {at.isoformat(timespec='milliseconds')}")
        self.decided_by = decided_by
        self.action = action
        self.at = at
        self.version = version


MAX_OPERATOR = 80
MAX_NOTE = 500


class CaseService:
    """The application layer over the case database. Safe to call from any thread; every call is a transaction."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def queue(self, limit: int = 100) -> list[CaseView]:
        """The review queue (待审核队列): pending cases, live ones first, then newest first."""
        return list(self.list_cases(states=(CaseState.PENDING_REVIEW,), limit=limit).cases)

    def list_cases(
        self,
        *,
        states: Sequence[CaseState] = (),
        category: Category | None = None,
        camera: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> CasePage:
        """Cases that match every filter given, live ones first, then newest first.

        ``camera`` is ``site/node/camera`` or a bare camera name. Cases that were merged into others are left out.
        """
        conditions = filters_of(states, category, camera)
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(CaseRow).where(*conditions)) or 0
            ranking = (CaseRow.ended_at.is_not(None), CaseRow.first_seen.desc(), CaseRow.number.desc())
            rows = session.scalars(
                select(CaseRow).where(*conditions).order_by(*ranking).limit(limit).offset(offset)
            ).all()
            return CasePage(tuple(case_views(session, rows)), total)

    def get(self, case_id: UUID) -> CaseView:
        """One case. Raises CaseNotFoundError."""
        with self._database.read() as session:
            return case_views(session, [_case(session, case_id)])[0]

    def detail(self, case_id: UUID) -> CaseDetail:
        """One case with its incidents and history. Raises CaseNotFoundError."""
        with self._database.read() as session:
            view = case_views(session, [_case(session, case_id)])[0]
            return CaseDetail(view, tuple(incident_views(session, case_id)), tuple(_history(session, case_id)))

    def history(self, case_id: UUID) -> list[HistoryView]:
        """The append-only history, oldest first. Raises CaseNotFoundError."""
        with self._database.read() as session:
            _case(session, case_id)
            return _history(session, case_id)

    def decide_file(self, case_id: UUID, operator: str, expected_version: int, note: str = "") -> CaseView:
        """File the case (立案). Raises Conflict, TransitionRefusedError, CaseNotFoundError, InvalidDecisionError."""
        return self._decide(case_id, CaseAction.FILE, operator, expected_version, note)

    def dismiss(
        self,
        case_id: UUID,
        operator: str,
        reason: DismissalReason,
        note: str,
        expected_version: int,
    ) -> CaseView:
        """Void the case (作废). ``false_detection`` also mutes camera + place + appearance for 30 days."""
        return self._decide(case_id, CaseAction.DISMISS, operator, expected_version, note, reason)

    def close(self, case_id: UUID, operator: str, expected_version: int, note: str = "") -> CaseView:
        """Close the case (结案)."""
        return self._decide(case_id, CaseAction.CLOSE, operator, expected_version, note)

    def mutes(self, *, active_only: bool = False) -> list[MuteView]:
        """Muted places, newest first, each with the number of incidents it silenced."""
        with self._database.read() as session:
            rows = session.scalars(select(MuteRow).order_by(MuteRow.created_at.desc(), MuteRow.id)).all()
            views = mute_views(session, rows, self._clock.now())
        return [view for view in views if view.active or not active_only]

    def revoke_mute(self, mute_id: UUID, operator: str) -> MuteView:
        """End a mute now. Revoking twice changes nothing. Raises CaseNotFoundError."""
        name = _operator(operator)
        now = self._clock.now()
        with self._database.write() as session:
            row = session.get(MuteRow, mute_id)
            if row is None:
                raise CaseNotFoundError(f"no mute {mute_id}")
            if row.revoked_at is None:
                row.revoked_at, row.revoked_by = now, name
                session.flush()
            return mute_views(session, [row], now)[0]

    def nodes(self) -> list[NodeView]:
        """Every node that ever reported, by site and name."""
        with self._database.read() as session:
            return [
                node_view(row) for row in session.scalars(select(NodeRow).order_by(NodeRow.site, NodeRow.node))
            ]

    def dead_letters(self, limit: int = 100, offset: int = 0) -> list[DeadLetterView]:
        """Refused messages, newest first."""
        query = select(DeadLetterRow).order_by(DeadLetterRow.last_at.desc(), DeadLetterRow.id.desc())
        with self._database.read() as session:
            return [dead_letter_view(row) for row in session.scalars(query.limit(limit).offset(offset))]

    def counts(self) -> dict[CaseState, int]:
        """How many cases are in each state; every state is present, merged cases are not counted."""
        query = select(CaseRow.state, func.count()).where(*filters_of((), None, None)).group_by(CaseRow.state)
        with self._database.read() as session:
            found = dict(session.execute(query).all())
        return {state: found.get(state, 0) for state in CaseState}

    def _decide(
        self,
        case_id: UUID,
        action: CaseAction,
        operator: str,
        expected_version: int,
        note: str,
        reason: DismissalReason | None = None,
    ) -> CaseView:
        name = _operator(operator)
        if len(note) > MAX_NOTE:
            raise InvalidDecisionError(f"note has {len(note)} characters; {MAX_NOTE} fit")
        now = self._clock.now()
        with self._database.write() as session:
            case = _case(session, case_id, lock=True)
            if case.version != expected_version:
                raise _conflict(case)
            decision = decide_transition(case.state, action, reason)
            if not decision.allowed:
                raise TransitionRefusedError(
                    f"{action} is not possible: {decision.reason_code} (the case is {case.state})"
                )
            before, case.state = case.state, decision.target
            case.version += 1
            case.decided_action, case.decided_by, case.decided_at = action, name, now
            case.decided_reason, case.decided_note = reason, note.strip()
            case.updated_at = now
            detail = {"reason": reason.value if reason else None, "note": note.strip()}
            append(session, case, at=now, actor=name, action=action.value, from_state=before, detail=detail)
            if reason is DismissalReason.FALSE_DETECTION:
                _mute(session, case, name, now)
            session.flush()
            return case_views(session, [case])[0]


def _operator(name: str) -> str:
    cleaned = name.strip()
    if not cleaned or len(cleaned) > MAX_OPERATOR or not cleaned.isprintable() or cleaned == SYSTEM:
        raise InvalidDecisionError(
            f"operator needs a name of 1 to {MAX_OPERATOR} printable characters, and not {SYSTEM!r}"
        )
    return cleaned


def _case(session: Session, case_id: UUID, *, lock: bool = False) -> CaseRow:
    query = select(CaseRow).where(CaseRow.id == case_id)
    case = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if case is None:
        raise CaseNotFoundError(f"no case {case_id}")
    return case


def _conflict(case: CaseRow) -> Conflict:
    if case.decided_by is None or case.decided_action is None or case.decided_at is None:
        return Conflict("nobody", "nothing decided; the version given is wrong", case.created_at, case.version)
    action = case.decided_action.value
    if case.decided_reason is not None:
        action = f"{action} ({case.decided_reason.value})"
    return Conflict(case.decided_by, action, case.decided_at, case.version)


def _history(session: Session, case_id: UUID) -> list[HistoryView]:
    query = select(HistoryRow).where(HistoryRow.case_id == case_id).order_by(HistoryRow.sequence)
    return [history_view(row) for row in session.scalars(query)]


def _mute(session: Session, case: CaseRow, operator: str, now: datetime) -> None:
    """Mute every distinct view of the case's problem: its incidents' cameras, places and looks."""
    query = (
        select(IncidentRow)
        .join(MembershipRow, MembershipRow.incident_id == IncidentRow.incident_id)
        .where(MembershipRow.case_id == case.id)
    )
    seen: set[tuple[str, UUID]] = set()
    for record in sorted((decode(row) for row in session.scalars(query)), key=lambda record: record.order):
        if (record.camera_key, record.place_id) in seen:
            continue
        seen.add((record.camera_key, record.place_id))
        row = MuteRow(
            id=uuid7(now),
            camera_key=record.camera_key,
            category=record.category,
            place_id=record.place_id,
            box=list(record.first.value),
            appearance=list(record.appearance.value) if record.appearance else [],
            case_id=case.id,
            created_at=now,
            created_by=operator,
            until=now + MUTE_TERM,
            revoked_at=None,
            revoked_by=None,
        )
        session.add(row)
