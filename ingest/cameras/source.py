"""What a camera source is: it answers each look with a picture, with why there is none, or with its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, BGR."""

MAX_PIXELS = 64_000_000
"""Largest picture anyone may ask for: twice an 8K frame. What claims more is refused before any allocation."""


class SourceFailure(StrEnum):
    """Why there is no picture."""

    NOT_FOUND = "not_found"
    NOT_ALLOWED = "address_not_allowed"
    REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    UNAUTHORISED = "unauthorised"
    TLS = "tls_failed"
    SERVER_ERROR = "server_error"
    TIMED_OUT = "timed_out"
    STALLED = "stalled"
    STREAM_ENDED = "stream_ended"
    NO_VIDEO = "no_video"
    UNSUPPORTED = "unsupported_format"
    CORRUPT = "corrupt_picture"
    TOO_LARGE = "picture_too_large"
    RESOLUTION_CHANGED = "resolution_changed"
    CONNECTING = "connecting"
    UNKNOWN = "unknown"


class SourceError(Exception):
    """A source that cannot be opened or read. The message never holds credentials.

    Attributes:
        reason: The cause, typed.
        detail: What was seen, for a person.
    """

    def __init__(self, reason: SourceFailure, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, eq=False)
class Frame:
    """One look.

    Attributes:
        image: uint8, height x width x 3, BGR; the size may change from look to look.
        at: UTC, when the picture was taken: media time for files and folders on the media clock; for live sources by
            the camera's time stamps, see :mod:`ingest.cameras.presentation`; never by counting frames.
        position_s: Seconds from the start of a finite source, for resuming; ``None`` for live ones.
        steady_s: Monotonic seconds at ``at``, any origin; ``None`` for recordings, whose time is not the clock's.
    """

    image: Image
    at: datetime
    position_s: float | None
    steady_s: float | None = None


@dataclass(frozen=True)
class NoPicture:
    """A look that got no picture: *could not look*, never *looked and absent*."""

    reason: SourceFailure
    detail: str
    at: datetime
    position_s: float | None
    steady_s: float | None = None


@dataclass(frozen=True)
class End:
    """A finite source is over; reading again says so again."""


Answer = Frame | NoPicture | End


class Decoding(StrEnum):
    """Which frames are decoded."""

    KEY_FRAMES = "key_frames"
    FULL = "full"


class DecodingReason(StrEnum):
    """Why these frames are decoded."""

    MEASURING = "measuring_key_frames"
    SUFFICE = "key_frames_suffice"
    SPARSE = "key_frames_too_far_apart"
    BURST = "burst"
    CONFIGURED = "configured"
    SINGLE_PICTURES = "single_pictures"


@dataclass(frozen=True)
class SourceReport:
    """How a source is read.

    Attributes:
        decoding, decoding_reason: What is decoded and why; ``None`` before the first frame.
        key_frame_distance_s: Longest of the last distances between key frames, in seconds.
        sub_stream: Whether the configured sub-stream is read in place of the main one.
        size: Width and height of the last picture.
        sender_clock: Whether frames carry the camera's own clock; else arrival, anchored by its time stamps.
        sender_offset_s: By how much the camera's clock lags behind the node's, latency included, in seconds.
        hung_readers: Threads given up on that have not come back.
        failure: Why the last connection was lost or not made; ``None`` while frames come.
        counters: Totals by name: failures by cause, reconnections, bursts, changes of resolution.
    """

    decoding: Decoding | None = None
    decoding_reason: DecodingReason | None = None
    key_frame_distance_s: float | None = None
    sub_stream: bool = False
    size: tuple[int, int] | None = None
    sender_clock: bool = False
    sender_offset_s: float | None = None
    hung_readers: int = 0
    failure: SourceFailure | None = None
    counters: Mapping[str, int] = field(default_factory=dict)


class Source(Protocol):
    """A camera, read by one thread."""

    @property
    def finite(self) -> bool:
        """Whether it is pulled (file, folder) rather than sampled (live)."""
        ...

    def read(self, timeout_s: float) -> Answer:
        """The next look of a finite source; the newest unseen frame of a live one, waiting ``timeout_s`` for it.

        Raises:
            SourceError: A finite source cannot be opened. Live sources answer ``NoPicture`` and reconnect.
        """
        ...

    def full_rate(self, for_s: float) -> None:
        """Give every frame for so many seconds (media time for finite sources), then go back to looks."""
        ...

    def report(self) -> SourceReport:
        """How it is read and what went wrong so far; from any thread."""
        ...

    def close(self) -> None:
        """Let go of files, sockets and threads; closing twice is fine."""
        ...
