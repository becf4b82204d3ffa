"""Evidence pictures on disk: content-addressed files, their upload queue, their quota.

A file is written (and synced) before the event that names it is spooled; a crash in between leaves a file that
nothing names, which the sweep at the next start removes. Uploaded pictures stay as long as the quota allows.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from edge.counters import count
from edge.database import Database
from ingest.sealed import is_sealed

log = structlog.get_logger(__name__)

QUOTA_BYTES = 4 * 1024 * 1024 * 1024
"""Evidence kept on disk: at 150 KiB a picture some 28,000 of them."""

_NAME = re.compile(r"^[0-9a-f]{64}\.(jpg|sealed)$")


class PictureState(StrEnum):
    """Where a picture is on its way."""

    QUEUED = "queued"
    UPLOADED = "uploaded"
    REFUSED = "refused"


@dataclass(frozen=True)
class StoredPicture:
    """A file of the store."""

    sha256: str
    size: int


@dataclass(frozen=True)
class QueuedPicture:
    """A picture to send; ``attempts`` counts the failed ones."""

    sha256: str
    path: Path
    attempts: int


class PictureStore:
    """The folder of evidence and its table.

    Args:
        database: The node's database.
        folder: Where the files lie; made when absent.
        quota_bytes: Files beyond it are evicted: uploaded ones first, then refused, then queued; oldest first.
    """

    def __init__(self, database: Database, folder: Path, *, quota_bytes: int = QUOTA_BYTES) -> None:
        self._database = database
        self._folder = folder
        self._quota_bytes = quota_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where a picture lies: ``.sealed`` for a sealed original, else ``.jpg``."""
        sealed = self._folder / f"{sha256}.sealed"
        return sealed if sealed.exists() else self._folder / f"{sha256}.jpg"

    def write(self, content: bytes) -> StoredPicture:
        """Put a picture on disk, whole or not at all; the same content twice is one file.

        Raises:
            OSError: The disk does not take it.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        target = self._folder / f"{sha256}{'.sealed' if is_sealed(content) else '.jpg'}"
        if not target.exists():
            partial = target.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}.part")
            try:
                with partial.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(target)
            finally:
                partial.unlink(missing_ok=True)
            self._sync_folder()
        return StoredPicture(sha256, len(content))

    def enqueue(self, connection: sqlite3.Connection, pictures: Iterable[StoredPicture]) -> None:
        """Queue pictures for upload inside the caller's transaction."""
        for picture in pictures:
            added = connection.execute(
                "INSERT INTO picture (sha256, size, state, added) "
                "VALUES (?, ?, ?, (SELECT coalesce(max(added), 0) + 1 FROM picture)) "
                "ON CONFLICT (sha256) DO NOTHING",
                (picture.sha256, picture.size, PictureState.QUEUED.value),
            ).rowcount
            count(connection, "pictures_total", added)

    def next_due(self, now_s: float) -> QueuedPicture | None:
        """The oldest queued picture whose next try is due (``now_s``: seconds since the epoch)."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT sha256, attempts FROM picture WHERE state = ? AND not_before <= ? ORDER BY added LIMIT 1",
                (PictureState.QUEUED.value, now_s),
            ).fetchone()
        return None if row is None else QueuedPicture(str(row[0]), self.path(str(row[0])), int(row[1]))

    def queued(self) -> int:
        """Pictures that still have to be sent."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT count(*) FROM picture WHERE state = ?", (PictureState.QUEUED.value,)
            ).fetchone()
        return int(row[0])

    def uploaded(self, sha256: str) -> None:
        """The centre has it."""
        self._settle(sha256, PictureState.UPLOADED, "", "pictures_uploaded")

    def refused(self, sha256: str, reason: str) -> None:
        """The centre will never take it, or it is lost: not tried again, counted by reason."""
        self._settle(sha256, PictureState.REFUSED, reason, f"pictures_refused_{reason}")

    def retry(self, sha256: str, not_before_s: float) -> None:
        """Try again later."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE picture SET attempts = attempts + 1, not_before = ? WHERE sha256 = ?",
                (not_before_s, sha256),
            )

    def keep_quota(self) -> int:
        """Evict files beyond the quota; how many. Evicting a picture that was never sent is counted apart."""
        evicted = 0
        with self._database.transaction() as connection:
            total = int(connection.execute("SELECT coalesce(sum(size), 0) FROM picture").fetchone()[0])
            while total > self._quota_bytes:
                row = connection.execute(
                    "SELECT sha256, size, state FROM picture ORDER BY CASE state WHEN 'uploaded' THEN 0 "
                    "WHEN 'refused' THEN 1 ELSE 2 END, added LIMIT 1"
                ).fetchone()
                total -= int(row[1])
                self.path(str(row[0])).unlink(missing_ok=True)
                connection.execute("DELETE FROM picture WHERE sha256 = ?", (row[0],))
                count(connection, "pictures_evicted")
                if row[2] == PictureState.QUEUED.value:
                    count(connection, "pictures_evicted_unsent")
                    log.error("pictures.evicted", sha256=row[0], reason="quota_bytes")
                evicted += 1
        return evicted

    def sweep(self) -> int:
        """Remove files that no row names (a crash between file and transaction); only before cameras start."""
        with self._database.reading() as connection:
            known = {str(row[0]) for row in connection.execute("SELECT sha256 FROM picture")}
        orphans = [
            path
            for path in self._folder.iterdir()
            if _is_ours(path) and (path.suffix == ".part" or path.stem not in known)
        ]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _settle(self, sha256: str, state: PictureState, reason: str, counter: str) -> None:
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE picture SET state = ?, reason = ? WHERE sha256 = ?", (state.value, reason, sha256)
            ).rowcount
            count(connection, counter, changed)

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_ours(path: Path) -> bool:
    """Only files this store makes: a stray file of somebody else is not ours to delete."""
    return _NAME.match(path.name) is not None or path.suffix == ".part"
