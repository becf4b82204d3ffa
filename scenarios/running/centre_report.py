"""From the centre's database to a report: what the system said, in seconds since the scenario's start.

Works on any case database, whether the events came through a broker or straight into intake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from alerts.storage.database import Database
from alerts.storage.tables import (
    BlindnessRow,
    CaseRow,
    DeadLetterRow,
    EvictionRow,
    InboxRow,
    MembershipRow,
    NodeRow,
)
from ingest.messages import Blindness, Event, IncidentBase, IncidentClosed, IncidentOpened, parse_event
from ingest.taxonomy import Category
from ingest.time_shift import shifted
from ingest.topics import ROOT
from scenarios.language.claims import Subject
from scenarios.report import Report, SaidBlind, SaidBox, SaidCase, SaidIncident

BlindKey = tuple[str, str, datetime]
"""Camera, zone, since."""
Seconds = Callable[[str, datetime], float]
"""A camera's name and its node's time to seconds since the scenario's start; the name is '' for a bare case."""


def by_the_clock(starts_at: datetime) -> Seconds:
    """For nodes whose clock goes right, or that look at recordings; ``starts_at`` (UTC) is second 0."""
    return lambda _, moment: round((moment - starts_at).total_seconds(), 3)


@dataclass
class _Told:
    """What the events of one incident told, in order of arrival."""

    camera: str
    category: Subject
    first_seen: datetime
    reports: list[tuple[datetime, IncidentBase]] = field(default_factory=list)
    opened_at: datetime | None = None
    closed: tuple[datetime, IncidentClosed] | None = None

    @property
    def raised(self) -> datetime:
        """Told for the first time: also where the opening report itself was lost."""
        return self.opened_at or min(at for at, _ in self.reports)


def read_report(database: Database, site: str, starts_at: datetime, *, seconds: Seconds | None = None) -> Report:
    """All that the centre knows of ``site``; ``starts_at`` (UTC) is second 0 of the scenario.

    ``seconds``: where a node's clock was wrong, which true second its times mean; left out, they are taken as right.
    ``looks``, ``failed_looks`` and the nodes' counters come from the last heartbeat of each node; a runner without
    nodes fills them in itself. Dead letters and evictions are counted under ``dead_letter_*`` and ``evicted``.

    Raises:
        ContractError: The inbox holds what intake should have refused.
    """
    second = seconds or by_the_clock(starts_at)
    with database.read() as session:
        told, blind_told = _events_of(session, site)
        rows = session.scalars(select(CaseRow).where(CaseRow.site == site).order_by(CaseRow.number)).all()
        members = _members(session, [row.id for row in rows])
        case_of = {incident: case for case, incidents in members.items() for incident in incidents}
        alarmed = {
            key: second(item.camera, item.raised)
            for key, item in told.items()
            if item.category is Subject.SENSOR_ALARM
        }
        incidents = {
            key: _incident(key, item, case_of.get(key), second)
            for key, item in sorted(told.items(), key=_age)
            if key not in alarmed
        }
        looks, failed, counters = _node_counts(session, site)
        return Report(
            system="kerbwatch",
            cases=tuple(
                _sensor_case(row, [alarmed[key] for key in members.get(row.id, ()) if key in alarmed], second)
                if row.category is Category.SENSOR_ALARM
                else _case(row, [incidents[key] for key in members.get(row.id, ()) if key in incidents], second)
                for row in rows
            ),
            incidents=tuple(incidents.values()),
            blind=_blindness(session, site, blind_told, second),
            looks=looks,
            failed_looks=failed,
            counters=counters,
        )


def _age(item: tuple[UUID, _Told]) -> tuple[datetime, str]:
    return item[1].first_seen, str(item[0])


def _events_of(session: Session, site: str) -> tuple[dict[UUID, _Told], dict[BlindKey, datetime]]:
    told: dict[UUID, _Told] = {}
    blind: dict[BlindKey, datetime] = {}
    query = (
        select(InboxRow.payload, InboxRow.time_shift_ms)
        .where(InboxRow.source.startswith(f"/{site}/", autoescape=True))
        .order_by(InboxRow.id)
    )
    wanted = (InboxRow.type.startswith("kerbwatch.incident."), InboxRow.type == Blindness.TYPE)
    for payload, shift in session.execute(query.where(wanted[0] | wanted[1])):
        event = shifted(parse_event(payload), shift)
        if isinstance(event.data, Blindness):
            if event.data.state == "began":
                blind.setdefault((event.data.camera, event.data.zone, event.data.since), event.time)
        elif isinstance(event.data, IncidentBase):
            _note(told, event, event.data)
    return told, blind


