"""Which case an incident belongs to (关联): one real problem, one case.

Pure. An incident is compared with each case's fixed anchor (its first incident), never with the newest member, so
that a street of vendors cannot chain into one case. Every answer carries a reason code, and distance, gap and
score where they were measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from alerts.geometry import ground_distance_m, overlap, similarity
from alerts.lifecycle import OPEN_STATES, CaseState
from alerts.mutes import BY_PLACE_ALONE, Mute, MutePolicy, MuteSubject, match_mute
from ingest.messages import Box, Position
from ingest.taxonomy import Category


class CorrelationReason(StrEnum):
    """Why an incident joined a case, or became a new one."""

    SAME_INCIDENT = "same_incident"
    SAME_PLACE = "same_place"
    SAME_VIEW = "same_view"
    NEAR = "near"
    LATE_EVIDENCE = "late_evidence"  # it began while a case, since decided, still stood
    MUTED = "muted"
    RECURRENCE = "recurrence"  # new case: an earlier one at this place is decided
    NOTHING_NEAR = "nothing_near"  # new case, as are the next four
    REARM_EXPIRED = "rearm_expired"
    APPEARANCE_DIFFERS = "appearance_differs"
    SEEN_SIDE_BY_SIDE = "seen_side_by_side"
    POSITION_TOO_VAGUE = "position_too_vague"


@dataclass(frozen=True)
class CategoryPolicy:
    """``radius_m``: how far apart two positions of one problem may lie. ``rearm_s``: how long it may be gone."""

    radius_m: float
    rearm_s: float


def _default_categories() -> dict[Category, CategoryPolicy]:
    return {
        Category.PARKED_VEHICLE: CategoryPolicy(5.0, 15 * 60),
        Category.PARKED_TWO_WHEELER: CategoryPolicy(5.0, 15 * 60),
        Category.STREET_VENDOR: CategoryPolicy(15.0, 60 * 60),
        Category.GARBAGE: CategoryPolicy(10.0, 2 * 3600),
        Category.STATIC_OBJECT: CategoryPolicy(10.0, 2 * 3600),
        Category.SENSOR_ALARM: CategoryPolicy(0.0, 15 * 60),
    }


@dataclass(frozen=True)
class CorrelationPolicy:
    """The numbers of correlation. Overlaps are intersection over union; similarities are cosines.

    ``twin_overlap``: two incidents that stood in one view at the same time are two problems, unless their boxes
    agree this well (a node that lost its memory reports the same thing again).
    ``silence_s`` replaces a shorter ``rearm_s`` while nobody has looked and found the place empty.
    ``max_vagueness_m``: above this summed uncertainty a position says nothing.
    """

    categories: Mapping[Category, CategoryPolicy] = field(default_factory=_default_categories)
    min_overlap: float = 0.5
    twin_overlap: float = 0.85
    min_similarity: float = 0.7
    min_similarity_across_cameras: float = 0.3
    silence_s: float = 24 * 3600
    recurrence_s: float = 30 * 86400
    max_vagueness_m: float = 60.0
    mutes: MutePolicy = field(default_factory=MutePolicy)


@dataclass(frozen=True)
class Sighting:
    """One incident as correlation sees it. ``camera`` is ``site/node/camera``; ``box`` is that of its first report."""

    incident_id: UUID
    camera: str
    place_id: UUID
    category: Category
    box: Box
    first_seen: datetime
    last_seen: datetime
    ended: bool
    appearance: tuple[float, ...] = ()
    position: Position | None = None

    @property
    def order(self) -> tuple[datetime, str, str]:
        """The canonical order: occurrence, source, id."""
        return self.first_seen, self.camera, str(self.incident_id)


@dataclass(frozen=True)
class Candidate:
    """A case with its incidents in canonical order; the first is the anchor."""

    case_id: UUID
    state: CaseState
    members: tuple[Sighting, ...]

    @property
    def anchor(self) -> Sighting:
        return self.members[0]

    @property
    def last_seen(self) -> datetime:
        return max(member.last_seen for member in self.members)

    @property
    def ended(self) -> bool:
        return all(member.ended for member in self.members)


@dataclass(frozen=True)
class Decision:
    """Where an incident goes. ``case_id`` None means a new case, or none at all when ``mute_id`` is set."""

    reason_code: CorrelationReason
    case_id: UUID | None = None
    distance_m: float | None = None
    gap_s: float | None = None
    score: float | None = None
    mute_id: UUID | None = None
    recurrence_of: UUID | None = None


@dataclass(frozen=True)
class _Link:
    """How an incident relates to one candidate; ``rank`` None means that it does not."""

    reason: CorrelationReason
    rank: int | None = None
    distance_m: float | None = None
    score: float | None = None


_NEARLY = (
    CorrelationReason.REARM_EXPIRED,
    CorrelationReason.SEEN_SIDE_BY_SIDE,
    CorrelationReason.APPEARANCE_DIFFERS,
    CorrelationReason.POSITION_TOO_VAGUE,
    CorrelationReason.NOTHING_NEAR,
)
"""Why a new case was made, the most telling reason first."""


def correlate(
    incident: Sighting,
    candidates: Sequence[Candidate],
    mutes: Iterable[Mute],
    now: datetime,
    policy: CorrelationPolicy,
) -> Decision:
    """Decide where ``incident``, first received at ``now``, belongs.

    The answer does not depend on the order of ``candidates``; it does depend on which incidents they hold, so a
    caller folds incidents in canonical order.
    """
    for candidate in candidates:
        if any(member.incident_id == incident.incident_id for member in candidate.members):
            return Decision(CorrelationReason.SAME_INCIDENT, candidate.case_id, 0.0, 0.0, 1.0)
    subject = MuteSubject(incident.camera, incident.category, incident.place_id, incident.box, incident.appearance)
    mute = match_mute(subject, mutes, now, policy.mutes)
    if mute is not None:
        return Decision(CorrelationReason.MUTED, mute_id=mute.id)
    return _join(incident, candidates, policy)


def may_touch(incident: Sighting, members: Iterable[Sighting], policy: CorrelationPolicy) -> bool:
    """Whether the times of a case's ``members`` can matter to where ``incident`` belongs.

    Coarser than :func:`correlate`, never finer: False means that no answer for ``incident`` depends on them.
    """
    return any(_touches(incident, member, policy) for member in members)


def _touches(a: Sighting, b: Sighting, policy: CorrelationPolicy) -> bool:
    if a.category in BY_PLACE_ALONE:
        return a.camera == b.camera and a.place_id == b.place_id
    if a.camera == b.camera:
        return a.place_id == b.place_id or overlap(a.box, b.box) >= policy.min_overlap
    return _relate_on_ground(a, b, policy).reason is not CorrelationReason.NOTHING_NEAR


def _join(incident: Sighting, candidates: Sequence[Candidate], policy: CorrelationPolicy) -> Decision:
    joins: list[tuple[tuple[object, ...], Decision]] = []
    earlier: list[tuple[float, tuple[object, ...], UUID]] = []
    misses = {CorrelationReason.NOTHING_NEAR}
    for candidate in candidates:
        link = _relate(incident, candidate, policy)
        gap = max(0.0, (incident.first_seen - candidate.last_seen).total_seconds())
        if link.rank is None:
            misses.add(link.reason)
        elif _over(candidate, incident, link):
            if gap <= policy.recurrence_s:
                earlier.append((gap, candidate.anchor.order, candidate.case_id))
        elif link.reason is not CorrelationReason.SAME_PLACE and gap > _patience_s(candidate, policy):
            misses.add(CorrelationReason.REARM_EXPIRED)
        else:
            joins.append(_joined(link, link.rank, gap, candidate))
    if joins:
        return min(joins, key=lambda item: item[0])[1]
    if earlier:
        gap, _, case_id = min(earlier, key=lambda item: item[:2])
        return Decision(CorrelationReason.RECURRENCE, gap_s=gap, recurrence_of=case_id)
    return Decision(next(reason for reason in _NEARLY if reason in misses))


def _over(candidate: Candidate, incident: Sighting, link: _Link) -> bool:
    """Whether a decided case is behind the incident, which then wants a decision of its own."""
    if candidate.state in OPEN_STATES:
        return False
    # What was voided on one camera's evidence is still news when another camera sees it.
    unseen = candidate.state is CaseState.VOIDED and link.reason is CorrelationReason.NEAR
    return unseen or incident.first_seen > candidate.last_seen


def _joined(link: _Link, rank: int, gap: float, candidate: Candidate) -> tuple[tuple[object, ...], Decision]:
    decided = candidate.state not in OPEN_STATES
    reason = CorrelationReason.LATE_EVIDENCE if decided else link.reason
    order = (rank, decided, gap, link.distance_m or 0.0, -(link.score or 0.0), candidate.anchor.order)
    return order, Decision(reason, candidate.case_id, link.distance_m, gap, link.score)


def _patience_s(candidate: Candidate, policy: CorrelationPolicy) -> float:
    rearm = policy.categories[candidate.anchor.category].rearm_s
    return rearm if candidate.ended else max(rearm, policy.silence_s)


def _relate(incident: Sighting, candidate: Candidate, policy: CorrelationPolicy) -> _Link:
    if incident.category != candidate.anchor.category:
        return _Link(CorrelationReason.NOTHING_NEAR)
    in_view = [member for member in candidate.members if member.camera == incident.camera]
    if any(member.place_id == incident.place_id for member in in_view):
        return _Link(CorrelationReason.SAME_PLACE, 0, 0.0, 1.0)
    if incident.category in BY_PLACE_ALONE:
        return _Link(CorrelationReason.NOTHING_NEAR)
    if in_view:
        return _relate_in_view(incident, in_view, policy)
    return _relate_on_ground(incident, candidate.anchor, policy)


def _relate_in_view(incident: Sighting, in_view: Sequence[Sighting], policy: CorrelationPolicy) -> _Link:
    """Same camera, another remembered place: the picture decides, against the case's first incident there."""
    anchor = in_view[0]
    shared = overlap(incident.box, anchor.box)
    if shared < policy.min_overlap:
        return _Link(CorrelationReason.NOTHING_NEAR)
    if any(_side_by_side(incident, member, policy) for member in in_view):
        return _Link(CorrelationReason.SEEN_SIDE_BY_SIDE)
    alike = similarity(incident.appearance, anchor.appearance)
    if alike is not None and alike < policy.min_similarity:
        return _Link(CorrelationReason.APPEARANCE_DIFFERS)
    return _Link(CorrelationReason.SAME_VIEW, 1, score=shared)


