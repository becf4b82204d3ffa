"""The fold: incidents in canonical order, each placed by correlation (案件归并).

The partition of incidents into undecided cases has one right answer, whatever the order of arrival: the fold of
all incidents by (occurrence, source, id). A late report therefore re-folds the later part of its neighbourhood.
Decided cases are fixed points: they are joined, never taken apart. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from alerts.correlation import Candidate, CorrelationPolicy, Decision, Sighting, correlate
from alerts.lifecycle import CaseState
from alerts.merge import IncidentRecord
from alerts.mutes import Mute


def sighting_of(record: IncidentRecord) -> Sighting:
    """What correlation needs of a record: its first box, which never moves, and its newest times."""
    return Sighting(
        incident_id=record.incident_id,
        camera=record.camera_key,
        place_id=record.place_id,
        category=record.category,
        box=record.first.value,
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        ended=record.ended_at is not None,
        appearance=record.appearance.value if record.appearance else (),
        position=record.opening.value.position if record.opening else None,
    )


@dataclass(frozen=True)
class Arrival:
    """An incident to place, and when its first report arrived (UTC); mutes are judged by the latter."""

    sighting: Sighting
    received_at: datetime


@dataclass(frozen=True)
class Placement:
    """Where the fold put an incident.

    ``group`` is the id of a standing case, or, for a new group, the id of the incident that founded it; None when
    a mute silenced it.
    """

    incident_id: UUID
    decision: Decision
    group: UUID | None


def fold(
    arrivals: Iterable[Arrival],
    standing: Sequence[Candidate],
    mutes: Sequence[Mute],
    policy: CorrelationPolicy,
) -> list[Placement]:
    """Place every arrival, in canonical order, among the ``standing`` cases and the groups founded on the way."""
    candidates = {candidate.case_id: candidate for candidate in standing}
    placements: list[Placement] = []
    for arrival in sorted(arrivals, key=lambda item: item.sighting.order):
        sighting = arrival.sighting
        decision = correlate(sighting, list(candidates.values()), mutes, arrival.received_at, policy)
        group = None if decision.mute_id is not None else decision.case_id or sighting.incident_id
        placements.append(Placement(sighting.incident_id, decision, group))
        if group is None:
            continue
        known = candidates.get(group)
        state = known.state if known else CaseState.PENDING_REVIEW
        members = (*known.members, sighting) if known else (sighting,)
        candidates[group] = Candidate(group, state, members)
    return placements


def reuse_cases(
    groups: Mapping[UUID, Sequence[UUID]],
    vacated: Mapping[UUID, UUID],
    former: Mapping[UUID, UUID],
) -> dict[UUID, UUID]:
    """Which existing case carries on as which new group, so that a re-fold changes as few cases as possible.

    Args:
        groups: Founder -> incidents of each new group, in canonical order.
        vacated: Case -> its former anchor incident, for cases whose incidents were all re-folded, oldest first.
        former: Incident -> the vacated case it was in.

    Returns:
        Founder -> case. Groups without an entry need a new case; cases without one are left empty.
    """
    anchored = {anchor: case for case, anchor in vacated.items()}
    reused = {founder: anchored[founder] for founder in groups if founder in anchored}
    taken = set(reused.values())
    for founder, incidents in groups.items():
        if founder in reused:
            continue
        mine = {former[incident] for incident in incidents if incident in former}
        free = next((case for case in vacated if case in mine and case not in taken), None)
        if free is not None:
            reused[founder] = free
            taken.add(free)
    return reused
