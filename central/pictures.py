"""Evidence pictures by their content: ``pictures/ab/cd/abcd….jpg``, sealed originals ``….sealed`` (取证照片).

A name is the sha256 of the bytes, so a path can never come from outside, writing twice changes nothing, and what
is read is what was signed for.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.dialects import postgresql, sqlite

from alerts.storage.database import Database
from alerts.storage.tables import PictureRow
from ingest.clock import Clock
from ingest.sealed import SealError, is_sealed, take_apart

MAX_PICTURE_BYTES = 4 * 1024 * 1024
MAX_SIDE = 16384
MAX_PIXELS = 100_000_000
"""Nothing here decodes pictures, but browsers will."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class PictureRefusedError(Exception):
    """Bytes that are not the picture they claim to be; ``code`` is machine-readable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class JpegSize:
    """Width and height in pixels."""

    width: int
    height: int


def jpeg_size(data: bytes) -> JpegSize:
    """The size a JPEG's frame header states, found without decoding.

    Raises:
        PictureRefusedError: Not a JPEG, cut short, or of an impossible size.
    """
    if not data.startswith(b"\xff\xd8\xff") or not data.rstrip(b"\0").endswith(b"\xff\xd9"):
        raise PictureRefusedError(
            "not_a_jpeg", "a whole JPEG is expected: it starts with ff d8 and ends with ff d9"
        )
    offset = 2
    while offset + 4 <= len(data):
        if data[offset] != 0xFF:
            break
        marker = data[offset + 1]
        if marker == 0xFF:
            offset += 1
            continue
        if marker in _STANDALONE:
            offset += 2
            continue
        length = int.from_bytes(data[offset + 2 : offset + 4], "big")
        if marker in _FRAME_HEADERS and length >= 8 and offset + 9 <= len(data):
            return _sane(
                JpegSize(
                    width=int.from_bytes(data[offset + 7 : offset + 9], "big"),
                    height=int.from_bytes(data[offset + 5 : offset + 7], "big"),
                )
            )
        if length < 2 or marker == 0xDA:
            break
        offset += 2 + length
    raise PictureRefusedError("not_a_jpeg", "no frame header before the picture data")


def _sane(size: JpegSize) -> JpegSize:
    within = 0 < size.width <= MAX_SIDE and 0 < size.height <= MAX_SIDE and size.width * size.height <= MAX_PIXELS
    if not within:
        raise PictureRefusedError("impossible_size", f"{size.width} x {size.height} pixels")
    return size


class PictureStore:
    """Pictures on disk, with a row in the database for each."""

    def __init__(self, folder: Path, database: Database, clock: Clock) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, sha256: str, data: bytes) -> bool:
        """Store a picture or a sealed original; False if it was there already.

        Raises:
            PictureRefusedError: ``hash_mismatch``, ``not_a_jpeg``, ``not_sealed`` or ``impossible_size``.
        """
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PictureRefusedError("hash_mismatch", "the bytes do not have the sha256 of the address")
        size = _sealed_size(data) if is_sealed(data) else jpeg_size(data)
        path = self._place(sha256, "sealed" if is_sealed(data) else "jpg")
        fresh = not path.exists()
        if fresh:
            _write_atomically(path, data)
        insert = postgresql.insert if self._database.engine.dialect.name == "postgresql" else sqlite.insert
        statement = insert(PictureRow).values(
            sha256=sha256, size=len(data), width=size.width, height=size.height, stored_at=self._clock.now()
        )
        with self._database.write() as session:
            session.execute(statement.on_conflict_do_nothing(index_elements=["sha256"]))
        return fresh

    def path(self, sha256: str) -> Path:
        """Where a picture lies, whether or not it is there.

        Raises:
            ValueError: ``sha256`` is not 64 lower-case hexadecimal digits.
        """
        sealed = self._place(sha256, "sealed")
        return sealed if sealed.exists() else self._place(sha256, "jpg")

    def _place(self, sha256: str, ending: str) -> Path:
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError(f"{sha256[:80]!r} is no sha256")
        return self._folder / sha256[:2] / sha256[2:4] / f"{sha256}.{ending}"


def _sealed_size(data: bytes) -> JpegSize:
    """What the sealed original says of itself: the centre holds no key and cannot look."""
    try:
        facts = take_apart(data).facts
    except SealError as error:
        raise PictureRefusedError("not_sealed", str(error)) from error
    return _sane(JpegSize(facts.width, facts.height))


def _write_atomically(path: Path, data: bytes) -> None:
    """Whole or not at all, also across a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
