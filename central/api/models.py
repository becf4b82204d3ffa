"""What the API says and hears. Times are UTC, ISO 8601; boxes and polygons are fractions of the frame."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from alerts.lifecycle import CaseState, DismissalReason
from alerts.views import (
    CaseDetail,
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
from ingest.taxonomy import Category, ObjectClass

_CASE_EXAMPLE: dict[str, Any] = {
    "id": "019c0f5e-7d00-7000-8000-000000000001",
    "number": 12,
    "state": "pending_review",
    "version": 1,
    "category": "parked_vehicle",
    "site": "xuhui",
    "node": "junction-17",
    "camera": "north",
    "zone": "no-stopping-east",
    "box": [0.21, 0.4, 0.38, 0.55],
    "since": "2026-01-31T08:00:12Z",
    "live": True,
    "dwell": {"observed_s": 95.0, "bridged_s": 0.0, "threshold_s": 20.0},
    "why": "vehicle stood 20 s in no-stopping-east",
}


class Dwell(BaseModel):
    """How long the problem has stood: watched, bridged, and the rule's limit, in seconds (滞留时长)."""

    observed_s: float
    bridged_s: float
    threshold_s: float


class Case(BaseModel):
    """A case (案件)."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CASE_EXAMPLE]})

    id: UUID
    number: int
    state: CaseState
    version: int
    category: Category
    object_class: ObjectClass
    site: str
    node: str
    camera: str
    zone: str
    zone_polygon: tuple[tuple[float, float], ...]
    box: tuple[float, float, float, float]
    position: PositionView | None
    since: datetime
    last_seen: datetime
    ended_at: datetime | None
    abandoned_at: datetime | None
    live: bool
    present_at_start: bool
    dwell: Dwell
    attended: float | None
    why: str
    reason_code: str
    score: float | None
    pictures: tuple[PictureView, ...]
    evidence_withheld: str | None
    incident_count: int
    recurrence_of: UUID | None
    recurrence_of_number: int | None
    recurrence_count: int
    merged_into: UUID | None
    decision: DecisionView | None
    created_at: datetime
    updated_at: datetime


class CaseList(BaseModel):
    """Some cases and how many match in all."""

    cases: list[Case]
    total: int


class CaseWithHistory(Case):
    """A case with its incidents, each with why it belongs there, and its history."""

    incidents: tuple[IncidentView, ...]
    history: tuple[HistoryView, ...]


class MuteList(BaseModel):
    """Muted places."""

    mutes: list[MuteView]


class NodeList(BaseModel):
    """Nodes as their last status said."""

    nodes: list[NodeView]


class DeadLetterList(BaseModel):
    """Refused messages, newest first."""

    dead_letters: list[DeadLetterView]


class DecisionIn(BaseModel):
    """Who decides, and on which version of the case."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"operator": "Li Na", "expected_version": 1}]}
    )

    operator: Annotated[str, Field(min_length=1, max_length=80)]
    expected_version: Annotated[int, Field(ge=1)]
    note: Annotated[str, Field(max_length=500)] = ""


class DismissalIn(DecisionIn):
    """A dismissal needs a reason; ``false_detection`` also mutes the place for 30 days."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"operator": "Li Na", "expected_version": 1, "reason": "conditions_not_met"}]
        },
    )

    reason: DismissalReason


class Problem(BaseModel):
    """An error (RFC 9457). ``code`` is machine-readable."""

    title: str
    status: int
    code: str
    detail: str


class ConflictProblem(Problem):
    """Somebody else decided first: who, what, when, and the version now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Conflict",
                    "status": 409,
                    "code": "conflict",
                    "detail": "Wang Wei already decided: file at 2026-01-31T08:03:10.000+00:00",
                    "decided_by": "Wang Wei",
                    "action": "file",
                    "at": "2026-01-31T08:03:10.000+00:00",
                    "version": 2,
                }
            ]
        }
    )

    decided_by: str
    action: str
    at: datetime
    version: int


class PictureStored(BaseModel):
    """A picture is in the store."""

    sha256: str
    stored: bool


def case_out(view: CaseView) -> Case:
    """The API's form of a case."""
    return Case(**_fields(view))


def detail_out(detail: CaseDetail) -> CaseWithHistory:
    """The API's form of a case with its history."""
    return CaseWithHistory(**_fields(detail.case), incidents=detail.incidents, history=detail.history)


def _fields(view: CaseView) -> dict[str, Any]:
    fields = {name: getattr(view, name) for name in Case.model_fields if name != "dwell"}
    fields["dwell"] = Dwell(observed_s=view.observed_s, bridged_s=view.bridged_s, threshold_s=view.threshold_s)
    return fields
