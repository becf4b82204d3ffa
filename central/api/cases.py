"""Cases, mutes, nodes and dead letters over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query

from alerts.cases import CaseService
from alerts.lifecycle import CaseState
from alerts.views import MuteView
from central.api.models import (
    Case,
    CaseList,
    CaseWithHistory,
    ConflictProblem,
    DeadLetterList,
    DecisionIn,
    DismissalIn,
    MuteList,
    NodeList,
    Problem,
    case_out,
    detail_out,
)
from ingest.taxonomy import Category

Limit = Annotated[int, Query(ge=1, le=500, description="most entries to return")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="entries to skip")]
Operator = Annotated[str, Query(min_length=1, max_length=80, examples=["Li Na"])]

_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}
_DECISION: dict[int | str, dict[str, Any]] = {
    **_NOT_FOUND,
    409: {"model": ConflictProblem},
    422: {"model": Problem},
}


def case_routes(cases: CaseService) -> APIRouter:
    """Everything below ``/api/v1`` but pictures."""
    router = APIRouter(prefix="/api/v1")
    _reading(router, cases)
    _deciding(router, cases)
    _registers(router, cases)
    return router


def _reading(router: APIRouter, cases: CaseService) -> None:
    @router.get("/cases", tags=["cases"])
    def list_cases(
        state: Annotated[list[CaseState] | None, Query(description="any of these; all when absent")] = None,
        category: Category | None = None,
        camera: Annotated[str | None, Query(max_length=200, examples=["xuhui/junction-17/north"])] = None,
        limit: Limit = 50,
        offset: Offset = 0,
    ) -> CaseList:
        """Cases that match every filter: live ones first, then newest first."""
        page = cases.list_cases(states=state or (), category=category, camera=camera, limit=limit, offset=offset)
        return CaseList(cases=[case_out(view) for view in page.cases], total=page.total)

    @router.get("/cases/{case_id}", tags=["cases"], responses=_NOT_FOUND)
    def get_case(case_id: UUID) -> CaseWithHistory:
        """One case with its pictures, its incidents (each with why it belongs there) and its history."""
        return detail_out(cases.detail(case_id))


def _deciding(router: APIRouter, cases: CaseService) -> None:
    @router.post("/cases/{case_id}/file", tags=["decisions"], responses=_DECISION)
    def file_case(case_id: UUID, decision: Annotated[DecisionIn, Body()]) -> Case:
        """File the case (立案). 409 says who decided what, and when, if somebody was faster."""
        return case_out(cases.decide_file(case_id, decision.operator, decision.expected_version, decision.note))

    @router.post("/cases/{case_id}/dismiss", tags=["decisions"], responses=_DECISION)
    def dismiss_case(case_id: UUID, decision: Annotated[DismissalIn, Body()]) -> Case:
        """Void the case (作废) with a reason."""
        return case_out(
            cases.dismiss(case_id, decision.operator, decision.reason, decision.note, decision.expected_version)
        )

    @router.post("/cases/{case_id}/close", tags=["decisions"], responses=_DECISION)
    def close_case(case_id: UUID, decision: Annotated[DecisionIn, Body()]) -> Case:
        """Close the case (结案)."""
        return case_out(cases.close(case_id, decision.operator, decision.expected_version, decision.note))


def _registers(router: APIRouter, cases: CaseService) -> None:
    @router.get("/mutes", tags=["mutes"])
    def list_mutes(active: bool = False) -> MuteList:
        """Muted places, newest first, with how many incidents each silenced."""
        return MuteList(mutes=cases.mutes(active_only=active))

    @router.delete("/mutes/{mute_id}", tags=["mutes"], responses=_NOT_FOUND)
    def revoke_mute(mute_id: UUID, operator: Operator) -> MuteView:
        """End a mute now; it stays listed."""
        return cases.revoke_mute(mute_id, operator)

    @router.get("/nodes", tags=["nodes"])
    def list_nodes() -> NodeList:
        """Every node that ever reported."""
        return NodeList(nodes=cases.nodes())

    @router.get("/dead-letters", tags=["nodes"])
    def list_dead_letters(limit: Limit = 100, offset: Offset = 0) -> DeadLetterList:
        """Messages that could not be taken in, newest first, with the reason."""
        return DeadLetterList(dead_letters=cases.dead_letters(limit, offset))
