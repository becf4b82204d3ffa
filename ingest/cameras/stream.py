"""Network streams (RTSP, MJPEG and other video over HTTP) for the live source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.cameras.address import Address
from ingest.cameras.container import cause_of, open_container, to_bgr
from ingest.cameras.live import LazyPicture
from ingest.cameras.source import MAX_PIXELS, Image, SourceError, SourceFailure

MAX_DAMAGED_IN_A_ROW = 500
"""Undecodable packets after which the stream is opened anew (twenty seconds at 25 per second)."""


class DecodedPicture:
    """A decoded frame that is converted when looked at."""

    def __init__(self, frame: VideoFrame, max_pixels: int) -> None:
        self._frame = frame
        self._max_pixels = max_pixels

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR. Raises SourceError."""
        if self._frame.is_corrupt:
            raise SourceError(SourceFailure.CORRUPT, "the decoder marks the frame as damaged")
        return to_bgr(self._frame, max_pixels=self._max_pixels)


class StreamReader:
    """Connects to a network stream; call it for a context that yields its frames."""

    def __init__(self, address: Address, *, open_timeout_s: float, read_timeout_s: float) -> None:
        self._address = address
        self._open_timeout_s = open_timeout_s
        self._read_timeout_s = read_timeout_s

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture]]:
        """Raises SourceError when the stream cannot be opened or breaks."""
        container, stream = open_container(
            self._address, open_timeout_s=self._open_timeout_s, read_timeout_s=self._read_timeout_s
        )
        try:
            yield _frames(container, stream)
        finally:
            container.close()


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[LazyPicture]:
    damaged = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            raise cause_of(error) from None
        if packet is None:
            return
        try:
            for frame in packet.decode():
                damaged = 0
                yield DecodedPicture(frame, MAX_PIXELS)
        except av.error.FFmpegError as error:
            # One damaged packet is not the end of a stream; an endless row of them is.
            damaged += 1
            if damaged > MAX_DAMAGED_IN_A_ROW:
                raise cause_of(error) from None
