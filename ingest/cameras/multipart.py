"""Takes a ``multipart/x-mixed-replace`` stream apart (pure): bounded, whatever comes in.

Cameras differ: boundaries with and without the leading dashes, quoted, or announced wrongly; parts with and without
``Content-Length``. So the boundary is what stands in the first line that begins with two dashes.
"""

from __future__ import annotations

from enum import Enum, auto

from ingest.cameras.source import SourceError, SourceFailure

MAX_PART_BYTES = 16 * 1024 * 1024
"""Largest picture taken from a stream, compressed."""

MAX_HEAD_BYTES = 8 * 1024
"""Boundary line and headers of a part."""


class _State(Enum):
    BOUNDARY = auto()
    HEAD = auto()
    SIZED = auto()
    OPEN = auto()


class MultipartParser:
    """Feed it bytes, get whole parts; it holds one part at most."""

    def __init__(self) -> None:
        self._state = _State.BOUNDARY
        self._buffer = bytearray()
        self._boundary = b""
        self._length = 0
        self._searched = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The bodies of the parts that ``piece`` completes.

        Raises:
            SourceError: ``TOO_LARGE`` or ``CORRUPT``.
        """
        self._buffer += piece
        parts: list[bytes] = []
        while self._step(parts):
            pass
        return parts

    def _step(self, parts: list[bytes]) -> bool:
        """Whether it got further."""
        if self._state is _State.BOUNDARY:
            return self._find_boundary()
        if self._state is _State.HEAD:
            return self._read_head()
        if self._state is _State.SIZED:
            return self._take_sized(parts)
        return self._take_open(parts)

    def _find_boundary(self) -> bool:
        wanted = self._boundary or b"--"
        start = self._buffer.find(wanted)
        while start > 0 and self._buffer[start - 1] not in b"\r\n":
            start = self._buffer.find(wanted, start + 1)
        end = -1 if start < 0 else self._buffer.find(b"\n", start)
        if end < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise SourceError(SourceFailure.CORRUPT, "no boundary between pictures")
            return False
        if not self._boundary:
            self._boundary = bytes(self._buffer[start:end]).rstrip()
        del self._buffer[: end + 1]
        self._state = _State.HEAD
        return True

    def _read_head(self) -> bool:
        ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := self._buffer.find(mark)) >= 0]
        if not ends:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise SourceError(SourceFailure.CORRUPT, f"headers of more than {MAX_HEAD_BYTES} bytes")
            return False
        at, width = min(ends)
        length = _content_length(bytes(self._buffer[:at]))
        del self._buffer[: at + width]
        self._searched = 0
        if length is None:
            self._state = _State.OPEN
            return True
        if length > MAX_PART_BYTES:
            raise SourceError(
                SourceFailure.TOO_LARGE, f"a picture of {length} bytes; the limit is {MAX_PART_BYTES}"
            )
        self._state, self._length = _State.SIZED, length
        return True

    def _take_sized(self, parts: list[bytes]) -> bool:
        if len(self._buffer) < self._length:
            return False
        parts.append(bytes(self._buffer[: self._length]))
        del self._buffer[: self._length]
        self._state = _State.BOUNDARY
        return True

    def _take_open(self, parts: list[bytes]) -> bool:
        at = self._buffer.find(b"\n" + self._boundary, self._searched)
        if at < 0:
            # What was searched once is not searched again, or a large part would cost its square.
            self._searched = max(0, len(self._buffer) - len(self._boundary) - 1)
            if len(self._buffer) > MAX_PART_BYTES:
                raise SourceError(SourceFailure.TOO_LARGE, f"a picture of more than {MAX_PART_BYTES} bytes")
            return False
        end = at - 1 if at > 0 and self._buffer[at - 1] == 0x0D else at
        parts.append(bytes(self._buffer[:end]))
        del self._buffer[: at + 1]
        self._state = _State.BOUNDARY
        return True


def _content_length(head: bytes) -> int | None:
    for line in head.splitlines():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            text = value.strip()
            return int(text) if text.isdigit() and len(text) < 12 else None
    return None
