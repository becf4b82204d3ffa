from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from alerts.inbound import Received
from alerts.intake import Intake
from alerts.storage.database import Database
from ingest.messages import (
    Blindness,
    Data,
    Dwell,
    Event,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    NodeStatus,
    schema_urn,
    source_of,
)
from ingest.taxonomy import Category, ObjectClass
from scenarios.running.centre_report import read_report

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
BOX = (0.4, 0.4, 0.5, 0.5)
MOVED = (0.42, 0.4, 0.52, 0.5)


@pytest.fixture
def database() -> Iterator[Database]:
    made = Database("sqlite://")
    yield made
    made.close()


def _at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def _send(database: Database, *events: tuple[float, Data], site: str = "site-a", channel: str = "event") -> None:
    messages = []
    for number, (second, data) in enumerate(events, 1):
        event = Event(
            id=UUID(int=1000 * len(site) + number + int(second)),
            source=source_of(site, "node-1", "cam"),
            type=data.TYPE,
            time=_at(second),
            dataschema=schema_urn(type(data)),
            spoolid=UUID(int=7),
            seq=number,
            data=data,
        )
        messages.append(Received(f"kerbwatch/v1/{site}/node-1/{channel}", event.to_json(), 1, _at(99999)))
    Intake(database).process(messages)


def _shared(incident: int, last_s: float, box: tuple[float, float, float, float] = BOX) -> dict[str, object]:
    return {
        "incident_id": UUID(int=incident),
        "place_id": UUID(int=50 + incident),
        "camera": "cam",
        "zone": "lane",
        "category": Category.PARKED_VEHICLE,
        "object_class": ObjectClass.VEHICLE,
        "box": box,
        "first_seen": _at(10),
        "last_seen": _at(last_s),
        "dwell": Dwell(observed_s=last_s - 10, threshold_s=20.0),
    }


def _opened(incident: int, last_s: float = 30) -> IncidentOpened:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    return IncidentOpened(
        **_shared(incident, last_s),
        zone_polygon=corners,
        score=0.8,
        reason="stood",
        reason_code="dwell_exceeded",
    )


def _updated(incident: int, last_s: float) -> IncidentUpdated:
    return IncidentUpdated(**_shared(incident, last_s, MOVED))


def _closed(incident: int, last_s: float) -> IncidentClosed:
    return IncidentClosed(
        **_shared(incident, last_s, MOVED),
        ended_at=_at(last_s),
        reason_code="looked_and_absent",
    )


def test_an_incidents_life_is_told_in_seconds_of_the_scenario(database: Database) -> None:
    _send(database, (30.5, _opened(1)), (90, _updated(1, 90)), (120, _closed(1, 110)))
    (incident,) = read_report(database, "site-a", START).incidents
    assert (incident.first_seen_s, incident.last_seen_s, incident.raised_s, incident.ended_s) == (
        10,
        110,
        30.5,
        120,
    )
    assert [(box.at_s, box.box) for box in incident.boxes] == [(30.5, BOX), (90, MOVED)]
    assert (incident.observed_s, incident.end_reason) == (100, "looked_and_absent")


def test_the_order_of_arrival_changes_nothing(database: Database) -> None:
    _send(database, (120, _closed(1, 110)), (90, _updated(1, 90)), (30.5, _opened(1)))
    (incident,) = read_report(database, "site-a", START).incidents
    assert (incident.raised_s, incident.ended_s, incident.observed_s) == (30.5, 120, 100)


def test_a_case_counts_from_its_first_telling_not_from_the_centres_clock(database: Database) -> None:
    _send(database, (30.5, _opened(1)))
    (case,) = read_report(database, "site-a", START).cases
    assert (case.created_s, case.incidents) == (30.5, (str(UUID(int=1)),))


def test_another_sites_events_stay_out(database: Database) -> None:
    _send(database, (30, _opened(1)))
    _send(database, (30, _opened(2)), site="site-ab")
    report = read_report(database, "site-a", START)
    assert [incident.id for incident in report.incidents] == [str(UUID(int=1))]
    assert len(report.cases) == 1


def test_blindness_says_since_when_and_when_it_was_told(database: Database) -> None:
    shared = {"camera": "cam", "zone": "lane", "reason_code": "offline", "since": _at(40)}
    began = Blindness(**shared, state="began")
    ended = Blindness(**shared, state="ended", until=_at(70))
    _send(database, (51, began), (70, ended))
    (blind,) = read_report(database, "site-a", START).blind
    assert (blind.from_s, blind.told_s, blind.to_s, blind.reason) == (40, 51, 70, "offline")


def test_what_nodes_counted_and_what_was_refused_is_in_the_report(database: Database) -> None:
    camera = {"name": "cam", "state": "ended", "looks": 12, "looks_failed": 3}
    status = NodeStatus.model_validate(
        {"state": "online", "software": "test", "cameras": (camera,), "counters": {"camera.memory": 4}}
    )
    _send(database, (60, status), channel="status")
    Intake(database).process([Received("kerbwatch/v1/site-a/node-1/event", b"{}", 1, _at(0))])
    report = read_report(database, "site-a", START)
    assert (report.looks, report.failed_looks) == (12, 3)
    assert report.counters == {"camera.memory": 4, "dead_letter_unknown_type": 1}
