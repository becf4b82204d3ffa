"""Totals that survive restarts, changed inside the transaction of what they count."""

from __future__ import annotations

import sqlite3


def count(connection: sqlite3.Connection, name: str, by: int = 1) -> None:
    """Add to a total; zero writes nothing."""
    if by:
        connection.execute(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (name, by),
        )


def counter_values(connection: sqlite3.Connection) -> dict[str, int]:
    """All totals by name."""
    return {str(name): int(value) for name, value in connection.execute("SELECT name, value FROM counters")}
