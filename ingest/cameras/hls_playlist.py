"""HLS playlists as data (pure): what a live camera needs of RFC 8216, refused by name where it needs more."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from ingest.cameras.source import SourceError, SourceFailure

MAX_PLAYLIST_BYTES = 512 * 1024
MAX_SEGMENTS = 5_000
MAX_SEGMENT_S = 120.0

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')


@dataclass(frozen=True)
class Variant:
    """One quality of a stream; ``pixels`` is 0 where the playlist does not tell."""

    url: str
    bandwidth: int
    pixels: int


@dataclass(frozen=True)
class Segment:
    """A piece of media.

    Attributes:
        sequence: Its number; a restarted server may count anew.
        url: Where it is.
        duration_s: As announced.
        sender_s: The server's wall clock at its first picture, Unix seconds.
        map_url: What must stand before it.
    """

    sequence: int
    url: str
    duration_s: float
    sender_s: float | None
    map_url: str | None


@dataclass(frozen=True)
class Playlist:
    """Either ``variants`` (a master playlist) or ``segments``."""

    variants: tuple[Variant, ...] = ()
    segments: tuple[Segment, ...] = ()
    target_s: float = 6.0
    ended: bool = False


def parse_playlist(content: bytes, base_url: str) -> Playlist:
    """Read a playlist; relative addresses belong to ``base_url``.

    Raises:
        SourceError: ``CORRUPT`` for what is no playlist, ``UNSUPPORTED`` for encryption and byte ranges.
    """
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    if not lines or not lines[0].startswith("#EXTM3U"):
        raise SourceError(SourceFailure.CORRUPT, "not a playlist: it does not begin with #EXTM3U")
    reader = _Reader(base_url)
    for line in lines[1:]:
        reader.line(line)
    return Playlist(
        tuple(reader.variants), tuple(reader.segments), min(max(reader.target_s, 0.5), MAX_SEGMENT_S), reader.ended
    )


class _Reader:
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self.variants: list[Variant] = []
        self.segments: list[Segment] = []
        self.target_s = 6.0
        self.ended = False
        self._sequence = 0
        self._duration_s: float | None = None
        self._sender_s: float | None = None
        self._map_url: str | None = None
        self._variant: dict[str, str] | None = None
        self._gap = False

    def line(self, line: str) -> None:
        if not line:
            return
        if not line.startswith("#"):
            self._address(line)
            return
        tag, _, value = line.partition(":")
        match tag:
            case "#EXTINF":
                self._duration_s = min(_seconds(value.partition(",")[0]), MAX_SEGMENT_S)
            case "#EXT-X-TARGETDURATION":
                self.target_s = _seconds(value)
            case "#EXT-X-MEDIA-SEQUENCE":
                self._sequence = _whole(value)
            case "#EXT-X-PROGRAM-DATE-TIME":
                self._sender_s = _instant(value)
            case "#EXT-X-MAP":
                self._map_url = self._map(_attributes(value))
            case "#EXT-X-KEY" if _attributes(value).get("METHOD", "NONE") != "NONE":
                raise SourceError(SourceFailure.UNSUPPORTED, "the segments are encrypted")
            case "#EXT-X-BYTERANGE":
                raise SourceError(SourceFailure.UNSUPPORTED, "the segments are byte ranges")
            case "#EXT-X-DISCONTINUITY":
                self._sender_s = None
            case "#EXT-X-GAP":
                self._gap = True
            case "#EXT-X-ENDLIST":
                self.ended = True
            case "#EXT-X-STREAM-INF":
                self._variant = _attributes(value)
            case _:
                pass  # Unknown tags are to be ignored (RFC 8216, 6.3.1).

    def _address(self, text: str) -> None:
        try:
            url = urljoin(self._base_url, text)
        except ValueError:
            raise SourceError(SourceFailure.CORRUPT, "a playlist with an address that is none") from None
        if len(self.segments) + len(self.variants) >= MAX_SEGMENTS:
            raise SourceError(SourceFailure.TOO_LARGE, f"a playlist of more than {MAX_SEGMENTS} entries")
        if self._variant is not None:
            width, _, height = self._variant.get("RESOLUTION", "0x0").partition("x")
            pixels = _whole(width) * _whole(height)
            self.variants.append(Variant(url, _whole(self._variant.get("BANDWIDTH", "0")), pixels))
            self._variant = None
        elif self._duration_s is not None:
            self._segment(url, self._duration_s)

    def _segment(self, url: str, duration_s: float) -> None:
        if not self._gap:
            self.segments.append(Segment(self._sequence, url, duration_s, self._sender_s, self._map_url))
        self._sequence += 1
        if self._sender_s is not None:
            self._sender_s += duration_s
        self._duration_s, self._gap = None, False

    def _map(self, attributes: dict[str, str]) -> str:
        if "BYTERANGE" in attributes or not attributes.get("URI"):
            raise SourceError(SourceFailure.UNSUPPORTED, "an initialisation section that is a byte range")
        return urljoin(self._base_url, attributes["URI"])


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(text)}


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e6:
        raise SourceError(SourceFailure.CORRUPT, "a playlist with a duration that is none")
    return value


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _instant(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
