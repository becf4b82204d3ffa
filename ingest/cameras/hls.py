"""HLS for the live source: the newest segment, whole, played in its own time.

FFmpeg's own HLS reader would open whatever address a playlist names. Here every address passes the allow-list, a camera
that falls behind skips segments instead of queueing them, and programme date-time gives pictures their true time.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from ingest.cameras.address import Address
from ingest.cameras.container import open_container
from ingest.cameras.governor import Governor
from ingest.cameras.hls_playlist import MAX_PLAYLIST_BYTES, Playlist, Segment, parse_playlist
from ingest.cameras.http import CameraHttp
from ingest.cameras.key_frames import KeyFrameMeter
from ingest.cameras.live import LazyPicture
from ingest.cameras.presentation import Stamp
from ingest.cameras.source import Image, SourceError, SourceFailure
from ingest.cameras.stream import Reading, pictures_of

MAX_SEGMENT_BYTES = 32 * 1024 * 1024
MAX_BEHIND = 2
"""Segments waiting beyond which all but the newest are skipped."""

SENDER_TOLERANCE_S = 60.0
"""Segments reach us tens of seconds after they were taken."""

_STEP_S = 0.25


class TimedPicture:
    """A picture of a segment with the time that playlist and segment give it."""

    def __init__(self, picture: LazyPicture, stamp: Stamp) -> None:
        self._picture = picture
        self._stamp = stamp

    @property
    def stamp(self) -> Stamp:
        """When it was taken."""
        return self._stamp

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR. Raises SourceError."""
        return self._picture.pixels()


def hls_pictures(http: CameraHttp, address: Address, reading: Reading) -> Iterator[LazyPicture | None]:
    """The pictures of a live playlist, ``None`` while there are none.

    Raises:
        SourceError: Something of it cannot be had, or the playlist stands still.
        SparseKeyFramesError: See :class:`ingest.cameras.decoder.PacketDecoder`.
    """
    return _Player(http, address, reading).play()


class _Player:
    def __init__(self, http: CameraHttp, address: Address, reading: Reading) -> None:
        self._http = http
        self._address = address
        self._reading = reading
        self._clock = reading.clock
        self._meter = KeyFrameMeter()
        self._next: int | None = None
        self._map: tuple[str, bytes] | None = None
        self._free_s = self._clock.monotonic()

    def play(self) -> Iterator[LazyPicture | None]:
        url, playlist = self._media(self._address.target)
        moved_s = self._clock.monotonic()
        while True:
            fresh = self._fresh(playlist)
            for segment in fresh:
                yield from self._segment(segment)
                self._next = segment.sequence + 1
                moved_s = self._clock.monotonic()
            if playlist.ended:
                return
            limit_s = 3 * playlist.target_s + self._reading.options.read_timeout_s
            if self._clock.monotonic() - moved_s > limit_s:
                raise SourceError(SourceFailure.STALLED, f"no new segment in {limit_s:.0f} s")
            if not fresh:
                yield from self._wait_until(self._clock.monotonic() + min(playlist.target_s / 2, 5.0))
            if self._reading.demand.closed:
                return
            playlist = self._load(url)[1]

    def _media(self, url: str) -> tuple[str, Playlist]:
        for _ in range(2):
            url, playlist = self._load(url)
            if not playlist.variants:
                return url, playlist
            limit = self._reading.options.max_pixels
            fitting = [variant for variant in playlist.variants if variant.pixels <= limit]
            if not fitting:
                raise SourceError(SourceFailure.TOO_LARGE, f"every variant has more than {limit} pixels")
            url = max(fitting, key=lambda variant: (variant.bandwidth, variant.pixels)).url
        raise SourceError(SourceFailure.UNSUPPORTED, "a playlist of playlists of playlists")

    def _load(self, url: str) -> tuple[str, Playlist]:
        content, here = self._http.fetch(url, at_most=MAX_PLAYLIST_BYTES)
        return here, parse_playlist(content, here)

    def _fresh(self, playlist: Playlist) -> tuple[Segment, ...]:
        segments = playlist.segments
        if not segments:
            return ()
        if self._next is None or segments[-1].sequence < self._next - 1:
            # The beginning, or a server that counts anew: a live stream is joined at its newest segment.
            return segments if playlist.ended else segments[-1:]
        fresh = tuple(segment for segment in segments if segment.sequence >= self._next)
        if len(fresh) > MAX_BEHIND and not playlist.ended:
            self._reading.telemetry.count("segments_skipped", len(fresh) - 1)
            return fresh[-1:]
        return fresh

    def _segment(self, segment: Segment) -> Iterator[LazyPicture | None]:
        content = self._initial(segment) + self._http.fetch(segment.url, at_most=MAX_SEGMENT_BYTES)[0]
        fetched_s = self._clock.monotonic()
        starts_s = max(fetched_s, self._free_s)
        self._free_s = starts_s + segment.duration_s
        container, stream = open_container(
            self._address, content=io.BytesIO(content), max_pixels=self._reading.options.max_pixels
        )
        governor = Governor(self._reading.demand, clock=self._clock)
        first_s = float((stream.start_time or 0) * (stream.time_base or 0))
        try:
            for picture in pictures_of(container, stream, self._reading, governor, meter=self._meter):
                if picture is None:
                    yield None
                    continue
                position_s = 0.0 if picture.stamp.pts_s is None else picture.stamp.pts_s - first_s
                position_s = min(max(0.0, position_s), segment.duration_s)
                yield from self._wait_until(starts_s + position_s)
                yield TimedPicture(picture, self._stamp(segment, position_s, fetched_s))
        finally:
            container.close()
        yield from self._wait_until(self._free_s)

    def _initial(self, segment: Segment) -> bytes:
        if segment.map_url is None:
            return b""
        if self._map is None or self._map[0] != segment.map_url:
            self._map = (segment.map_url, self._http.fetch(segment.map_url, at_most=MAX_SEGMENT_BYTES)[0])
        return self._map[1]

    def _stamp(self, segment: Segment, position_s: float, fetched_s: float) -> Stamp:
        """Its last picture was taken when the segment came, at the latest."""
        return Stamp(
            sender_s=None if segment.sender_s is None else segment.sender_s + position_s,
            tolerance_s=SENDER_TOLERANCE_S,
            arrived_s=fetched_s - (segment.duration_s - position_s),
        )

    def _wait_until(self, until_s: float) -> Iterator[None]:
        while (left_s := until_s - self._clock.monotonic()) > 0 and not self._reading.demand.closed:
            self._reading.demand.wait(min(left_s, _STEP_S))
            yield None
