"""What a late or new report can touch: the incidents and cases near an incident.

"Near" is coarse here (same camera, or positions within reach): it only has to hold everything that correlation
could link, directly or over others.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from alerts.correlation import Candidate, CorrelationPolicy
from alerts.lifecycle import CaseState
from alerts.merge import IncidentRecord
from alerts.mutes import Mute
from alerts.partition import sighting_of
from alerts.storage.incidents import members_of
from alerts.storage.tables import CaseRow, IncidentRow, MembershipRow, MuteRow
from ingest.taxonomy import Category

_METRES_PER_DEGREE = 111_000.0


@dataclass
class Area:
    """Cameras and positions of one category, growing while neighbours are found."""

    category: Category
    reach_m: float
    cameras: set[str] = field(default_factory=set)
    positions: set[tuple[float, float]] = field(default_factory=set)

    def cover(self, camera: str, latitude: float | None, longitude: float | None) -> bool:
        """Take in a place; True if that made the area larger."""
        before = len(self.cameras), len(self.positions)
        self.cameras.add(camera)
        if latitude is not None and longitude is not None:
            self.positions.add((latitude, longitude))
        return before != (len(self.cameras), len(self.positions))

    def holds_incident(self) -> ColumnElement[bool]:
        """SQL: the incident lies in the area."""
        boxes = [self._around(latitude, longitude) for latitude, longitude in sorted(self.positions)]
        return and_(
            IncidentRow.category == self.category,
            or_(IncidentRow.camera_key.in_(sorted(self.cameras)), *boxes),
        )

    def _around(self, latitude: float, longitude: float) -> ColumnElement[bool]:
        north = self.reach_m / _METRES_PER_DEGREE
        east = min(360.0, north / max(math.cos(math.radians(latitude)), 1e-3))
        return and_(
            IncidentRow.latitude.between(latitude - north, latitude + north),
            IncidentRow.longitude.between(longitude - east, longitude + east),
        )


def area_of(record: IncidentRecord, policy: CorrelationPolicy) -> Area:
    """The area around one incident."""
    reach = policy.categories[record.category].radius_m + policy.max_vagueness_m
    area = Area(record.category, reach)
    position = record.opening.value.position if record.opening else None
    area.cover(
        record.camera_key,
        position.latitude if position else None,
        position.longitude if position else None,
    )
    return area


def undecided_incidents(session: Session, area: Area) -> dict[UUID, tuple[datetime, str, str]]:
    """Incidents of pending cases connected to ``area``, with their canonical order; ``area`` grows to hold them."""
    found: dict[UUID, tuple[datetime, str, str]] = {}
    grown = True
    while grown:
        query = (
            select(
                IncidentRow.incident_id,
                IncidentRow.first_seen,
                IncidentRow.camera_key,
                IncidentRow.latitude,
                IncidentRow.longitude,
            )
            .join(MembershipRow, MembershipRow.incident_id == IncidentRow.incident_id)
            .join(CaseRow, CaseRow.id == MembershipRow.case_id)
            .where(CaseRow.state == CaseState.PENDING_REVIEW, area.holds_incident())
        )
        grown = False
        for incident_id, first_seen, camera, latitude, longitude in session.execute(query).all():
            found[incident_id] = (first_seen, camera, str(incident_id))
            grown |= area.cover(camera, latitude, longitude)
    return found


def candidates_in(
    session: Session, area: Area, *, since: datetime, without: Collection[UUID], policy: CorrelationPolicy
) -> list[Candidate]:
    """Cases in the area that an incident first seen at ``since`` (UTC) or later may join or follow.

    ``without`` are incidents about to be placed anew: they do not count as members.
    """
    horizon = since - timedelta(seconds=policy.recurrence_s)
    near = (
        select(MembershipRow.case_id)
        .join(IncidentRow, IncidentRow.incident_id == MembershipRow.incident_id)
        .where(area.holds_incident())
    )
    query = select(CaseRow).where(
        CaseRow.id.in_(near),
        or_(CaseRow.state.in_((CaseState.PENDING_REVIEW, CaseState.FILED)), CaseRow.last_seen >= horizon),
    )
    cases = {case.id: case for case in session.scalars(query)}
    members = members_of(session, list(cases))
    candidates = []
    for case_id, records in members.items():
        anchor_id = cases[case_id].anchor_incident_id
        kept = [record for record in records if record.incident_id not in without]
        kept = sorted(kept, key=lambda record: record.incident_id != anchor_id)
        if kept:
            sightings = tuple(sighting_of(record) for record in kept)
            candidates.append(Candidate(case_id, cases[case_id].state, sightings))
    return candidates


def mutes_in(session: Session, area: Area) -> list[Mute]:
    """Every mute of the area's cameras, ended ones too: each judges by when an incident arrived."""
    query = select(MuteRow).where(MuteRow.category == area.category, MuteRow.camera_key.in_(sorted(area.cameras)))
    return [mute_of(row) for row in session.scalars(query)]


def mute_of(row: MuteRow) -> Mute:
    """The pure record of a row."""
    x1, y1, x2, y2 = _floats(row.box)
    return Mute(
        id=row.id,
        camera=row.camera_key,
        category=row.category,
        place_id=row.place_id,
        box=(x1, y1, x2, y2),
        appearance=_floats(row.appearance),
        created_at=row.created_at,
        until=row.until,
        revoked_at=row.revoked_at,
    )


def _floats(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
