"""RTSP against real servers that are killed, frozen, slowed, restarted, locked, and reached by TLS or UDP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from ingest.cameras import (
    Frame,
    NoPicture,
    Source,
    SourceFailure,
    SourceOptions,
    StreamOptions,
    TlsOptions,
    open_source,
    parse_address,
)
from ingest.cameras.source import Decoding, DecodingReason
from ingest.clock import SystemClock
from tests.ingest.cameras.makers import write_video
from tests.ingest.cameras.proxy import Proxy, certificate
from tests.ingest.cameras.servers import RtspServer
from tests.ingest.cameras.udp_rtsp import UdpCamera
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

TIMEOUT_S = 60.0
"""For the busiest of machines; nothing waits that long where all is well."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``dense.mp4`` has a key frame every second, ``sparse.mp4`` every eight."""
    folder = tmp_path_factory.mktemp("published")
    for name, gop in (("dense.mp4", 25), ("sparse.mp4", 200)):
        write_video(folder / name, frames=1000, fps=25, gop=gop, codec="libx264", size=(160, 120), plain=True)
    return folder


@pytest.fixture(scope="module")
def server(clips: Path) -> Iterator[RtspServer]:
    server = RtspServer(clips).start()
    yield server
    server.kill()


@pytest.fixture
def opened() -> Iterator[Callable[..., Source]]:
    sources: list[Source] = []

    def build(url: str, *, sub: str | None = None, **options: object) -> Source:
        settings = StreamOptions(open_timeout_s=10, read_timeout_s=4, **options)  # type: ignore[arg-type] # its fields
        source = open_source(
            parse_address(url),
            SourceOptions(
                stream=settings, stall_after_s=30, sub_stream=None if sub is None else parse_address(sub)
            ),
            clock=SystemClock(),
            rng=Random(1),
        )
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


def failure(source: Source, *reasons: SourceFailure) -> NoPicture:
    def found() -> NoPicture | None:
        answer = source.read(0.2)
        return answer if isinstance(answer, NoPicture) and answer.reason in reasons else None

    return wait_for(found, timeout_s=TIMEOUT_S, what=f"one of {reasons}")


def test_key_frames_alone_are_decoded_where_they_come_once_a_look(server: RtspServer, opened: Open) -> None:
    source = opened(f"rtsp://127.0.0.1:{server.port}/dense.mp4")
    for _ in range(9):
        frame(source)
    report = source.report()
    assert report.decoding is Decoding.KEY_FRAMES
    assert report.key_frame_distance_s == pytest.approx(1.0, abs=0.1)
    assert report.size == (160, 120)
    source.full_rate(2.0)
    first, second = frame(source), frame(source)
    assert (second.at - first.at).total_seconds() < 0.5
    assert source.report().decoding_reason is DecodingReason.BURST


def test_sparse_key_frames_are_noticed_and_everything_is_decoded(server: RtspServer, opened: Open) -> None:
    source = opened(f"rtsp://127.0.0.1:{server.port}/sparse.mp4")
    times = [frame(source).at for _ in range(30)]
    report = source.report()
    assert (report.decoding, report.decoding_reason) == (Decoding.FULL, DecodingReason.SPARSE)
    assert (times[-1] - times[-10]).total_seconds() < 5


def test_sparse_key_frames_lead_to_the_sub_stream_where_there_is_one(server: RtspServer, opened: Open) -> None:
    url = f"rtsp://127.0.0.1:{server.port}"
    source = opened(f"{url}/sparse.mp4", sub=f"{url}/dense.mp4")
    wait_for(lambda: frame(source) and source.report().sub_stream, timeout_s=TIMEOUT_S, what="the sub-stream")
    for _ in range(3):
        frame(source)
    assert source.report().decoding is Decoding.KEY_FRAMES
    assert source.report().counters["sub_stream_switches"] == 1


def test_a_sub_stream_that_is_not_there_does_not_cost_the_camera(server: RtspServer, opened: Open) -> None:
    url = f"rtsp://127.0.0.1:{server.port}"
    source = opened(f"{url}/sparse.mp4", sub=f"{url}/none.mp4")
    wait_for(
        lambda: frame(source) and source.report().decoding_reason is DecodingReason.SPARSE,
        timeout_s=TIMEOUT_S,
        what="the main stream in full",
    )
    assert source.report().counters["sub_stream_failures"] == 1


