"""The node's one database file: opened safely, or moved aside when it is damaged.

WAL with ``synchronous=FULL``: a committed look survives a power cut. One connection serves all threads behind
one lock; a look's outcome (events, picture queue, checkpoint) is one transaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE spool (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    rank INTEGER NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    size INTEGER NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX spool_by_rank ON spool (rank, seq);
CREATE TABLE spool_size (events INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO spool_size VALUES (0, 0);
CREATE TRIGGER spool_grows AFTER INSERT ON spool BEGIN
    UPDATE spool_size SET events = events + 1, bytes = bytes + new.size;
END;
CREATE TRIGGER spool_fills AFTER UPDATE OF size ON spool BEGIN
    UPDATE spool_size SET bytes = bytes + new.size - old.size;
END;
CREATE TRIGGER spool_shrinks AFTER DELETE ON spool BEGIN
    UPDATE spool_size SET events = events - 1, bytes = bytes - old.size;
END;
CREATE TABLE evicted (
    reason TEXT PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL, count INTEGER NOT NULL
) STRICT;
CREATE TABLE raised (seq INTEGER PRIMARY KEY, source TEXT NOT NULL, event_id TEXT NOT NULL) STRICT;
CREATE TABLE checkpoint (
    camera TEXT PRIMARY KEY, origin TEXT NOT NULL, position_s REAL, memory BLOB NOT NULL, looked_at TEXT NOT NULL
) STRICT;
CREATE TABLE picture (
    sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, state TEXT NOT NULL, added INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX picture_by_state ON picture (state, added);
"""


class DatabaseError(Exception):
    """A database that cannot be used and must not be touched (another version, no permission)."""


@dataclass(frozen=True)
class Salvage:
    """What is known of a database that was moved aside: where it lies, and what its spool held if readable."""

    moved_to: Path
    spool_id: UUID | None
    first_seq: int
    last_seq: int
    count: int


class Database:
    """The open file. Use :meth:`transaction` for all access."""

    def __init__(self, connection: sqlite3.Connection, spool_id: UUID, salvage: Salvage | None) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.spool_id = spool_id
        self.salvage = salvage

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One thread at a time; committed when the block ends, rolled back when it raises."""
        with self._lock:
            # IMMEDIATE: a write lock that cannot be had is known before any work is done.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The same lock, without a transaction."""
        with self._lock:
            yield self._connection

    def close(self) -> None:
        """Close the file; every transaction that ended is safe."""
        with self._lock:
            self._connection.close()


def open_database(path: Path, *, now: datetime) -> Database:
    """Open or create the node's database.

    A damaged file is moved aside (``<name>.damaged-<time>``) and a new one, with a new spool id, takes its
    place: the node must see again even when its memory is lost.

    Raises:
        DatabaseError: The file is of another version, or cannot be read or written at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    salvage = None
    try:
        connection = _connect(path)
        _check(connection)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and not _means_damage(error):
            raise DatabaseError(f"{path}: {error}; check the file's permissions and the disk") from error
        salvage = _move_aside(path, now)
        connection = _connect(path)
        _check(connection)
    spool_id = UUID(_meta(connection, "spool_id"))
    return Database(connection, spool_id, salvage)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10.0)


def _check(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file; refuse one that is damaged (sqlite's DatabaseError) or of another version.

    Nothing is written to a file of another version, not even its journal mode.
    """
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise DatabaseError(
                f"database version {version}, this program knows {SCHEMA_VERSION}; use the program that wrote it"
            )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=200"):
            connection.execute(f"PRAGMA {pragma}")
        if version == 0:
            _create(connection)
            return
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"quick_check: {verdict}")
        UUID(_meta(connection, "spool_id"))
    except ValueError as error:
        connection.close()
        raise sqlite3.DatabaseError(str(error)) from error
    except BaseException:
        connection.close()
        raise


def _create(connection: sqlite3.Connection) -> None:
    connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA}")
    connection.execute("INSERT INTO meta VALUES ('spool_id', ?)", (str(uuid4()),))
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _meta(connection: sqlite3.Connection, key: str) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise ValueError(f"meta.{key} is missing")
    return str(row[0])


def _means_damage(error: sqlite3.OperationalError) -> bool:
    text = str(error)
    return "malformed" in text or "no such table" in text or "no such column" in text


def _move_aside(path: Path, now: datetime) -> Salvage:
    stamp = now.strftime("%Y%m%dT%H%M%S%f")
    target = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(target.with_name(target.name + suffix))
    return _salvage(target)


def _salvage(path: Path) -> Salvage:
    """What the damaged file still says about its spool; nothing of it is trusted as an event."""
    with suppress(sqlite3.Error, ValueError, TypeError), closing(sqlite3.connect(path)) as connection:
        spool_id = UUID(_meta(connection, "spool_id"))
        first, last, count = connection.execute("SELECT min(seq), max(seq), count(*) FROM spool").fetchone()
        return Salvage(path, spool_id, int(first or 0), int(last or 0), int(count))
    return Salvage(path, None, 0, 0, 0)
