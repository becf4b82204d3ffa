"""HLS: the newest segment in its own time, true times, nothing opened that is not allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from ingest.cameras import (
    Frame,
    NoPicture,
    Source,
    SourceFailure,
    SourceOptions,
    StreamOptions,
    open_source,
    parse_address,
)
from ingest.cameras.source import Decoding
from ingest.clock import SystemClock
from tests.ingest.cameras.hls_server import SEGMENT_S, HlsServer
from tests.ingest.cameras.makers import number_of
from tests.ingest.cameras.servers import MjpegServer
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

TIMEOUT_S = 60.0


@pytest.fixture
def hls() -> Iterator[HlsServer]:
    server = HlsServer()
    yield server
    server.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Source]]:
    sources: list[Source] = []

    def build(url: str, *, look_interval_s: float = 1.0) -> Source:
        stream = StreamOptions(open_timeout_s=5, read_timeout_s=3)
        options = SourceOptions(look_interval_s=look_interval_s, stream=stream)
        sources.append(open_source(parse_address(url), options, clock=SystemClock(), rng=Random(1)))
        return sources[-1]

    yield build
    for source in sources:
        source.close()


Open = Callable[..., Source]


def frame(source: Source) -> Frame:
    def found() -> Frame | None:
        answer = source.read(0.2)
        return answer if isinstance(answer, Frame) else None

    return wait_for(found, timeout_s=TIMEOUT_S, what="a frame")


def failure(source: Source, reason: SourceFailure) -> NoPicture:
    def found() -> NoPicture | None:
        answer = source.read(0.2)
        return answer if isinstance(answer, NoPicture) and answer.reason is reason else None

    return wait_for(found, timeout_s=TIMEOUT_S, what=reason.value)


@pytest.mark.parametrize("path", ["live.m3u8", "master.m3u8"])
def test_key_frames_of_the_segments_carry_the_time_of_the_playlist(
    hls: HlsServer, opened: Open, path: str
) -> None:
    source = opened(f"http://127.0.0.1:{hls.port}/{path}")
    frames = [frame(source) for _ in range(4)]
    assert all(number_of(each.image) % 10 in (0, 1, 9) for each in frames)  # lossy coding shifts by one
    age_s = (SystemClock().now() - frames[-1].at).total_seconds()
    assert age_s >= HlsServer.LATENCY_S
    report = source.report()
    assert report.sender_clock
    assert report.decoding is Decoding.KEY_FRAMES
    assert "/none.m3u8" not in hls.fetched


def test_without_dates_a_picture_is_as_old_as_its_place_in_the_segment(hls: HlsServer, opened: Open) -> None:
    hls.dated = False
    source = opened(f"http://127.0.0.1:{hls.port}/live.m3u8")
    answer = frame(source)
    assert (SystemClock().now() - answer.at).total_seconds() >= SEGMENT_S * 0.9
    assert not source.report().sender_clock


def test_looks_closer_than_key_frames_get_every_picture_in_order(hls: HlsServer, opened: Open) -> None:
    source = opened(f"http://127.0.0.1:{hls.port}/live.m3u8", look_interval_s=0.2)
    wait_for(
        lambda: frame(source) and source.report().decoding is Decoding.FULL,
        timeout_s=TIMEOUT_S,
        what="full decoding",
    )
    times = [frame(source).at for _ in range(8)]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def test_a_playlist_may_not_lead_to_another_host(hls: HlsServer, opened: Open) -> None:
    other = MjpegServer()
    try:
        hls.elsewhere = f"http://localhost:{other.port}"
        refused = failure(opened(f"http://127.0.0.1:{hls.port}/live.m3u8"), SourceFailure.NOT_ALLOWED)
        assert "localhost" in refused.detail
        hls.elsewhere = "file:///etc"
        failure(opened(f"http://127.0.0.1:{hls.port}/live.m3u8"), SourceFailure.NOT_ALLOWED)
        assert other.seen == []
    finally:
        other.close()


def test_a_playlist_that_stands_still_is_a_stall_and_its_going_on_brings_frames(
    hls: HlsServer, opened: Open
) -> None:
    source = opened(f"http://127.0.0.1:{hls.port}/live.m3u8")
    frame(source)
    hls.frozen = True
    failure(source, SourceFailure.STALLED)
    hls.frozen = False
    frame(source)


def test_a_stream_that_says_it_is_over_has_ended(hls: HlsServer, opened: Open) -> None:
    source = opened(f"http://127.0.0.1:{hls.port}/live.m3u8")
    frame(source)
    hls.ended = True
    failure(source, SourceFailure.STREAM_ENDED)
