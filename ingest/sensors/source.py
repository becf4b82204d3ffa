"""What a sensor source answers: a number, that there is none and why, or that it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Failure(StrEnum):
    """Why a source gave no number (故障原因)."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"  # the device answers, but with an error
    BAD_ANSWER = "bad_answer"  # an answer in which no number is found
    STALE = "stale"  # measured too long ago, or kept by the broker from before
    REPEATED = "repeated"  # not newer than what came before
    FLOODED = "flooded"  # more than a sensor can mean


@dataclass(frozen=True)
class Sample:
    """A number in the unit of its source.

    ``at`` is UTC; ``steady_s`` the reading of a clock that nobody can set; ``position_s`` where it lies in a recording.
    """

    at: datetime
    steady_s: float
    number: float
    position_s: float | None = None


@dataclass(frozen=True)
class NoSample:
    """No number, and why; ``detail`` is for people and holds no credentials."""

    at: datetime
    steady_s: float
    failure: Failure
    detail: str
    position_s: float | None = None


@dataclass(frozen=True)
class End:
    """A recording is over."""


class SensorSource(Protocol):
    """Gives one answer after the other. One caller at a time."""

    @property
    def counters(self) -> dict[str, int]:
        """What was dropped before anybody could read it, by reason."""
        ...

    def read(self, timeout_s: float) -> Sample | NoSample | End | None:
        """The next answer; None where none came within ``timeout_s`` seconds. A poll may take its own time-out more."""
        ...

    def close(self) -> None:
        """Let go of connections; closing twice is fine."""
        ...
