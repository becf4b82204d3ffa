"""What a fetch decides: which addresses are allowed, what a reply means, when to try again. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from ingest.config import is_loopback
from models.fetching.faults import Fault, FetchFailed

MAX_REDIRECTS = 5
MAX_WAIT_S = 60.0
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits of one fetch, in seconds and bytes per second.

    `reply_s` bounds connecting and the headers; a body must bring `window_bytes` in every `window_s`, however slowly
    it drips. After a passing fault it is tried again, `attempts` in all, after 1, 2, 4 ... times `pause_s`.
    """

    reply_s: float = 30.0
    window_s: float = 30.0
    window_bytes: int = 32_768
    attempts: int = 5
    pause_s: float = 1.0

    def pause(self, attempt: int, retry_after_s: float) -> float:
        """How long to wait before the attempt after this one (from 1), in seconds, at most MAX_WAIT_S."""
        return min(MAX_WAIT_S, max(self.pause_s * 2.0 ** (attempt - 1), retry_after_s))


def check_address(url: str) -> str:
    """The URL, if it may be asked: https, or http to this machine itself. Raises FetchFailed(ADDRESS)."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise FetchFailed(Fault.ADDRESS, f"{url[:200]!r} is no address ({error}); correct the index") from error
    if parts.username is not None or parts.password is not None:
        raise FetchFailed(Fault.ADDRESS, f"the address at {host!r} holds credentials; remove them from the index")
    if not parts.scheme:
        raise FetchFailed(Fault.ADDRESS, f"{url[:200]!r} is relative; write it whole, or fetch the index by https")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        raise FetchFailed(Fault.ADDRESS, f"{url[:200]!r} is not https://; weights are not taken over plain http")
    return url


def redirected(url: str, status: int, headers: Mapping[str, str], hops: int) -> str | None:
    """Where a reply leads on to, or None where it is the answer itself. Raises FetchFailed."""
    if status not in _REDIRECTS:
        return None
    if hops >= MAX_REDIRECTS:
        raise FetchFailed(Fault.REDIRECTS, f"{url}: more than {MAX_REDIRECTS} redirects; give the final address")
    onward = check_address(urljoin(url, headers.get("location", "")))
    if url.startswith("https:") and not onward.startswith("https:"):
        raise FetchFailed(Fault.ADDRESS, f"{url}: leads on to {onward[:200]!r}, off https; give the final address")
    return onward


def start_of_body(url: str, status: int, headers: Mapping[str, str], had: int, size: int) -> int:
    """At which byte of the file the body of this reply begins: `had` where the server resumes, 0 where it starts over.

    `had` is what was asked for with Range (0: nothing was), `size` what the index says. Raises FetchFailed: passing for
    a status that may change, for good for all else, also where the lengths told are not those of the file.
    """
    if headers.get("content-encoding", "identity") != "identity":
        raise FetchFailed(Fault.ENCODING, f"{url}: the server packs the file; it was asked not to")
    if status == 206:
        return _resumed(url, headers, had, size)
    if status != 200:
        raise _status_fault(url, status, headers)
    told = headers.get("content-length")
    if told is not None and told != str(size):
        raise FetchFailed(
            Fault.LENGTH, f"{url}: the server says {told[:20]} bytes, the index {size}; another file?"
        )
    return 0


def _resumed(url: str, headers: Mapping[str, str], had: int, size: int) -> int:
    found = _RANGE.fullmatch(headers.get("content-range", ""))
    if found is None or [int(part) for part in found.groups()] != [had, size - 1, size]:
        raise FetchFailed(
            Fault.LENGTH,
            f"{url}: asked for bytes {had} to {size - 1} of {size}, got {headers.get('content-range', 'none')[:60]!r}",
        )
    return had


def _status_fault(url: str, status: int, headers: Mapping[str, str]) -> FetchFailed:
    if status in (404, 410):
        return FetchFailed(Fault.NOT_FOUND, f"{url}: not there ({status}); use a mirror's index (--index)")
    wait = headers.get("retry-after", "")
    return FetchFailed(
        Fault.REFUSED,
        f"{url}: the server answers {status}; try again later or use a mirror's index (--index)",
        passing=status in _PASSING_STATUS,
        retry_after_s=float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0,
    )
