"""Where fleet state is kept: tables of its own in the node's one database file, so that it commits with events.

A database that is damaged takes this state with it: the node then runs its file alone, and the desired state, which
the broker retains, comes again.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError

from edge.database import Database

log = structlog.get_logger(__name__)

Record = TypeVar("Record", bound=BaseModel)

MOST_COMMANDS = 1000
"""Commands remembered. A node that is flooded with more refuses new ones until old ones have ended."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS fleet_state (name TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS fleet_command ("
    "id TEXT PRIMARY KEY, not_after REAL NOT NULL, order_json TEXT NOT NULL, state TEXT NOT NULL) STRICT",
)


@dataclass(frozen=True)
class KeptCommand:
    """A command that was taken: the order as JSON, and whether it has its result."""

    command_id: UUID
    order_json: str


class FleetStore:
    """State by name, and commands by identity."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.transaction() as connection:
            for statement in _TABLES:
                connection.execute(statement)

    def load(self, name: str, kind: type[Record]) -> Record:
        """The record of that name; a new one where there is none, or none that can be read (said in the log)."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT record FROM fleet_state WHERE name = ?", (name,)).fetchone()
        if row is None:
            return kind()
        try:
            return kind.model_validate_json(row[0])
        except ValidationError as error:
            log.error("fleet.state_unreadable", name=name, error=str(error)[:300])
            return kind()

    def save(self, name: str, record: BaseModel) -> None:
        """Replace the record of that name, whole and durably."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO fleet_state VALUES (?, ?)", (name, record.model_dump_json())
            )

    def take(self, command_id: UUID, not_after: datetime, order_json: str) -> str:
        """Remember a command: ``taken``, ``known`` (its effect is had, or on its way) or ``too_many``."""
        with self._database.transaction() as connection:
            known = connection.execute("SELECT 1 FROM fleet_command WHERE id = ?", (str(command_id),)).fetchone()
            if known is not None:
                return "known"
            if connection.execute("SELECT count(*) FROM fleet_command").fetchone()[0] >= MOST_COMMANDS:
                return "too_many"
            connection.execute(
                "INSERT INTO fleet_command VALUES (?, ?, ?, 'waiting')",
                (str(command_id), not_after.timestamp(), order_json),
            )
        return "taken"

    def waiting(self) -> list[KeptCommand]:
        """Commands without a result, in the order in which they were taken."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id, order_json FROM fleet_command WHERE state = 'waiting' ORDER BY rowid LIMIT 100"
            ).fetchall()
        return [KeptCommand(UUID(row[0]), str(row[1])) for row in rows]

    def settle(self, connection: sqlite3.Connection, command_id: UUID) -> bool:
        """Mark a command as done inside the transaction that spools its result; ``False``: it was already."""
        done = connection.execute(
            "UPDATE fleet_command SET state = 'done' WHERE id = ? AND state = 'waiting'", (str(command_id),)
        )
        return done.rowcount == 1

    def forget(self, before: datetime) -> int:
        """Forget commands that are done and whose time was over before ``before``: by then they are refused as late."""
        with self._database.transaction() as connection:
            gone = connection.execute(
                "DELETE FROM fleet_command WHERE state = 'done' AND not_after < ?",
                (before.astimezone(UTC).timestamp(),),
            )
            return gone.rowcount