def _side_by_side(a: Sighting, b: Sighting, policy: CorrelationPolicy) -> bool:
    earlier, later = sorted((a, b), key=lambda sighting: sighting.order)
    return later.first_seen < earlier.last_seen and overlap(a.box, b.box) < policy.twin_overlap


def _relate_on_ground(incident: Sighting, anchor: Sighting, policy: CorrelationPolicy) -> _Link:
    """Different cameras: only positions can say that two views show one problem."""
    here, there = incident.position, anchor.position
    if here is None or there is None:
        return _Link(CorrelationReason.NOTHING_NEAR)
    distance = ground_distance_m(here.latitude, here.longitude, there.latitude, there.longitude)
    vagueness = here.uncertainty_m + there.uncertainty_m
    if distance > policy.categories[incident.category].radius_m + min(vagueness, policy.max_vagueness_m):
        return _Link(CorrelationReason.NOTHING_NEAR)
    if vagueness > policy.max_vagueness_m:
        return _Link(CorrelationReason.POSITION_TOO_VAGUE)
    alike = similarity(incident.appearance, anchor.appearance)
    if alike is not None and alike < policy.min_similarity_across_cameras:
        return _Link(CorrelationReason.APPEARANCE_DIFFERS)
    return _Link(CorrelationReason.NEAR, 2, distance, alike)
