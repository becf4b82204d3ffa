"""A folder of pictures as a camera: sorted by name, ``fps`` pictures per second of media time."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ingest.cameras.address import Address
from ingest.cameras.picture import MAX_BYTES, decode_picture
from ingest.cameras.schedule import LookGrid
from ingest.cameras.source import (
    MAX_PIXELS,
    Answer,
    Decoding,
    DecodingReason,
    End,
    Frame,
    NoPicture,
    SourceError,
    SourceFailure,
    SourceReport,
)

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


class FolderSource:
    """Pictures in the order of their names; the list is read once, when the source is opened.

    Args:
        address: The folder.
        fps: Pictures per second of media time.
        look_interval_s: Seconds of media time between looks; pictures in between are skipped unread.
        clock_at: UTC instant of a position in seconds.
        resume_after_s: Position of the last look already taken.
    """

    finite = True

    def __init__(
        self,
        address: Address,
        *,
        fps: float,
        look_interval_s: float,
        clock_at: Callable[[float], datetime],
        resume_after_s: float | None = None,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._folder = Path(address.target)
        self._fps = fps
        self._clock_at = clock_at
        self._max_pixels = max_pixels
        self._grid = LookGrid(look_interval_s, resume_after_s)
        self._names: list[str] | None = None
        self._index = 0
        self._bursts = 0
        self._size: tuple[int, int] | None = None

    def read(self, timeout_s: float) -> Answer:
        """The next look; ``timeout_s`` means nothing to a folder.

        Raises:
            SourceError: The folder cannot be listed.
        """
        names = self._list()
        while self._index < len(names):
            position_s = self._index / self._fps
            name = names[self._index]
            self._index += 1
            if self._grid.is_due(position_s):
                self._grid.take(position_s)
                return self._look(name, position_s)
        return End()

    def full_rate(self, for_s: float) -> None:
        """Every picture for so many seconds of media time. Raises ValueError, see :func:`check_burst`."""
        self._grid.full_rate(for_s)
        self._bursts += 1

    def report(self) -> SourceReport:
        """How it is read."""
        return SourceReport(
            decoding=Decoding.KEY_FRAMES,
            decoding_reason=DecodingReason.SINGLE_PICTURES,
            size=self._size,
            counters={"bursts": self._bursts} if self._bursts else {},
        )

    def close(self) -> None:
        """Nothing is held open between looks."""

    def _list(self) -> list[str]:
        if self._names is None:
            try:
                entries = [path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES]
            except OSError as error:
                raise SourceError(SourceFailure.NOT_FOUND, f"{self._folder}: {error.strerror}") from error
            self._names = sorted(path.name for path in entries)
        return self._names

    def _look(self, name: str, position_s: float) -> Answer:
        at = self._clock_at(position_s)
        path = self._folder / name
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                # Reading a pipe or a device would never end.
                raise SourceError(SourceFailure.UNSUPPORTED, "not a regular file")
            if status.st_size > MAX_BYTES:
                raise SourceError(SourceFailure.TOO_LARGE, f"more than {MAX_BYTES} bytes")
            image = decode_picture(path.read_bytes(), max_pixels=self._max_pixels)
            self._size = (image.shape[1], image.shape[0])
            return Frame(image, at, position_s)
        except SourceError as error:
            return NoPicture(error.reason, f"{name}: {error.detail}", at, position_s)
        except OSError as error:
            return NoPicture(SourceFailure.NOT_FOUND, f"{name}: {error.strerror}", at, position_s)
