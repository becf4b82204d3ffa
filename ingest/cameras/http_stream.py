"""Cameras over HTTP: MJPEG, HLS, or any other video in one long answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from ingest.cameras.address import Address
from ingest.cameras.container import open_container
from ingest.cameras.governor import LEAD_S, Governor
from ingest.cameras.hls import hls_pictures
from ingest.cameras.http import CameraHttp
from ingest.cameras.live import LazyPicture
from ingest.cameras.multipart import MultipartParser
from ingest.cameras.picture import decode_picture
from ingest.cameras.presentation import Stamp
from ingest.cameras.source import Image, SourceError, SourceFailure
from ingest.cameras.stream import Reading, pictures_of

MAX_UNREAD_BYTES = 64 * 1024 * 1024
"""Bytes after which a stream must have given a packet: its parts are collected in memory."""

_PLAYLIST_TYPES = ("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl")


class HttpReader:
    """Connects to a camera over HTTP; call it for a context that yields its frames."""

    def __init__(self, address: Address, reading: Reading) -> None:
        self._address = address
        self._reading = reading

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture | None]]:
        """Raises SourceError when the stream cannot be opened or breaks."""
        reading = self._reading
        http = CameraHttp(
            self._address,
            reading.policy,
            reading.options.tls,
            open_timeout_s=reading.options.open_timeout_s,
            read_timeout_s=reading.options.read_timeout_s,
            clock=reading.clock,
        )
        try:
            with http.get(self._address.target) as (response, url):
                content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                if content_type.startswith("multipart/"):
                    yield _mjpeg(http, response, reading)
                    return
                if content_type not in _PLAYLIST_TYPES and not urlsplit(url).path.lower().endswith(
                    (".m3u8", ".m3u")
                ):
                    yield _long_answer(http, response, reading, self._address)
                    return
            yield hls_pictures(http, self._address, reading)
        finally:
            http.close()


class WholePicture:
    """A picture of a stream of JPEGs, or why it is none."""

    def __init__(self, found: Image | SourceError) -> None:
        self._found = found

    @property
    def stamp(self) -> Stamp:
        """Such streams carry no time: it was taken when it arrived."""
        return Stamp()

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR. Raises SourceError."""
        if isinstance(self._found, SourceError):
            raise self._found
        return self._found


def _mjpeg(http: CameraHttp, response: httpx.Response, reading: Reading) -> Iterator[LazyPicture | None]:
    """Only pictures that are due are decoded, here in the reading thread, where a decoder may hang."""
    parser = MultipartParser()
    governor = Governor(reading.demand, clock=reading.clock)
    silence = _Silence(reading)
    last_s: float | None = None
    reading.telemetry.single_pictures()
    for piece in http.body(response):
        for part in parser.feed(piece):
            silence.broken()
            throttled = governor.throttled
            if not governor.admit():
                return
            reading.telemetry.count("packets_throttled", governor.throttled - throttled)
            now = reading.clock.monotonic()
            yield None
            if part and reading.demand.is_due(None if last_s is None else now - last_s):
                last_s = now
                yield WholePicture(_decoded(part, reading.options.max_pixels))
        silence.check()


def _decoded(part: bytes, max_pixels: int) -> Image | SourceError:
    try:
        return decode_picture(part, max_pixels=max_pixels)
    except SourceError as error:
        return error


class _Silence:
    """Pieces that trickle in without ever making a picture are silence, too."""

    def __init__(self, reading: Reading) -> None:
        self._clock = reading.clock
        self._limit_s = reading.options.read_timeout_s
        self._since_s = self._clock.monotonic()

    def broken(self) -> None:
        self._since_s = self._clock.monotonic()

    def check(self) -> None:
        if self._clock.monotonic() - self._since_s > self._limit_s:
            raise SourceError(SourceFailure.TIMED_OUT, f"no whole picture in {self._limit_s:g} s")


class _Answer:
    """A long answer as a file for FFmpeg: read once, forwards, with a limit on what is taken without a packet."""

    def __init__(self, pieces: Iterator[bytes], reading: Reading) -> None:
        self._pieces = pieces
        self._rest = b""
        self._silence = _Silence(reading)
        self._unread = 0
        self.failure: SourceError | None = None

    def read(self, size: int, /) -> bytes:
        try:
            while not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    return b""
                self._rest = piece
            self._silence.check()
            taken, self._rest = self._rest[:size], self._rest[size:]
            self._unread += len(taken)
            if self._unread > MAX_UNREAD_BYTES:
                raise SourceError(SourceFailure.TOO_LARGE, f"no whole packet in {MAX_UNREAD_BYTES} bytes")
        except SourceError as error:
            self.failure = error
            return b""
        return taken

    def gave_a_packet(self) -> None:
        self._unread = 0
        self._silence.broken()


def _long_answer(
    http: CameraHttp, response: httpx.Response, reading: Reading, address: Address
) -> Iterator[LazyPicture | None]:
    answer = _Answer(http.body(response), reading)
    try:
        container, stream = open_container(address, content=answer, max_pixels=reading.options.max_pixels)
    except SourceError as error:
        raise answer.failure or error from None
    try:
        governor = Governor(reading.demand, clock=reading.clock, lead_s=LEAD_S)
        for picture in pictures_of(container, stream, reading, governor):
            answer.gave_a_packet()
            yield picture
    finally:
        container.close()
    if answer.failure is not None:
        raise answer.failure
