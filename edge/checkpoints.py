"""Where each camera was and what it remembered, written in the transaction of the look that it describes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from edge.database import Database


@dataclass(frozen=True)
class Checkpoint:
    """A camera after a look.

    Attributes:
        origin: What the position counts from (source and start); another origin makes it meaningless.
        position_s: Media position of the last look; ``None`` for live sources.
        memory: The observer's snapshot.
        looked_at: UTC time of the look.
    """

    camera: str
    origin: str
    position_s: float | None
    memory: bytes
    looked_at: datetime


def save_checkpoint(connection: sqlite3.Connection, checkpoint: Checkpoint) -> None:
    """Write inside the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?, ?, ?)",
        (
            checkpoint.camera,
            checkpoint.origin,
            checkpoint.position_s,
            checkpoint.memory,
            checkpoint.looked_at.isoformat(),
        ),
    )


def load_checkpoint(database: Database, camera: str) -> Checkpoint | None:
    """The camera's last checkpoint."""
    with database.reading() as connection:
        row = connection.execute(
            "SELECT origin, position_s, memory, looked_at FROM checkpoint WHERE camera = ?", (camera,)
        ).fetchone()
    if row is None:
        return None
    looked_at = datetime.fromisoformat(row[3]).astimezone(UTC)
    return Checkpoint(camera, str(row[0]), row[1], bytes(row[2]), looked_at)
