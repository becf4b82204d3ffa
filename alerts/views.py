"""What the API and the console see of a case: typed, immutable, detached from the database session.

Times are UTC with milliseconds; boxes and polygons are fractions of the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from alerts.lifecycle import CaseAction, CaseState, DismissalReason
from ingest.messages import Box, EvidenceRole
from ingest.taxonomy import Category, ObjectClass


@dataclass(frozen=True)
class PictureView:
    """An evidence picture (取证照片). ``available`` is False until its bytes have arrived over HTTP."""

    role: EvidenceRole
    sha256: str
    width: int
    height: int
    taken_at: datetime
    available: bool
    incident_id: UUID
    box: Box
    """Where the problem stood in the frame when the picture was taken."""


@dataclass(frozen=True)
class PositionView:
    """A place on the ground, WGS-84; ``uncertainty_m`` is one standard deviation."""

    latitude: float
    longitude: float
    uncertainty_m: float


@dataclass(frozen=True)
class DecisionView:
    """The last decision a person took on a case."""

    action: CaseAction
    operator: str
    at: datetime
    reason: DismissalReason | None
    note: str


@dataclass(frozen=True)
class CaseView:
    """Everything a reviewer needs to decide (案件).

    ``since`` means "since at least" when ``present_at_start``. ``version`` grows with every operator's decision,
    never with new evidence, so a reviewer is not refused because a camera reported again.
    """

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
    """Empty while the opening report has not arrived."""
    box: Box
    """Newest known place of the problem."""
    position: PositionView | None
    since: datetime
    last_seen: datetime
    ended_at: datetime | None
    """When the last of its incidents ended; None while one stands."""
    abandoned_at: datetime | None
    """When a vehicle had stood for as long as its rule calls abandoned (僵尸车)."""
    present_at_start: bool
    observed_s: float
    bridged_s: float
    threshold_s: float
    attended: float | None
    """Of a vendor's stall: the share of the looks at it, 0..1, in which a person stood there (摊主在场)."""
    why: str
    reason_code: str
    score: float | None
    pictures: tuple[PictureView, ...]
    """Newest incident first, wide before crop before 'before'."""
    evidence_withheld: str | None
    """Why there are no pictures, in the node's words."""
    incident_count: int
    recurrence_of: UUID | None
    recurrence_of_number: int | None
    recurrence_count: int
    """How many earlier, already decided cases this place has had in a row."""
    created_at: datetime
    updated_at: datetime
    decision: DecisionView | None
    merged_into: UUID | None
    """The case that took over its incidents when late reports showed the two to be one."""

    @property
    def live(self) -> bool:
        """Whether the problem still stands, as far as the cameras know."""
        return self.ended_at is None


@dataclass(frozen=True)
class IncidentView:
    """One incident of a case, and why it belongs to it (关联依据)."""

    incident_id: UUID
    site: str
    node: str
    camera: str
    zone: str
    place_id: UUID
    box: Box
    first_seen: datetime
    last_seen: datetime
    ended_at: datetime | None
    observed_s: float
    bridged_s: float
    reason_code: str
    distance_m: float | None
    gap_s: float | None
    score: float | None


@dataclass(frozen=True)
class HistoryView:
    """One line of a case's append-only history (案件流转记录)."""

    sequence: int
    at: datetime
    actor: str
    action: str
    from_state: CaseState | None
    to_state: CaseState
    detail: dict[str, Any]


@dataclass(frozen=True)
class CaseDetail:
    """A case with its incidents and history."""

    case: CaseView
    incidents: tuple[IncidentView, ...]
    history: tuple[HistoryView, ...]


@dataclass(frozen=True)
class CasePage:
    """Some cases of a list and how many match in all."""

    cases: tuple[CaseView, ...]
    total: int


@dataclass(frozen=True)
class MuteView:
    """A muted place (误报屏蔽): incidents that match raise no case while it is active."""

    id: UUID
    site: str
    node: str
    camera: str
    category: Category
    box: Box
    created_at: datetime
    created_by: str
    until: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    case_id: UUID
    case_number: int
    applied: int
    """Incidents it has silenced so far."""
    active: bool


@dataclass(frozen=True)
class NodeView:
    """A node as its last status said (节点)."""

    site: str
    node: str
    state: str
    boot_id: UUID | None
    status_at: datetime
    received_at: datetime
    status: dict[str, Any]
    """The status record as sent."""


@dataclass(frozen=True)
class DeadLetterView:
    """A message that could not be taken in, and why (死信)."""

    id: int
    topic: str
    reason: str
    detail: str
    bytes: int
    sha256: str
    first_at: datetime
    last_at: datetime
    times: int
    preview: str