def _note(told: dict[UUID, _Told], event: Event, data: IncidentBase) -> None:
    item = told.setdefault(
        data.incident_id, _Told(data.camera, Subject(data.category.value), min(data.first_seen, data.last_seen))
    )
    item.first_seen = min(item.first_seen, data.first_seen)
    item.reports.append((event.time, data))
    if isinstance(data, IncidentOpened):
        item.opened_at = event.time
    elif isinstance(data, IncidentClosed):
        item.closed = (event.time, data)
    elif item.closed and event.time > item.closed[0]:
        item.closed = None  # who is back at its place goes on with its incident


def _incident(key: UUID, item: _Told, case: UUID | None, second: Seconds) -> SaidIncident:
    reports = sorted(item.reports, key=lambda report: report[0])
    _, last = reports[-1]
    boxes = [SaidBox(at_s=second(item.camera, at), box=data.box) for at, data in reports]
    return SaidIncident(
        id=str(key),
        case=None if case is None else str(case),
        camera=item.camera,
        category=item.category,
        boxes=tuple(_changes(boxes)),
        first_seen_s=second(item.camera, item.first_seen),
        last_seen_s=max(second(item.camera, data.last_seen) for _, data in reports),
        raised_s=second(item.camera, item.raised),
        ended_s=None if item.closed is None else second(item.camera, item.closed[0]),
        end_reason=None if item.closed is None else item.closed[1].reason_code,
        observed_s=last.dwell.observed_s,
        bridged_s=last.dwell.bridged_s,
        present_at_start=any(data.present_at_start for _, data in reports),
    )


def _changes(boxes: Sequence[SaidBox]) -> list[SaidBox]:
    """Without the repetitions of a box that stayed where it was."""
    kept: list[SaidBox] = []
    for box in boxes:
        if not kept or kept[-1].box != box.box:
            kept.append(box)
    return kept


def _members(session: Session, cases: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    query = select(MembershipRow.case_id, MembershipRow.incident_id)
    members: dict[UUID, list[UUID]] = {case: [] for case in cases}
    for case, incident in session.execute(query):
        if case in members:
            members[case].append(incident)
    return members


def _case(row: CaseRow, incidents: Sequence[SaidIncident], second: Seconds) -> SaidCase:
    """A case counts from its first incident's telling: the centre's own clock runs apart from recorded time."""
    raised = [incident.raised_s for incident in incidents]
    return SaidCase(
        id=str(row.id),
        category=Subject(row.category.value),
        created_s=min(raised) if raised else second("", row.first_seen),
        incidents=tuple(sorted(incident.id for incident in incidents)),
    )


def _sensor_case(row: CaseRow, raised: Sequence[float], second: Seconds) -> SaidCase:
    """A sensor's case is judged by sensor and time; its incidents are no camera's, and have no place in a picture."""
    return SaidCase(
        id=str(row.id),
        category=Subject.SENSOR_ALARM,
        created_s=min(raised) if raised else second("", row.first_seen),
        sensor=row.camera,
    )


def _blindness(
    session: Session, site: str, told: dict[BlindKey, datetime], second: Seconds
) -> tuple[SaidBlind, ...]:
    query = select(BlindnessRow).where(BlindnessRow.site == site)
    return tuple(
        SaidBlind(
            camera=row.camera,
            zone=row.zone,
            from_s=second(row.camera, row.since),
            told_s=second(row.camera, told.get((row.camera, row.zone, row.since), row.since)),
            to_s=None if row.until is None else second(row.camera, row.until),
            reason=row.reason_code,
        )
        for row in session.scalars(query.order_by(BlindnessRow.since, BlindnessRow.camera, BlindnessRow.zone))
    )


def _node_counts(session: Session, site: str) -> tuple[int, int, dict[str, int]]:
    looks = failed = 0
    counters: Counter[str] = Counter()
    for row in session.scalars(select(NodeRow).where(NodeRow.site == site)):
        cameras: list[dict[str, Any]] = row.status.get("cameras", [])
        looks += sum(int(camera["looks"]) for camera in cameras)
        failed += sum(int(camera["looks_failed"]) for camera in cameras)
        counters.update({str(name): int(value) for name, value in row.status.get("counters", {}).items()})
    counters.update(_refused(session, site))
    return looks, failed, dict(counters)


def _refused(session: Session, site: str) -> dict[str, int]:
    query = select(DeadLetterRow.reason, func.sum(DeadLetterRow.times)).group_by(DeadLetterRow.reason)
    prefix = f"{ROOT}/{site}/"
    found = session.execute(query.where(DeadLetterRow.topic.startswith(prefix, autoescape=True)))
    refused = {f"dead_letter_{reason}": int(times) for reason, times in found}
    evicted = session.scalar(select(func.sum(EvictionRow.count)).where(EvictionRow.site == site))
    return refused | ({"evicted": int(evicted)} if evicted else {})
