"""The append-only history of cases, and the time-series point each step stands for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.lifecycle import CaseState
from alerts.points import point_of_transition
from alerts.storage.tables import CaseRow, HistoryRow, OutboxRow

SYSTEM = "system"
"""The actor of what no person did."""


def append(
    session: Session,
    case: CaseRow,
    *,
    at: datetime,
    actor: str,
    action: str,
    from_state: CaseState | None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add a step that brought ``case`` from ``from_state`` to its present state, and queue its point."""
    newest = select(func.max(HistoryRow.sequence)).where(HistoryRow.case_id == case.id)
    sequence = (session.scalar(newest) or 0) + 1
    place = {
        "site": case.site,
        "node": case.node,
        "camera": case.camera,
        "zone": case.zone,
        "category": case.category.value,
    }
    row = HistoryRow(
        case_id=case.id,
        sequence=sequence,
        at=at,
        actor=actor,
        action=action,
        from_state=from_state,
        to_state=case.state,
        detail={**(detail or {}), "place": place},
    )
    session.add(row)
    queue_points(session, [point_of_history(row)], at)
    session.flush()


def point_of_history(row: HistoryRow) -> str:
    """The point of a history row; its tags are those the case had then."""
    return point_of_transition(str(row.case_id), row.sequence, row.action, row.at, row.detail["place"])


def queue_points(session: Session, lines: list[str], at: datetime) -> None:
    """Put lines in the outbox."""
    session.add_all(
        OutboxRow(line=line, created_at=at, delivered_at=None, quarantined_reason=None) for line in lines
    )
