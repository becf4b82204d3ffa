"""The invariant checker: what must hold after every fault.

I1 an event the centre acknowledged is in the database exactly once. I2 an event raised is in the database, still
spooled, a dead letter, or within a counted eviction. I3 one open case per place. I4 histories are unbroken and
every transition legal. I5 the points in the outbox are those recomputed from the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.lifecycle import OPEN_STATES, CaseAction, CaseState, DismissalReason, decide_transition
from alerts.points import points_of_event
from alerts.storage.database import Database
from alerts.storage.history import SYSTEM, point_of_history
from alerts.storage.tables import CaseRow, DeadLetterRow, EvictionRow, HistoryRow, InboxRow, OutboxRow
from ingest.messages import parse_event
from ingest.time_shift import shifted

Identity = tuple[str, str]
"""``source`` and ``id`` of an event."""


@dataclass(frozen=True)
class SpoolAccount:
    """What one node's spool says: every event it raised, and those it has not let go of.

    ``evicted`` are events given up whose report has not reached the centre yet.
    """

    spool_id: UUID
    raised: Collection[Identity]
    pending: Collection[Identity]
    evicted: int = 0


@dataclass(frozen=True)
class Violation:
    """Something that must never be."""

    invariant: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.detail}"


def check_invariants(
    database: Database,
    spools: Collection[SpoolAccount] = (),
    acknowledged: Collection[Identity] = (),
) -> list[Violation]:
    """Everything found wrong; empty when all is well.

    Args:
        database: The centre's, in one snapshot.
        spools: The accounts of nodes that rest, for I1 and I2.
        acknowledged: Further events known to have been acknowledged, for I1.
    """
    with database.read() as session:
        return [
            *_acknowledged_once(session, acknowledged),
            *(violation for spool in spools for violation in _accounted(session, spool)),
            *_one_open_case_per_place(session),
            *_histories(session),
            *_points(session),
        ]


def recompute_points(session: Session) -> Iterator[str]:
    """Every point the database stands for: from the inbox and from the histories."""
    events = select(InboxRow.payload, InboxRow.time_shift_ms).order_by(InboxRow.id)
    for payload, shift in session.execute(events):
        yield from points_of_event(shifted(parse_event(payload), shift))
    for row in session.scalars(select(HistoryRow).order_by(HistoryRow.id)):
        yield point_of_history(row)


def _stored(session: Session) -> Counter[Identity]:
    rows = session.execute(select(InboxRow.source, InboxRow.event_id))
    return Counter((source, str(event_id)) for source, event_id in rows)


def _dead(session: Session) -> set[Identity]:
    found = set()
    for payload in session.scalars(select(DeadLetterRow.payload)):
        try:
            attributes = from_json(payload)
        except ValueError:
            continue  # no identity in it: it answers for no event
        if isinstance(attributes, dict):
            found.add((str(attributes.get("source")), str(attributes.get("id"))))
    return found


def _acknowledged_once(session: Session, acknowledged: Collection[Identity]) -> Iterator[Violation]:
    stored = _stored(session)
    for identity, times in stored.items():
        if times > 1:
            yield Violation("I1", f"{identity} is stored {times} times")
    dead = _dead(session) if acknowledged else set()
    for identity in acknowledged:
        if identity not in stored and identity not in dead:
            yield Violation("I1", f"{identity} was acknowledged but is not stored")


def _accounted(session: Session, spool: SpoolAccount) -> Iterator[Violation]:
    gone = set(spool.raised) - set(spool.pending) - set(_stored(session)) - _dead(session)
    query = select(func.sum(EvictionRow.count)).where(EvictionRow.spool_id == spool.spool_id)
    evicted = int(session.scalar(query) or 0) + spool.evicted
    if len(gone) > evicted:
        sample = ", ".join(event_id for _, event_id in sorted(gone)[:5])
        yield Violation(
            "I2", f"spool {spool.spool_id} lost {len(gone)} events, {evicted} evictions are counted ({sample})"
        )


def _one_open_case_per_place(session: Session) -> Iterator[Violation]:
    query = (
        select(CaseRow.camera_key, CaseRow.place_id, CaseRow.category, func.count())
        .where(CaseRow.state.in_(OPEN_STATES))
        .group_by(CaseRow.camera_key, CaseRow.place_id, CaseRow.category)
        .having(func.count() > 1)
    )
    for camera, place, category, count in session.execute(query):
        yield Violation("I3", f"{count} open {category} cases at {camera} place {place}")


def _histories(session: Session) -> Iterator[Violation]:
    states: dict[UUID, CaseState] = dict(session.execute(select(CaseRow.id, CaseRow.state)).all())
    histories: dict[UUID, list[HistoryRow]] = {case_id: [] for case_id in states}
    for row in session.scalars(select(HistoryRow).order_by(HistoryRow.case_id, HistoryRow.sequence)):
        histories[row.case_id].append(row)
    for case_id, rows in histories.items():
        if [row.sequence for row in rows] != list(range(1, len(rows) + 1)):
            yield Violation("I4", f"the history of case {case_id} has holes")
        if rows and rows[-1].to_state is not states[case_id]:
            yield Violation("I4", f"case {case_id} is {states[case_id]}, its history says {rows[-1].to_state}")
        if any(after.from_state is not before.to_state for before, after in pairwise(rows)):
            yield Violation("I4", f"the history of case {case_id} jumps")
        for row in rows:
            if row.actor != SYSTEM and not _legal(row):
                yield Violation("I4", f"case {case_id}: {row.action} led {row.from_state} to {row.to_state}")


def _legal(row: HistoryRow) -> bool:
    reason = row.detail.get("reason")
    if row.from_state is None or row.action not in set(CaseAction):
        return False
    decision = decide_transition(
        row.from_state, CaseAction(row.action), DismissalReason(reason) if reason else None
    )
    return decision.allowed and decision.target is row.to_state


def _points(session: Session) -> Iterator[Violation]:
    expected = Counter(recompute_points(session))
    queued = Counter(session.scalars(select(OutboxRow.line)))
    for line, count in (expected - queued).items():
        yield Violation("I5", f"{count} point(s) missing: {line}")
    for line, count in (queued - expected).items():
        yield Violation("I5", f"{count} point(s) too many: {line}")
