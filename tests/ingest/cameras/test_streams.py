"""Network cameras against real servers: they read, they lose, they come back, and they tell why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ingest.cameras import (
    AddressError,
    Frame,
    NoPicture,
    Source,
    SourceError,
    SourceFailure,
    SourceOptions,
    StreamOptions,
    grab_still,
    open_source,
    parse_address,
)
from ingest.clock import SystemClock
from tests.ingest.cameras.makers import write_video
from tests.ingest.cameras.servers import MjpegServer, RtspServer
from tests.servers import free_port
from tests.waiting import wait_for


@pytest.fixture
def rtsp(tmp_path: Path) -> Iterator[RtspServer]:
    folder = tmp_path / "published"
    folder.mkdir()
    write_video(folder / "main.mp4", frames=600, fps=25, gop=25, codec="libx264", size=(320, 240))
    server = RtspServer(folder).start()
    yield server
    server.kill()


@pytest.fixture
def mjpeg() -> Iterator[MjpegServer]:
    server = MjpegServer()
    yield server
    server.close()


def opened(url: str) -> Source:
    options = SourceOptions(stream=StreamOptions(open_timeout_s=5, read_timeout_s=3), stall_after_s=10)
    return open_source(parse_address(url), options, clock=SystemClock(), rng=Random(1))


def frame_of(source: Source) -> Frame | None:
    answer = source.read(0.2)
    return answer if isinstance(answer, Frame) else None


def offline_of(source: Source) -> NoPicture | None:
    answer = source.read(0.2)
    lost = (SourceFailure.REFUSED, SourceFailure.STREAM_ENDED, SourceFailure.TIMED_OUT)
    return answer if isinstance(answer, NoPicture) and answer.reason in lost else None


@pytest.mark.slow
def test_a_killed_rtsp_server_is_offline_and_its_return_brings_frames(rtsp: RtspServer) -> None:
    source = opened(f"rtsp://127.0.0.1:{rtsp.port}/main.mp4")
    try:
        assert wait_for(lambda: frame_of(source), what="frames").image.shape == (240, 320, 3)
        rtsp.kill()
        assert wait_for(lambda: offline_of(source), what="offline").position_s is None
        rtsp.start()
        assert wait_for(lambda: frame_of(source), timeout_s=30, what="frames again").image.shape == (240, 320, 3)
    finally:
        source.close()


def test_mjpeg_over_http_reads_and_names_a_refused_password(mjpeg: MjpegServer) -> None:
    source = opened(f"http://127.0.0.1:{mjpeg.port}/mjpeg")
    try:
        assert wait_for(lambda: frame_of(source), what="frames").image.shape == (48, 64, 3)
    finally:
        source.close()
    with pytest.raises(SourceError) as refusal:
        grab_still(f"http://127.0.0.1:{mjpeg.port}/secret", 5)
    assert refusal.value.reason is SourceFailure.UNAUTHORISED
    still = grab_still(f"http://admin:s3cret@127.0.0.1:{mjpeg.port}/secret", 10)
    assert still.image.shape == (48, 64, 3)


def test_a_server_that_never_answers_is_a_time_out(mjpeg: MjpegServer) -> None:
    with pytest.raises(SourceError) as refusal:
        grab_still(f"http://127.0.0.1:{mjpeg.port}/hang", 1.5)
    assert refusal.value.reason is SourceFailure.TIMED_OUT


def test_a_failure_names_its_cause_and_no_password() -> None:
    with pytest.raises(SourceError) as refusal:
        grab_still(f"rtsp://admin:s3cret@127.0.0.1:{free_port()}/main", 2)
    assert refusal.value.reason is SourceFailure.REFUSED
    assert "s3cret" not in str(refusal.value)


def test_a_still_comes_from_files_too(tmp_path: Path) -> None:
    assert grab_still(str(write_video(tmp_path / "a.mp4", frames=5))).image.shape == (48, 64, 3)
    with pytest.raises(AddressError):
        grab_still("file:///etc/passwd")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError):
        grab_still(str(tmp_path / "empty"), 2)