def test_pictures_carry_the_time_of_the_sender_reports(server: RtspServer, opened: Open) -> None:
    source = opened(f"rtsp://127.0.0.1:{server.port}/dense.mp4")
    clock = SystemClock()
    for _ in range(4):
        answer = frame(source)
        assert (clock.now() - answer.at).total_seconds() >= 0
    assert source.report().sender_clock


def test_a_frozen_server_is_a_stall_and_its_thaw_brings_frames(server: RtspServer, opened: Open) -> None:
    source = opened(f"rtsp://127.0.0.1:{server.port}/dense.mp4")
    frame(source)
    server.freeze()
    try:
        lost = failure(source, SourceFailure.TIMED_OUT, SourceFailure.STALLED)
        assert lost.position_s is None
    finally:
        server.thaw()
    before = lost.at
    assert frame(source).at > before


def test_a_slowed_link_is_read_late_told_by_the_time_stamps_and_recovers(server: RtspServer, opened: Open) -> None:
    proxy = Proxy(server.port)
    try:
        source = opened(f"rtsp://127.0.0.1:{proxy.port}/dense.mp4")
        frame(source)
        proxy.bytes_per_s = 400.0
        failure(source, SourceFailure.TIMED_OUT, SourceFailure.STALLED)
        proxy.bytes_per_s = None
        frame(source)
    finally:
        proxy.close()


def test_a_restarted_server_is_found_again(clips: Path, opened: Open) -> None:
    server = RtspServer(clips).start()
    try:
        source = opened(f"rtsp://127.0.0.1:{server.port}/dense.mp4")
        frame(source)
        server.kill()
        failure(source, SourceFailure.STREAM_ENDED, SourceFailure.REFUSED)
        failure(source, SourceFailure.REFUSED)
        server.start()
        frame(source)
        assert source.report().failure is None
        assert source.report().counters["failed_connection_refused"] >= 1
    finally:
        server.kill()


def test_a_stream_that_does_not_exist_is_not_found(server: RtspServer, opened: Open) -> None:
    source = opened(f"rtsp://127.0.0.1:{server.port}/none.mp4")
    failure(source, SourceFailure.NOT_FOUND)
    assert source.report().failure is SourceFailure.NOT_FOUND


def test_tls_is_verified_and_what_is_wrong_is_said(server: RtspServer, opened: Open, tmp_path: Path) -> None:
    public, both = certificate(tmp_path)
    proxy = Proxy(server.port, certificate=both)
    url = f"rtsps://admin:s3cret@127.0.0.1:{proxy.port}/dense.mp4"
    try:
        refused = failure(opened(url), SourceFailure.TLS)
        assert "certificate" in refused.detail
        assert "s3cret" not in refused.detail
        frame(opened(url, tls=TlsOptions(ca_file=public)))
        frame(opened(url, tls=TlsOptions(verify=False)))
    finally:
        proxy.close()
    assert "rtsp://" in failure(opened(f"rtsps://127.0.0.1:{server.port}/dense.mp4"), SourceFailure.TLS).detail


def udp_clip(folder: Path) -> Path:
    return write_video(folder / "c.ts", frames=100, fps=25, gop=25, codec="libx264", size=(160, 120), plain=True)


def test_udp_is_read_when_asked_for_or_when_tcp_is_refused(tmp_path: Path, opened: Open) -> None:
    camera = UdpCamera(udp_clip(tmp_path))
    try:
        failure(opened(f"rtsp://127.0.0.1:{camera.port}/main"), SourceFailure.UNSUPPORTED)
        assert set(camera.transports) == {"tcp"}
        frame(opened(f"rtsp://127.0.0.1:{camera.port}/main", transport="udp"))
        camera.transports.clear()
        frame(opened(f"rtsp://127.0.0.1:{camera.port}/main", transport="auto"))
        assert camera.transports[:2] == ["tcp", "udp"]
    finally:
        camera.close()


def test_a_wrong_password_is_told_apart_and_never_shown(tmp_path: Path, opened: Open) -> None:
    camera = UdpCamera(udp_clip(tmp_path), password="right")
    try:
        url = f"admin:{{}}@127.0.0.1:{camera.port}/main"
        refused = failure(opened(f"rtsp://{url.format('wr0ng')}", transport="udp"), SourceFailure.UNAUTHORISED)
        assert "wr0ng" not in refused.detail
        frame(opened(f"rtsp://{url.format('right')}", transport="udp"))
    finally:
        camera.close()
