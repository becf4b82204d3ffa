"""One picture from a camera, for its set-up page."""

from __future__ import annotations

from ingest.cameras.address import parse_address
from ingest.cameras.opening import SourceOptions, open_source
from ingest.cameras.source import MAX_PIXELS, End, Frame, NoPicture, Source, SourceError, SourceFailure
from ingest.cameras.stream import StreamOptions
from ingest.clock import Clock, SystemClock

_TRIES = 20
"""Damaged pictures skipped at the head of a file or folder before giving up."""

_HOPELESS = frozenset(
    {
        SourceFailure.UNAUTHORISED,
        SourceFailure.NOT_FOUND,
        SourceFailure.NOT_ALLOWED,
        SourceFailure.TLS,
        SourceFailure.UNSUPPORTED,
    }
)


def grab_still(url: str, timeout_s: float = 15.0, *, clock: Clock | None = None) -> Frame:
    """The first good picture of a camera address (path, rtsp(s)://, http(s)://, usb:N).

    Raises:
        AddressError: The address is not allowed.
        SourceError: No picture within ``timeout_s`` seconds, with the typed cause.
    """
    clock = clock or SystemClock()
    address = parse_address(url)
    stream = StreamOptions(open_timeout_s=timeout_s, read_timeout_s=timeout_s, max_pixels=MAX_PIXELS)
    options = SourceOptions(look_interval_s=0.001, stream=stream, stall_after_s=timeout_s * 2)
    source = open_source(address, options, clock=clock)
    try:
        return _first_frame(source, clock, timeout_s)
    finally:
        source.close()


def _first_frame(source: Source, clock: Clock, timeout_s: float) -> Frame:
    deadline = clock.monotonic() + timeout_s
    failure = SourceError(SourceFailure.TIMED_OUT, f"no picture within {timeout_s:g} s")
    tries = 0
    while (left_s := deadline - clock.monotonic()) > 0:
        answer = source.read(min(left_s, 0.5))
        if isinstance(answer, Frame):
            return answer
        if isinstance(answer, End):
            raise SourceError(SourceFailure.NO_VIDEO, "it holds no readable picture")
        if answer.reason not in (SourceFailure.CONNECTING, SourceFailure.STALLED):
            failure = SourceError(answer.reason, answer.detail)
            tries += 1
        if _is_hopeless(answer, source, tries):
            break
    raise failure


def _is_hopeless(answer: NoPicture, source: Source, tries: int) -> bool:
    if source.finite:
        return tries >= _TRIES
    # A person waits for the answer: refused credentials do not become right by asking again.
    return answer.reason in _HOPELESS
