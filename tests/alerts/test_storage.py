"""The database is what the tables say, and keeps its promises by itself."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from alerts.intake import Intake
from alerts.storage import database as database_module
from alerts.storage.database import Database
from alerts.storage.tables import Base, CaseRow, DeadLetterRow
from alerts.storage.turns import Turns
from tests.alerts.reports import Node, Problem
from tests.waiting import wait_for

PLACES = {"a": (0.1, 0.1, 0.2, 0.2), "b": (0.6, 0.6, 0.8, 0.8)}


def test_a_fresh_upgrade_makes_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_opening_an_up_to_date_database_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    node = Node()
    first = Database(url)
    Intake(first).process([node.received(Problem(node, "one").opened())])
    first.close()
    second = Database(url)
    with second.read() as session:
        assert len(session.scalars(select(CaseRow)).all()) == 1
    second.close()


def test_sqlite_writes_ahead_and_syncs_fully(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


@pytest.mark.parametrize("statement", ["UPDATE case_history SET actor = 'x'", "DELETE FROM case_history"])
def test_history_refuses_to_be_changed(database: Database, statement: str) -> None:
    node = Node()
    Intake(database).process([node.received(Problem(node, "one").opened())])
    with pytest.raises(IntegrityError, match="append-only"), database.write() as session:
        session.execute(text(statement))


def test_two_open_cases_at_one_place_are_impossible(database: Database) -> None:
    node = Node()
    Intake(database).process(
        [node.received(Problem(node, name, place=name, box=box).opened()) for name, box in PLACES.items()]
    )
    with database.read() as session:
        places = session.scalars(select(CaseRow.place_id)).all()
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(CaseRow).where(CaseRow.place_id == places[1]).values(place_id=places[0]))


def test_a_writer_without_pause_does_not_starve_the_others() -> None:
    turns, order = Turns(), []

    def operator() -> None:
        with turns.turn(10):
            order.append("operator")

    thread = threading.Thread(target=operator)
    with turns.turn(10):
        thread.start()
        wait_for(lambda: turns.waiting == 1, what="the operator waiting")
    with turns.turn(10):
        order.append("intake again")
    thread.join()
    assert order == ["operator", "intake again"]


def test_a_turn_given_up_is_nobodys_and_the_next_one_gets_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.01)
    with database.write(), pytest.raises(WaitedTooLong, match="no turn"), database.write():
        pass
    with database.write() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_time_without_a_zone_is_refused_and_utc_comes_back(database: Database) -> None:
    node = Node()
    Intake(database).process([node.received(Problem(node, "one").opened())])
    with database.read() as session:
        assert session.scalars(select(CaseRow)).one().first_seen == datetime(2026, 1, 31, 8, tzinfo=UTC)
    naive = datetime(2026, 1, 31)  # noqa: DTZ001 - what must be refused
    with pytest.raises(StatementError), database.read() as session:
        session.scalars(select(DeadLetterRow).where(DeadLetterRow.first_at == naive)).all()
