"""Makes the events of an imaginary node, complete and valid, for tests of the centre."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from alerts.inbound import Received
from ingest.messages import (
    Data,
    Dwell,
    Event,
    Evidence,
    EvidencePicture,
    EvidenceRole,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    Position,
    schema_urn,
    source_of,
)
from ingest.taxonomy import Category, ObjectClass
from ingest.topics import Channel, Topic

START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
_NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


def name_id(name: str) -> UUID:
    """A stable identifier for a readable name."""
    return uuid5(_NAMESPACE, name)


def at(seconds: float) -> datetime:
    """``seconds`` after the imaginary morning begins."""
    return START + timedelta(seconds=seconds)


@dataclass
class Node:
    """A node that numbers what it says."""

    site: str = "xuhui"
    name: str = "junction-17"
    spool_id: UUID = field(default_factory=lambda: name_id("spool"))
    boot_id: UUID = field(default_factory=lambda: name_id("boot"))
    seq: int = 0

    def event(self, data: Data, when: datetime, *, event_id: str | None = None, spooled: bool = True) -> Event:
        """An event with the next sequence number."""
        if spooled:
            self.seq += 1
        return Event(
            id=name_id(event_id or f"{self.site}/{self.name}/{self.seq}/{when.isoformat()}"),
            source=source_of(self.site, self.name, getattr(data, "camera", None)),
            type=data.TYPE,
            time=when,
            dataschema=schema_urn(type(data)),
            bootid=self.boot_id,
            spoolid=self.spool_id if spooled else None,
            seq=self.seq if spooled else None,
            data=data,
        )

    def received(self, event: Event, channel: Channel = Channel.EVENT, when: datetime | None = None) -> Received:
        """The event as the broker delivers it."""
        return Received(str(Topic(self.site, self.name, channel)), event.to_json(), 1, when or START)


@dataclass
class Problem:
    """One incident on a node's camera; ``begin`` and ``end`` in seconds after START."""

    node: Node
    incident: str
    begin: float = 0.0
    end: float = 100.0
    place: str = "bay"
    camera: str = "north"
    category: Category = Category.PARKED_VEHICLE
    object_class: ObjectClass = ObjectClass.VEHICLE
    box: tuple[float, float, float, float] = (0.2, 0.2, 0.4, 0.4)
    appearance: tuple[float, ...] = (1.0, 0.0)
    position: Position | None = None

    def _common(self, until: float, **more: Any) -> dict[str, Any]:
        return {
            "incident_id": name_id(self.incident),
            "place_id": name_id(self.place),
            "camera": self.camera,
            "zone": "no-stopping",
            "category": self.category,
            "object_class": self.object_class,
            "box": self.box,
            "first_seen": at(self.begin),
            "last_seen": at(until),
            "dwell": Dwell(observed_s=max(0.0, until - self.begin), threshold_s=20.0),
            **more,
        }

    def opened(self, after: float = 20.0, pictures: Iterable[EvidencePicture] = ()) -> Event:
        """The opening report, ``after`` seconds of dwell."""
        data = IncidentOpened(
            **self._common(self.begin + after, evidence=Evidence(pictures=tuple(pictures))),
            zone_polygon=SQUARE,
            score=0.9,
            reason="stood 20 s in no-stopping",
            reason_code="dwell_exceeded",
            appearance=self.appearance,
            position=self.position,
        )
        return self.node.event(data, at(self.begin + after), event_id=f"{self.incident}/opened")

    def updated(self, until: float, attended: float | None = None) -> Event:
        """A report that it still stood at ``until``."""
        data = IncidentUpdated(**self._common(until, attended=attended), appearance=self.appearance)
        return self.node.event(data, at(until), event_id=f"{self.incident}/updated/{until}")

    def abandoned(self, since: float, until: float | None = None) -> Event:
        """The report that tells it as abandoned ``since`` then; with ``until`` an ordinary one from later on."""
        first = until is None
        data = IncidentUpdated(
            **self._common(since if until is None else until, abandoned_at=at(since)),
            reason_code="abandoned" if first else "still_stands",
        )
        return self.node.event(data, data.last_seen, event_id=f"{self.incident}/abandoned/{since}/{until}")

    def closed(self) -> Event:
        """The report of its end."""
        data = IncidentClosed(**self._common(self.end), ended_at=at(self.end + 5), reason_code="looked_and_absent")
        return self.node.event(data, at(self.end + 5), event_id=f"{self.incident}/closed")

    def story(self) -> list[Event]:
        """Opened, updated half-way, closed."""
        return [self.opened(), self.updated((self.begin + self.end) / 2 + 10), self.closed()]


def picture(sha256: str, when: datetime = START) -> EvidencePicture:
    """A wide frame of the given content."""
    return EvidencePicture(role=EvidenceRole.WIDE, sha256=sha256, bytes=1000, width=640, height=480, taken_at=when)
