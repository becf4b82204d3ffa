"""Cameras over HTTP: passwords go to their own host only, hostile streams stay small, and none harms another."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from random import Random

import pytest

from ingest.cameras import (
    Frame,
    NoPicture,
    Source,
    SourceError,
    SourceFailure,
    SourceOptions,
    SourcePolicy,
    StreamOptions,
    grab_still,
    open_source,
    parse_address,
)
from ingest.cameras.source import DecodingReason
from ingest.clock import SystemClock
from tests.ingest.cameras.servers import MjpegServer
from tests.waiting import wait_for

TIMEOUT_S = 60.0


@pytest.fixture
def camera() -> Iterator[MjpegServer]:
    server = MjpegServer()
    yield server
    server.close()


@pytest.fixture
def other() -> Iterator[MjpegServer]:
    server = MjpegServer()
    yield server
    server.close()


@pytest.fixture
def opened() -> Iterator[Callable[..., Source]]:
    sources: list[Source] = []

    def build(url: str, *, look_interval_s: float = 0.1, policy: SourcePolicy | None = None) -> Source:
        options = SourceOptions(
            look_interval_s=look_interval_s,
            stream=StreamOptions(open_timeout_s=5, read_timeout_s=2),
            policy=policy or SourcePolicy(),
        )
        source = open_source(parse_address(url), options, clock=SystemClock(), rng=Random(1))
        sources.append(source)
        return source

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


@pytest.mark.parametrize("path", ["secret", "digest"])
def test_a_password_is_given_when_asked_for_and_in_the_form_asked_for(camera: MjpegServer, path: str) -> None:
    assert grab_still(f"http://admin:s3cret@127.0.0.1:{camera.port}/{path}", 20).image.shape == (48, 64, 3)
    assert camera.seen[0] == (f"/{path}", "")
    assert camera.seen[1][1].startswith({"secret": "Basic ", "digest": "Digest "}[path])


def test_a_redirect_is_followed_to_the_same_host_and_takes_no_password_to_another_port(
    camera: MjpegServer, other: MjpegServer
) -> None:
    url = f"http://admin:s3cret@127.0.0.1:{camera.port}/to?http://127.0.0.1:{other.port}/mjpeg"
    assert grab_still(url, 20).image.shape == (48, 64, 3)
    assert other.seen == [("/mjpeg", "")]
    with pytest.raises(SourceError) as refusal:
        grab_still(f"http://admin:s3cret@127.0.0.1:{camera.port}/to?http://127.0.0.1:{other.port}/secret", 20)
    assert refusal.value.reason is SourceFailure.UNAUTHORISED


@pytest.mark.parametrize(
    "target", ["http://localhost:1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "rtsp://127.0.0.1/x"]
)
def test_a_redirect_elsewhere_is_not_followed(camera: MjpegServer, target: str) -> None:
    with pytest.raises(SourceError) as refusal:
        grab_still(f"http://127.0.0.1:{camera.port}/to?{target}", 20)
    assert refusal.value.reason is SourceFailure.NOT_ALLOWED


def test_a_redirect_without_end_is_left(camera: MjpegServer) -> None:
    source_url = f"http://127.0.0.1:{camera.port}/to?/to?/to?/to?/to?/mjpeg"
    with pytest.raises(SourceError) as refusal:
        grab_still(source_url, 5)
    assert refusal.value.reason is SourceFailure.REFUSED


def test_a_camera_off_the_list_is_not_even_called(camera: MjpegServer, opened: Open) -> None:
    source = opened(f"http://127.0.0.1:{camera.port}/mjpeg", policy=SourcePolicy(hosts=("10.0.0.0/8",)))
    assert "sources.hosts" in failure(source, SourceFailure.NOT_ALLOWED).detail
    assert camera.seen == []


def test_a_resolution_that_changes_is_a_failed_look_each_time(camera: MjpegServer, opened: Open) -> None:
    source = opened(f"http://127.0.0.1:{camera.port}/flap", look_interval_s=0.01)
    changed = failure(source, SourceFailure.RESOLUTION_CHANGED)
    assert "became" in changed.detail
    assert source.report().counters["resolution_changes"] >= 1


def test_a_picture_that_claims_to_be_huge_is_refused_by_its_header(camera: MjpegServer, opened: Open) -> None:
    assert "60000" in failure(opened(f"http://127.0.0.1:{camera.port}/huge"), SourceFailure.TOO_LARGE).detail


def test_bytes_that_trickle_without_making_a_picture_are_silence(camera: MjpegServer, opened: Open) -> None:
    assert (
        "no whole picture"
        in failure(opened(f"http://127.0.0.1:{camera.port}/trickle"), SourceFailure.TIMED_OUT).detail
    )


def test_pictures_that_nobody_looks_at_are_not_decoded(
    camera: MjpegServer, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    monkeypatch.setattr("ingest.cameras.http_stream._decoded", lambda part, _limit: decoded.append(len(part)))
    source = opened(f"http://127.0.0.1:{camera.port}/mjpeg", look_interval_s=3600)
    source.read(0.0)
    wait_for(lambda: camera.sent > 60, timeout_s=TIMEOUT_S, what="sixty pictures")
    assert len(decoded) == 1
    assert source.report().decoding_reason is DecodingReason.SINGLE_PICTURES


@pytest.mark.slow
def test_hostile_cameras_take_neither_memory_nor_the_pictures_of_a_good_one(
    camera: MjpegServer, opened: Open
) -> None:
    good = opened(f"http://127.0.0.1:{camera.port}/mjpeg")
    frame(good)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hostile = [
        opened(f"http://127.0.0.1:{camera.port}/{path}")
        for path in ("flood", "giant", "huge", "hang", "flap", "trickle")
    ]
    for _ in range(60):
        for source in hostile:
            source.read(0.0)
        frame(good)
    assert failure(hostile[1], SourceFailure.TOO_LARGE)
    wait_for(
        lambda: hostile[0].read(0.1) and hostile[0].report().counters.get("packets_throttled", 0) > 0,
        timeout_s=TIMEOUT_S,
        what="the flood held back",
    )
    assert good.report().failure is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 150_000
