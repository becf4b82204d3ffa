"""What nodes report beside cases is kept once and in order; times written before the time was known are put right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from alerts.cases import CaseService
from alerts.inbound import Outcome, OutcomeKind, Received
from alerts.intake import Intake
from alerts.invariants import check_invariants
from alerts.storage.database import Database
from alerts.storage.fleet_tables import CommandRow, ReportedRow
from alerts.storage.tables import DeadLetterRow, InboxRow
from ingest.clock import ManualClock
from ingest.fleet import CommandKind, CommandResult, ConfigReported
from ingest.messages import Event, NodeStatus
from tests.alerts.reports import START, Node, Problem, at, name_id

BACK = timedelta(days=365 * 50)
"""So far behind the truth the node's clock was when it started."""


def send(database: Database, event: Event, channel: str = "event") -> Outcome:
    topic = f"kerbwatch/v1/xuhui/junction-17/{channel}"
    return Intake(database).process([Received(topic, event.to_json(), 1, START)])[0]


def untrusted(event: Event, steady_s: float) -> Event:
    """The event as a node wrote it that was 50 years behind, ``steady_s`` after its boot."""
    from ingest.time_shift import shifted

    behind = shifted(event, -int(BACK / timedelta(milliseconds=1)))
    return behind.model_copy(
        update={"clocktrusted": False, "monotonicms": int(steady_s * 1000), "observedtime": behind.time}
    )


def status(node: Node, steady_s: float, **changes: Any) -> Event:
    event = node.event(NodeStatus(state="online", software="x"), at(steady_s), spooled=False)
    return event.model_copy(update={"clocktrusted": True, "monotonicms": int(steady_s * 1000), **changes})


def test_an_event_of_1976_is_stored_with_its_true_time_once_the_boot_has_learnt_it(database: Database) -> None:
    node = Node()
    opened = Problem(node, "one").opened()
    truly = (opened.time - START).total_seconds()
    send(database, status(node, 500.0), "status")
    assert send(database, untrusted(opened, truly)).kind is OutcomeKind.STORED
    (case,) = CaseService(database, ManualClock(START)).list_cases().cases
    assert case.last_seen == opened.data.last_seen  # type: ignore[union-attr]
    with database.read() as session:
        (row,) = session.scalars(select(InboxRow))
        assert row.occurred_at == opened.time
        assert row.time_shift_ms == BACK / timedelta(milliseconds=1)
    assert check_invariants(database) == [], "metrics recomputed from the inbox come out the same"


def test_without_the_time_of_its_boot_an_event_keeps_what_it_says(database: Database) -> None:
    node = Node()
    opened = Problem(node, "one").opened()
    send(database, status(node, 500.0, bootid=name_id("another boot")), "status")
    send(database, untrusted(opened, 20.0))
    with database.read() as session:
        (row,) = session.scalars(select(InboxRow))
        assert (row.occurred_at, row.time_shift_ms) == (opened.time - BACK, 0)


def test_a_status_that_does_not_trust_its_clock_puts_nothing_right(database: Database) -> None:
    node = Node()
    send(database, status(node, 500.0, clocktrusted=False), "status")
    send(database, untrusted(Problem(node, "one").opened(), 20.0))
    with database.read() as session:
        assert session.scalars(select(InboxRow.time_shift_ms)).one() == 0


def test_only_the_newest_report_is_kept_also_where_the_clock_was_set_back(database: Database) -> None:
    node = Node()

    def report(revision: int, seconds: float) -> Event:
        data = ConfigReported(revision=revision, state="applied", running_revision=revision)
        return node.event(data, at(seconds), spooled=False)

    for event in (report(2, 50), report(1, 10), report(3, -3600)):
        send(database, event, "config/reported")
    with database.read() as session:
        assert session.scalars(select(ReportedRow)).one().report["revision"] == 3


def test_a_result_counts_once_and_only_from_the_node_that_was_told(database: Database) -> None:
    command_id = name_id("command")
    with database.write() as session:
        session.add(
            CommandRow(
                id=command_id,
                site="xuhui",
                node="junction-17",
                kind="look_again",
                camera=None,
                issued_by="Li Na",
                issued_at=START,
                not_after=at(600),
                outcome="waiting",
                result=None,
                result_at=None,
            )
        )
    result = CommandResult(command_id=command_id, kind=CommandKind.LOOK_AGAIN, outcome="done")
    stranger = Node(name="junction-18")
    payload = stranger.event(result, START).to_json()
    Intake(database).process([Received("kerbwatch/v1/xuhui/junction-18/event", payload, 1, START)])
    assert outcome(database) == "waiting"
    node = Node()
    assert send(database, node.event(result, START)).release
    late = result.model_copy(update={"outcome": "failed"})
    send(database, node.event(late, at(5)))
    assert outcome(database) == "done"


def outcome(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(CommandRow.outcome)).one()


def test_an_order_on_a_nodes_channel_is_a_dead_letter(database: Database) -> None:
    node = Node()
    report = ConfigReported(revision=1, state="applied", running_revision=1)
    send(database, node.event(report, START, spooled=False), "status")
    send(database, node.event(NodeStatus(state="online", software="x"), START, spooled=False), "config/reported")
    with database.read() as session:
        assert {row.reason for row in session.scalars(select(DeadLetterRow))} == {"wrong_channel"}
