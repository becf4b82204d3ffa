"""What a late or new report can touch: the incidents and cases near an incident.

"Near" is coarse here (same camera, or positions within reach): it only has to hold everything that correlation
could link, directly or over others.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from alerts.correlation import Candidate, CorrelationPolicy
from alerts.lifecycle import OPEN_STATES, CaseState
from alerts.merge import IncidentRecord
from alerts.mutes import Mute
from alerts.partition import sighting_of
from alerts.storage.incidents import members_of
from alerts.storage.tables import CaseRow, IncidentRow, MembershipRow, MuteRow
from ingest.taxonomy import Category

_METRES_PER_DEGREE = 111_000.0
_CELL_DEGREES = 0.001
"""Side of a square of ground: about a hundred metres."""
_PLACES_PER_STATEMENT = 200
"""SQLite refuses conditions nested more than a thousand deep, and each place adds one or two."""


@dataclass
class Area:
    """Cameras and stretches of ground of one category, growing while neighbours are found."""

    category: Category
    reach_m: float
    cameras: set[str] = field(default_factory=set)
    cells: set[tuple[int, int]] = field(default_factory=set)
    """Squares of :data:`_CELL_DEGREES`: the positions of a busy camera would be too many for one statement."""

    def cover(self, camera: str, latitude: float | None, longitude: float | None) -> bool:
        """Take in a place; True if that made the area larger."""
        before = len(self.cameras), len(self.cells)
        self.cameras.add(camera)
        if latitude is not None and longitude is not None:
            self.cells.add(cell_of(latitude, longitude))
        return before != (len(self.cameras), len(self.cells))

    def without(self, other: Area) -> Area:
        """What this area holds beyond ``other``."""
        return Area(self.category, self.reach_m, self.cameras - other.cameras, self.cells - other.cells)

    def copy(self) -> Area:
        """The area as it is now."""
        return Area(self.category, self.reach_m, set(self.cameras), set(self.cells))

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """SQL: the incident lies in the area; one condition per statement, each within the database's limits."""
        places: list[str | tuple[int, int]] = [*sorted(self.cameras), *sorted(self.cells)]
        for part in range(0, len(places), _PLACES_PER_STATEMENT):
            chosen = places[part : part + _PLACES_PER_STATEMENT]
            cameras = [place for place in chosen if isinstance(place, str)]
            squares = [self._around(place) for place in chosen if not isinstance(place, str)]
            yield and_(IncidentRow.category == self.category, or_(IncidentRow.camera_key.in_(cameras), *squares))

    def _around(self, cell: tuple[int, int]) -> ColumnElement[bool]:
        south, north, west, east = reach_of(cell, self.reach_m)
        return and_(IncidentRow.latitude.between(south, north), IncidentRow.longitude.between(west, east))


def cell_of(latitude: float, longitude: float) -> tuple[int, int]:
    """The square of ground a position (degrees) lies in."""
    return math.floor(latitude / _CELL_DEGREES), math.floor(longitude / _CELL_DEGREES)


def reach_of(cell: tuple[int, int], reach_m: float) -> tuple[float, float, float, float]:
    """South, north, west and east (degrees) of all that lies within ``reach_m`` metres of a square."""
    south, west = cell[0] * _CELL_DEGREES, cell[1] * _CELL_DEGREES
    north, east = south + _CELL_DEGREES, west + _CELL_DEGREES
    high = reach_m / _METRES_PER_DEGREE
    polewards = min(90.0, max(abs(south), abs(north)) + high)
    wide = min(360.0, high / max(math.cos(math.radians(polewards)), 1e-3))
    return south - high, north + high, west - wide, east + wide


def area_of(records: Iterable[IncidentRecord], category: Category, policy: CorrelationPolicy) -> Area:
    """The area around incidents of one category."""
    area = Area(category, policy.categories[category].radius_m + policy.max_vagueness_m)
    for record in records:
        position = record.opening.value.position if record.opening else None
        area.cover(
            record.camera_key,
            position.latitude if position else None,
            position.longitude if position else None,
        )
    return area


Order = tuple[datetime, str, str]
"""The canonical order of incidents: occurrence, source, id."""


def undecided_in(session: Session, area: Area, since: datetime | None = None) -> dict[UUID, Order]:
    """Incidents of pending cases that lie in ``area``, those first seen before ``since`` (UTC) left out."""
    return {incident_id: order for incident_id, order, _ in _undecided(session, area, since)}


def undecided_around(session: Session, area: Area) -> dict[UUID, Order]:
    """Incidents of pending cases connected to ``area``, directly or over others."""
    found: dict[UUID, Order] = {}
    known, edge = area.copy(), area
    while edge.cameras or edge.cells:
        before = known.copy()
        for incident_id, order, position in _undecided(session, edge, None):
            found[incident_id] = order
            known.cover(order[1], *position)
        edge = known.without(before)
    return found


def _undecided(
    session: Session, area: Area, since: datetime | None
) -> Iterator[tuple[UUID, Order, tuple[float | None, float | None]]]:
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
        .where(CaseRow.state == CaseState.PENDING_REVIEW)
    )
    if since is not None:
        query = query.where(IncidentRow.first_seen >= since)
    for condition in area.conditions():
        for incident_id, first_seen, camera, latitude, longitude in session.execute(query.where(condition)):
            yield incident_id, (first_seen, camera, str(incident_id)), (latitude, longitude)


def candidates_in(
    session: Session, area: Area, *, since: datetime, without: Collection[UUID], policy: CorrelationPolicy
) -> list[Candidate]:
    """Cases in the area that an incident first seen at ``since`` (UTC) or later may join or follow.

    ``without`` are incidents about to be placed anew: they do not count as members.
    """
    horizon = since - timedelta(seconds=policy.recurrence_s)
    cases: dict[UUID, CaseRow] = {}
    for condition in area.conditions():
        near = (
            select(MembershipRow.case_id)
            .join(IncidentRow, IncidentRow.incident_id == MembershipRow.incident_id)
            .where(condition)
        )
        query = select(CaseRow).where(
            CaseRow.id.in_(near),
            or_(CaseRow.state.in_(OPEN_STATES), CaseRow.last_seen >= horizon),
        )
        cases |= {case.id: case for case in session.scalars(query)}
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
