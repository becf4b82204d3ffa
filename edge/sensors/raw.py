"""Raw readings kept on the box (原始数据留存): a ring per sensor in a file of its own, read by a command.

It holds nothing that is promised: the file may be deleted at any time, and what it cannot take is counted.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

FILE = "raw-readings.db"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS raw (
    sensor TEXT NOT NULL, slot INTEGER NOT NULL, number INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    given REAL, value REAL, note TEXT NOT NULL, PRIMARY KEY (sensor, slot)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True)
class RawReading:
    """A reading as it came. ``given`` is in the source's unit, ``value`` in the quantity's own; ``note``: why none."""

    at: datetime
    given: float | None
    value: float | None
    note: str = ""


class RawRing:
    """The file. Safe to call from any thread; never raises for what the disk does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._next: dict[str, int] = {}
        self._counters: Counter[str] = Counter()
        self._connection: sqlite3.Connection | None = None

    @property
    def counters(self) -> dict[str, int]:
        """Raw readings kept and lost, and how often the file had to be begun anew."""
        with self._lock:
            return dict(self._counters)

    def keep(self, sensor: str, readings: Sequence[RawReading], most: int) -> None:
        """Put readings into a sensor's ring of ``most``."""
        if most <= 0 or not readings:
            return
        with self._lock:
            try:
                self._write(sensor, readings[-most:], most)
                self._counters["raw_kept"] += len(readings)
            except sqlite3.Error as error:
                self._counters["raw_lost"] += len(readings)
                log.warning("sensors.raw_lost", sensor=sensor, readings=len(readings), error=str(error))
                self._begin_anew(error)

    def _write(self, sensor: str, readings: Sequence[RawReading], most: int) -> None:
        connection = self._opened()
        number = self._next.get(sensor)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if number is None:
                number = self._fit(connection, sensor, most)
            for offset, reading in enumerate(readings):
                at_ms = (reading.at - _EPOCH) // timedelta(milliseconds=1)
                row = (sensor, (number + offset) % most, number + offset, at_ms)
                connection.execute(
                    "INSERT OR REPLACE INTO raw VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*row, reading.given, reading.value, reading.note),
                )
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        self._next[sensor] = number + len(readings)

    def _fit(self, connection: sqlite3.Connection, sensor: str, most: int) -> int:
        """The next number; a ring whose size was changed keeps its newest."""
        rows = connection.execute(
            "SELECT number, at_ms, given, value, note FROM raw WHERE sensor = ? ORDER BY number DESC LIMIT ?",
            (sensor, most),
        ).fetchall()
        if not rows:
            return 0
        connection.execute("DELETE FROM raw WHERE sensor = ?", (sensor,))
        connection.executemany(
            "INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(sensor, number % most, number, *rest) for number, *rest in rows],
        )
        return int(rows[0][0]) + 1

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._path, check_same_thread=False, isolation_level=None, timeout=2.0
            )
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=200"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(_SCHEMA)
        return self._connection

    def _begin_anew(self, error: sqlite3.Error) -> None:
        """A file that is no database is put away: nothing in it was promised."""
        self._close()
        if isinstance(error, sqlite3.OperationalError):
            return
        self._counters["raw_begun_anew"] += 1
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _close(self) -> None:
        self._next.clear()
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()


def read_raw(
    path: Path, sensor: str, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[RawReading]:
    """A sensor's raw readings from ``since`` to before ``until`` (UTC), oldest first; also while a node writes.

    Raises:
        FileNotFoundError: There is no such file: nothing was kept yet.
        sqlite3.Error: It cannot be read.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    low = -(2**62) if since is None else (since - _EPOCH) // timedelta(milliseconds=1)
    high = 2**62 if until is None else (until - _EPOCH) // timedelta(milliseconds=1)
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)) as connection:
        rows = connection.execute(
            "SELECT at_ms, given, value, note FROM raw WHERE sensor = ? AND at_ms >= ? AND at_ms < ? ORDER BY number",
            (sensor, low, high),
        )
        for at_ms, given, value, note in rows:
            yield RawReading(_EPOCH + timedelta(milliseconds=at_ms), given, value, note)
