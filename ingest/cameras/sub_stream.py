"""Main stream or sub-stream: the latter where the main one's key frames are too far apart for the looks."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

import structlog

from ingest.cameras.decoder import SparseKeyFramesError
from ingest.cameras.live import LazyPicture, OpenReader
from ingest.cameras.source import SourceError
from ingest.cameras.telemetry import Telemetry
from ingest.clock import Clock

log = structlog.get_logger(__name__)

RETRY_S = 600.0
"""A sub-stream that failed is left alone so long; meanwhile the main stream is decoded in full."""


class MainOrSub:
    """Reads the main stream until its key frames turn out sparse, then the sub-stream.

    Args:
        probing: The main stream; raises :class:`SparseKeyFramesError`.
        main: The main stream, decoded in full where it has to be.
        sub: The sub-stream.
    """

    def __init__(
        self,
        probing: OpenReader,
        main: OpenReader,
        sub: OpenReader,
        *,
        shown: str,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._probing = probing
        self._main = main
        self._sub = sub
        self._shown = shown
        self._telemetry = telemetry
        self._clock = clock
        self._sparse = False
        self._retry_s: float | None = None

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture | None]]:
        """Raises SourceError when the stream in use cannot be opened or breaks."""
        with closing(self._pictures()) as pictures:
            yield pictures

    def _pictures(self) -> Generator[LazyPicture | None, None, None]:
        if self._retry_s is not None and self._clock.monotonic() < self._retry_s:
            yield from self._read(self._main)
            return
        if not self._sparse:
            try:
                yield from self._read(self._probing)
                return
            except SparseKeyFramesError:
                self._sparse = True
                self._telemetry.count("sub_stream_switches")
                log.warning(
                    "camera.sub_stream",
                    source=self._shown,
                    reason="key_frames_too_far_apart",
                )
        yield from self._read_sub()

    def _read_sub(self) -> Iterator[LazyPicture | None]:
        shown = False
        self._telemetry.sub_stream = True
        try:
            for picture in self._read(self._sub):
                shown = shown or picture is not None
                yield picture
        except SourceError as error:
            if not shown:
                self._give_up(error)
            raise
        finally:
            self._telemetry.sub_stream = False
        if not shown:
            self._give_up(None)

    def _give_up(self, error: SourceError | None) -> None:
        self._retry_s = self._clock.monotonic() + RETRY_S
        self._telemetry.count("sub_stream_failures")
        log.warning(
            "camera.sub_stream_failed",
            source=self._shown,
            reason="no_picture" if error is None else error.reason.value,
            detail="" if error is None else error.detail,
        )

    def _read(self, reader: OpenReader) -> Iterator[LazyPicture | None]:
        with reader() as pictures:
            yield from pictures
