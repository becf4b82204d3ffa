"""The life of a case: which decision is allowed when (案件生命周期).

Pure: no clock, no storage. A case starts in ``pending_review`` (待审核) and is decided by people only; the end of
an incident never moves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands (案件状态)."""

    PENDING_REVIEW = "pending_review"  # 待审核
    FILED = "filed"  # 立案
    VOIDED = "voided"  # 作废
    CLOSED = "closed"  # 结案


OPEN_STATES = (CaseState.PENDING_REVIEW, CaseState.FILED)
"""States in which a case still takes new incidents."""


class CaseAction(StrEnum):
    """What an operator can do to a case (操作)."""

    FILE = "file"  # 立案
    DISMISS = "dismiss"  # 作废, with a reason
    CLOSE = "close"  # 结案


class DismissalReason(StrEnum):
    """Why a case is voided (作废原因)."""

    DUPLICATE = "duplicate"  # 重复上报
    CONDITIONS_NOT_MET = "conditions_not_met"  # 不符合立案条件
    OUT_OF_SCOPE = "out_of_scope"  # 不属于管理范围
    FALSE_DETECTION = "false_detection"  # 误报: also mutes the place


class TransitionReason(StrEnum):
    """Why a decision is allowed or refused."""

    ALLOWED = "allowed"
    WRONG_STATE = "wrong_state"
    REASON_MISSING = "reason_missing"


@dataclass(frozen=True)
class TransitionDecision:
    """The guard's answer; ``target`` is the new state, or the old one when refused."""

    allowed: bool
    reason_code: TransitionReason
    target: CaseState


_TRANSITIONS: dict[tuple[CaseState, CaseAction], CaseState] = {
    (CaseState.PENDING_REVIEW, CaseAction.FILE): CaseState.FILED,
    (CaseState.PENDING_REVIEW, CaseAction.DISMISS): CaseState.VOIDED,
    (CaseState.FILED, CaseAction.DISMISS): CaseState.VOIDED,
    (CaseState.FILED, CaseAction.CLOSE): CaseState.CLOSED,
}


def decide_transition(
    state: CaseState, action: CaseAction, dismissal: DismissalReason | None = None
) -> TransitionDecision:
    """Whether ``action`` may be taken in ``state``. A dismissal needs a reason; nothing leaves voided or closed."""
    target = _TRANSITIONS.get((state, action))
    if target is None:
        return TransitionDecision(False, TransitionReason.WRONG_STATE, state)
    if action is CaseAction.DISMISS and dismissal is None:
        return TransitionDecision(False, TransitionReason.REASON_MISSING, state)
    return TransitionDecision(True, TransitionReason.ALLOWED, target)


def allowed_actions(state: CaseState) -> tuple[CaseAction, ...]:
    """The actions an operator may take in ``state``, in menu order."""
    return tuple(action for action in CaseAction if (state, action) in _TRANSITIONS)
