"""Points reach the time-series database, whatever happens to it, and delay nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.intake import Intake
from alerts.invariants import check_invariants, recompute_points
from alerts.points import line
from alerts.storage.database import Database
from alerts.storage.history import queue_points
from alerts.storage.tables import OutboxRow
from central.config import TimeSeriesSection
from central.time_series import EndpointUnavailable, InfluxEndpoint, LinesRefused, TimeSeriesWriter
from ingest.clock import ManualClock, SystemClock
from tests.alerts.reports import START, Node, Problem
from tests.servers import free_port
from tests.victoria import VictoriaMetrics
from tests.waiting import wait_for


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    opened.close()


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[VictoriaMetrics]:
    server = VictoriaMetrics(tmp_path / "victoria")
    yield server
    server.stop()


class Strict:
    """An endpoint that refuses every batch holding a marked line."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.requests = 0

    def write(self, lines: Sequence[str]) -> None:
        self.requests += 1
        if any("poison" in text for text in lines):
            raise LinesRefused("HTTP 400: field type conflict")
        self.taken += lines


def two_stories(node: Node) -> list[object]:
    """Two vehicles that do everything in the same instant, in one zone."""
    first = Problem(node, "first", place="a", box=(0.1, 0.1, 0.2, 0.2))
    second = Problem(node, "second", place="b", box=(0.6, 0.6, 0.8, 0.8))
    return [event for pair in zip(first.story(), second.story(), strict=True) for event in pair]


def fill(database: Database) -> None:
    node = Node()
    Intake(database).process([node.received(event) for event in two_stories(node)])  # type: ignore[arg-type]


def test_a_poison_line_is_found_and_put_aside_and_all_others_arrive(database: Database) -> None:
    endpoint = Strict()
    good = [line("m", {"site": "s"}, {"v": number}, START, str(number)) for number in range(37)]
    with database.write() as session:
        queue_points(session, [*good[:20], "poison v=1i 1", *good[20:]], START)
    writer = TimeSeriesWriter(database, endpoint, ManualClock(START))
    assert writer.step() == 38
    assert writer.step() == 0
    assert endpoint.taken == good
    assert endpoint.requests < 20
    with database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.quarantined_reason.is_not(None))).all()
        assert [(row.line, row.quarantined_reason) for row in rows] == [
            ("poison v=1i 1", "HTTP 400: field type conflict")
        ]


def test_an_endpoint_that_is_away_keeps_every_point_in_the_outbox(database: Database) -> None:
    fill(database)
    endpoint = InfluxEndpoint(TimeSeriesSection(url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(EndpointUnavailable):
        TimeSeriesWriter(database, endpoint, ManualClock(START)).step()
    endpoint.close()
    with database.read() as session:
        assert session.scalars(select(OutboxRow.delivered_at).distinct()).all() == [None]


def test_a_dead_endpoint_delays_no_intake_and_the_points_are_there_when_it_comes_back(
    database: Database, victoria: VictoriaMetrics
) -> None:
    endpoint = InfluxEndpoint(TimeSeriesSection(url=victoria.url))
    writer = TimeSeriesWriter(database, endpoint, SystemClock())
    writer.start()
    wait_for(lambda: writer.alive, what="the writer")
    fill(database)
    wait_for(lambda: writer.counters.get("endpoint_retries", 0) >= 1, what="a failed write")
    assert check_invariants(database) == []
    victoria.start()
    with database.read() as session:
        expected = sorted(recompute_points(session))
    wait_for(lambda: writer.counters.get("written", 0) == len(expected), timeout_s=60, what="all points written")
    writer.stop()
    endpoint.close()
    stored = []
    for name in ("kerbwatch_incident_opened", "kerbwatch_incident_closed", "kerbwatch_case_opened"):
        stored += [(name, at) for _, at, value in victoria.samples(name) if value == 1]
    said = []
    for text in expected:
        measurement, fields, nanoseconds = text.split(",")[0], text.split(" ")[1], text.split(" ")[2]
        said += [
            (f"{measurement}_{field}", int(nanoseconds) // 1_000_000)
            for field in re.findall(r"(opened|closed)=1i", fields)
        ]
    assert sorted(stored) == sorted(said)


def test_a_point_that_lies_is_found_by_the_checker(database: Database) -> None:
    fill(database)
    with database.write() as session:
        queue_points(session, [line("kerbwatch_case", {"site": "s"}, {"opened": 1}, START, "x")], START)
    assert [violation.invariant for violation in check_invariants(database)] == ["I5"]
