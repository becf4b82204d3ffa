"""What is known of one incident, whatever the order its reports came in.

A record is a point in a semilattice: :func:`merge` is commutative, associative and idempotent, so every
permutation and repetition of a node's reports ends in the same record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from ingest.messages import (
    Box,
    Dwell,
    Event,
    EvidencePicture,
    IncidentBase,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    Position,
)
from ingest.taxonomy import Category, ObjectClass

T = TypeVar("T")

ABANDONED = "abandoned"
"""``reason_code`` of the update that tells it first."""

Rank = tuple[int, datetime, str]
"""Orders reports of one incident: kind (opened 0, updated 1, closed 2), last sighting, event id."""


@dataclass(frozen=True)
class Ranked(Generic[T]):
    """A value with the rank of the report that said it."""

    rank: Rank
    value: T


@dataclass(frozen=True)
class Opening:
    """What only the opening report says."""

    zone_polygon: tuple[tuple[float, float], ...]
    score: float
    reason: str
    reason_code: str
    position: Position | None
    model: str


@dataclass(frozen=True)
class Standing:
    """How the problem stood when it was last reported."""

    box: Box
    zone: str
    dwell: Dwell
    attended: float | None = None
    """Of a vendor's stall: the share of the looks at it in which a person stood there."""


@dataclass(frozen=True)
class Shot:
    """An evidence picture and where the problem stood in it."""

    picture: EvidencePicture
    box: Box


@dataclass(frozen=True)
class IncidentRecord:
    """Everything reported of one incident. ``first`` anchors its place; ``latest`` is for display."""

    incident_id: UUID
    site: str
    node: str
    camera: str
    place_id: UUID
    category: Category
    object_class: ObjectClass
    first_seen: datetime
    last_seen: datetime
    ended_at: datetime | None
    present_at_start: bool
    first: Ranked[Box]
    latest: Ranked[Standing]
    opening: Ranked[Opening] | None
    appearance: Ranked[tuple[float, ...]] | None
    withheld: Ranked[str] | None
    shots: tuple[Ranked[Shot], ...]
    abandoned_at: datetime | None = None
    """When a vehicle had stood for as long as its rule calls abandoned (僵尸车): the earliest that was told."""

    @property
    def camera_key(self) -> str:
        """``site/node/camera``."""
        return f"{self.site}/{self.node}/{self.camera}"

    @property
    def order(self) -> tuple[datetime, str, str]:
        """The canonical order of incidents: occurrence, source, id."""
        return self.first_seen, self.camera_key, str(self.incident_id)


def record_of(event: Event) -> IncidentRecord:
    """The record that one report alone makes.

    Raises:
        TypeError: The event is no incident report.
    """
    data = event.data
    if not isinstance(data, IncidentOpened | IncidentUpdated | IncidentClosed):
        raise TypeError(f"{event.type} is no incident report")
    site, node = event.node
    rank = _rank(event, data)
    appearance = () if isinstance(data, IncidentClosed) else data.appearance
    evidence = data.evidence
    return IncidentRecord(
        incident_id=data.incident_id,
        site=site,
        node=node,
        camera=data.camera,
        place_id=data.place_id,
        category=data.category,
        object_class=data.object_class,
        first_seen=min(data.first_seen, data.last_seen),
        last_seen=max(data.first_seen, data.last_seen),
        ended_at=data.ended_at if isinstance(data, IncidentClosed) else None,
        present_at_start=data.present_at_start,
        first=Ranked(rank, data.box),
        latest=Ranked(rank, Standing(data.box, data.zone, data.dwell, data.attended)),
        opening=Ranked(rank, _opening(data)) if isinstance(data, IncidentOpened) else None,
        appearance=Ranked(rank, appearance) if appearance else None,
        withheld=Ranked(rank, evidence.withheld) if evidence.withheld else None,
        shots=_earliest_shots([Ranked(rank, Shot(picture, data.box)) for picture in evidence.pictures]),
        abandoned_at=_abandoned_at(data),
    )


def merge(a: IncidentRecord, b: IncidentRecord) -> IncidentRecord:
    """Both records of one incident as one.

    Identity fields that should agree but do not (a faulty node) are taken from the earliest report, so that even
    then the order of arrival does not show.
    """
    lead = min((a, b), key=lambda record: record.first.rank)
    latest = max(a.latest, b.latest, key=lambda ranked: _by_time(ranked.rank))
    ended_at = max((end for end in (a.ended_at, b.ended_at) if end is not None), default=None)
    return IncidentRecord(
        incident_id=lead.incident_id,
        site=lead.site,
        node=lead.node,
        camera=lead.camera,
        place_id=lead.place_id,
        category=lead.category,
        object_class=lead.object_class,
        first_seen=min(a.first_seen, b.first_seen),
        last_seen=max(a.last_seen, b.last_seen),
        # What was seen after its end is back at its place and stands.
        ended_at=ended_at if latest.rank[0] == _CLOSED else None,
        present_at_start=a.present_at_start or b.present_at_start,
        first=lead.first,
        latest=latest,
        opening=_earliest(a.opening, b.opening),
        appearance=_earliest(a.appearance, b.appearance),
        withheld=_earliest(a.withheld, b.withheld),
        shots=_earliest_shots([*a.shots, *b.shots]),
        abandoned_at=earliest_of((a.abandoned_at, b.abandoned_at)),
    )


_CLOSED = 2


def earliest_of(moments: Iterable[datetime | None]) -> datetime | None:
    """The first moment of those that are known."""
    return min((moment for moment in moments if moment is not None), default=None)


def _abandoned_at(data: IncidentBase) -> datetime | None:
    """When it became abandoned; of a report that says no more than that it has, when it was last seen."""
    told = isinstance(data, IncidentUpdated) and data.reason_code == ABANDONED
    return data.abandoned_at or (data.last_seen if told else None)


def _rank(event: Event, data: IncidentBase) -> Rank:
    kind = 0 if isinstance(data, IncidentOpened) else _CLOSED if isinstance(data, IncidentClosed) else 1
    return kind, max(data.first_seen, data.last_seen), str(event.id)


def _by_time(rank: Rank) -> tuple[datetime, int, str]:
    kind, at, event_id = rank
    return at, kind, event_id


def _opening(data: IncidentOpened) -> Opening:
    return Opening(data.zone_polygon, data.score, data.reason, data.reason_code, data.position, data.model)


def _earliest(a: Ranked[T] | None, b: Ranked[T] | None) -> Ranked[T] | None:
    present = [ranked for ranked in (a, b) if ranked is not None]
    return min(present, key=lambda ranked: ranked.rank) if present else None


def _earliest_shots(shots: list[Ranked[Shot]]) -> tuple[Ranked[Shot], ...]:
    """One shot per (role, content), the earliest; in the order they were reported."""
    chosen: dict[tuple[str, str], Ranked[Shot]] = {}
    for shot in sorted(shots, key=_shot_order):
        chosen.setdefault((shot.value.picture.role, shot.value.picture.sha256), shot)
    return tuple(chosen.values())


def _shot_order(shot: Ranked[Shot]) -> tuple[Rank, str, str]:
    return shot.rank, str(shot.value.picture.role), shot.value.picture.sha256
