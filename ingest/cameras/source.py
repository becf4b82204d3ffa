"""What a camera source is: it answers each look with a picture, with why there is none, or with its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, BGR."""

MAX_PIXELS = 64_000_000
"""Largest picture decoded: twice an 8K frame. A header that claims more is refused before any allocation."""


class SourceFailure(StrEnum):
    """Why there is no picture."""

    NOT_FOUND = "not_found"
    REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    UNAUTHORISED = "unauthorised"
    TIMED_OUT = "timed_out"
    STALLED = "stalled"
    STREAM_ENDED = "stream_ended"
    NO_VIDEO = "no_video"
    UNSUPPORTED = "unsupported_format"
    CORRUPT = "corrupt_picture"
    TOO_LARGE = "picture_too_large"
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
        at: UTC; media time for files and folders on the media clock, else when the frame arrived.
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

    def close(self) -> None:
        """Let go of files, sockets and threads; closing twice is fine."""
        ...
