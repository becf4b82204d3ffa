"""Carrying out a decision and saying in words how it went, the lost race included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from alerts.cases import CaseError, CaseNotFoundError, CaseService, Conflict
from alerts.lifecycle import CaseState, DismissalReason
from alerts.views import CaseView
from central.console import words
from central.console.civil import CivilTime

SETTLE_S = 0.5
"""After the selection moved by itself, a confirm within this time is taken for a key meant for the case before."""

_log = structlog.get_logger(__name__)


class Result(StrEnum):
    """How a decision ended."""

    DONE = "done"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """A decision's end, for the operator."""

    result: Result
    text: str
    at: datetime


class Decisions:
    """The decisions of an operator on what the console shows."""

    def __init__(self, cases: CaseService, civil: CivilTime, now: Callable[[], datetime]) -> None:
        self._cases = cases
        self._civil = civil
        self._now = now

    async def file(self, case: CaseView, operator: str) -> Outcome:
        """File ``case`` (立案) as the operator saw it."""
        return await self._try(
            case.number, "filed 立案", lambda: self._cases.decide_file(case.id, operator, case.version)
        )

    async def dismiss(self, case: CaseView, operator: str, reason: DismissalReason, note: str = "") -> Outcome:
        """Void ``case`` (作废) with a reason."""
        done = f"dismissed 作废: {words.label(words.REASONS, reason)}"
        if reason is DismissalReason.FALSE_DETECTION:
            done += "; this spot is muted for 30 days"
        return await self._try(
            case.number, done, lambda: self._cases.dismiss(case.id, operator, reason, note, case.version)
        )

    async def close(self, case: CaseView, operator: str) -> Outcome:
        """Close a filed ``case`` (结案)."""
        return await self._try(
            case.number, "closed 结案", lambda: self._cases.close(case.id, operator, case.version)
        )

    async def revoke(self, mute_id: UUID, operator: str) -> Outcome:
        """End a mute (撤销屏蔽)."""
        return await self._try(None, "was revoked 已撤销", lambda: self._cases.revoke_mute(mute_id, operator))

    async def explain_gone(self, case: CaseView) -> Outcome:
        """Why a case that was being looked at has left the queue without this operator's doing."""
        try:
            now_is = await asyncio.to_thread(self._cases.get, case.id)
        except (CaseNotFoundError, SQLAlchemyError):
            return Outcome(Result.CONFLICT, f"#{case.number} has left the queue.", self._now())
        if now_is.decision is not None:
            taken = now_is.decision
            text = self._first(f"#{case.number}", taken.operator, taken.action, taken.reason, taken.at)
        elif now_is.state is CaseState.PENDING_REVIEW and now_is.merged_into is None:
            text = f"#{case.number} moved down, below the cases listed."
        elif now_is.merged_into is not None:
            text = f"#{case.number} was merged into another case: late reports showed the two to be one."
        else:
            text = f"#{case.number} has left the queue."
        return Outcome(Result.CONFLICT, text, self._now())

    def _first(self, what: str, operator: str, action: str, reason: str | None, at: datetime) -> str:
        because = f" ({words.label(words.REASONS, reason)})" if reason else ""
        when = self._civil.moment(at, self._now())
        return f"{what}: {operator} was first: {words.label(words.ACTIONS, action)}{because}, {when}."

    async def _try(self, number: int | None, done: str, act: Callable[[], object]) -> Outcome:
        what = "The mute" if number is None else f"#{number}"
        try:
            await asyncio.to_thread(act)
        except Conflict as conflict:
            action, _, reason = conflict.action.partition(" ")
            text = self._first(what, conflict.decided_by, action, reason.strip("()"), conflict.at)
            return Outcome(Result.CONFLICT, f"{text} Your decision was not applied.", self._now())
        except CaseError as error:
            return Outcome(Result.REFUSED, f"{what} not changed: {error}", self._now())
        except SQLAlchemyError as error:
            _log.warning("decision_failed", error=repr(error)[:500])
            text = (
                f"{what}: the case database did not answer ({type(error).__name__}); look again before retrying."
            )
            return Outcome(Result.REFUSED, text, self._now())
        return Outcome(Result.DONE, f"{what} {done}", self._now())
