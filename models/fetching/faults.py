"""The ways in which a fetch can fail, and the error that carries one."""

from __future__ import annotations

from enum import StrEnum

from models.errors import ModelError


class Fault(StrEnum):
    """Why nothing was fetched."""

    ADDRESS = "address"
    REDIRECTS = "redirects"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    TRUNCATED = "truncated"
    LENGTH = "length"
    ENCODING = "encoding"
    CHECKSUM = "checksum"
    DISK = "disk"
    BUSY = "busy"


PASSING = frozenset({Fault.UNREACHABLE, Fault.TOO_SLOW, Fault.TRUNCATED})
"""What may be gone at the next try. What was received so far is kept for it."""


class FetchFailed(ModelError):  # noqa: N818 - reads as a statement, like its siblings
    """Nothing was fetched; `reason` says why, `retry_after_s` when the server wants to be asked again."""

    def __init__(self, reason: Fault, message: str, *, passing: bool = False, retry_after_s: float = 0.0) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.passing = passing or reason in PASSING
        self.retry_after_s = retry_after_s
