"""How cameras are read is configuration; what the node may open is its own, and the worker passes bursts on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from detectors.attention.closely import CloseLook
from detectors.incidents import Transition
from detectors.places.sighting import Looked, everywhere
from detectors.types import Detections, Frame
from edge.config import NodeConfig
from edge.look_pace import LookPace
from edge.stream_section import refused_sources
from ingest.cameras import DecodeChoice, SourcePolicy, parse_address
from ingest.clock import SystemClock
from ingest.config import ConfigError
from tests.edge.doubles import ZONE, CountingMemory, node_config
from tests.edge.test_camera_worker import Bench, pictures, run
from tests.ingest.cameras.servers import MjpegServer
from tests.waiting import wait_for


def live_camera(url: str, extra: str = "") -> str:
    return f'[[camera]]\nname = "north"\nsource = "{url}"\n{extra}{ZONE}'


def config(
    directory: Path, url: str = "rtsp://cam.example/main", *, stream: str = "", sources: str = ""
) -> NodeConfig:
    table = f"[camera.stream]\n{stream}\n" if stream else ""
    return node_config(directory, live_camera(url, table), extra=f"[sources]\n{sources}\n" if sources else "")


def test_stream_options_reach_the_reader(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    stream = (
        'decode = "full"\ntransport = "udp"\nsub_source = "rtsp://cam.example/sub"\n'
        'tls_ca_file = "ca.pem"\nmax_megapixels = 2\n'
    )
    section = config(tmp_path, stream=stream).cameras[0].stream
    options = section.options()
    assert (options.decode, options.transport, options.max_pixels) == (DecodeChoice.FULL, "udp", 2_000_000)
    assert options.tls.ca_file == tmp_path / "ca.pem"
    sub = section.sub_stream()
    assert sub is not None
    assert sub.target == "rtsp://cam.example/sub"


@pytest.mark.parametrize(
    ("stream", "sources", "field"),
    [
        ('decode = "some"', "", "camera[0].stream.decode"),
        ('sub_source = "usb:0"', "", "camera[0].stream.sub_source"),
        ('sub_source = "file:///etc/passwd"', "", "camera[0].stream.sub_source"),
        ("max_megapixels = 65", "", "camera[0].stream.max_megapixels"),
        ('tls_ca_file = "gone.pem"', "", "camera[0].stream.tls_ca_file"),
        ("", 'schemes = ["ftp"]', "sources.schemes"),
        ("", 'hosts = ["http://cam.example"]', "sources.hosts"),
        ("", 'hosts = ["other.example"]', "camera[0].source"),
        ("", 'schemes = ["https"]', "camera[0].source"),
        ('sub_source = "rtsp://169.254.1.1/sub"', "", "camera[0].stream.sub_source"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(tmp_path: Path, stream: str, sources: str, field: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        config(tmp_path, stream=stream, sources=sources)
    assert field in str(refusal.value)


def test_a_refused_camera_shows_no_password(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refusal:
        config(tmp_path, "rtsp://admin:s3cret@cam.example/main", sources='hosts = ["other.example"]')
    assert "s3cret" not in str(refusal.value)
    assert "sources.hosts" in str(refusal.value)


def test_a_remote_configuration_names_no_files_unless_the_node_says_so(tmp_path: Path) -> None:
    cameras = [
        ("camera[0].source", parse_address(str(tmp_path))),
        ("camera[1].source", parse_address("rtsp://h/m")),
    ]
    assert refused_sources(cameras, SourcePolicy()) == []
    (problem,) = refused_sources(cameras, SourcePolicy(), remote=True)
    assert problem.field == "camera[0].source"
    listed = SourcePolicy(frozenset({"file", "rtsp"}))
    assert refused_sources(cameras, listed, remote=True) == []


def test_a_burst_on_a_folder_looks_at_every_picture_for_its_time_and_then_goes_back(tmp_path: Path) -> None:
    pictures(tmp_path / "pictures", 40)
    bench = Bench(tmp_path)
    seen: list[datetime] = []

    class AsksForABurst(CountingMemory):
        def look(
            self,
            frame: Frame,
            at: datetime,
            detections: Detections,
            *,
            looked: Looked = everywhere,
            closely: Sequence[CloseLook] | None = None,
            steady_s: float | None = None,
        ) -> list[Transition]:
            seen.append(at)
            if len(seen) == 2:
                worker.full_rate(1.0)
            return super().look(frame, at, detections, looked=looked, closely=closely, steady_s=steady_s)

    toml = (
        f'[[camera]]\nname = "north"\nsource = "{tmp_path / "pictures"}"\nstart_at = 2026-01-31T08:00:00Z\n'
        f"fps = 10\nlook_interval_s = 1.0\n{ZONE}"
    )
    worker = bench.worker(memory=AsksForABurst, toml=toml)
    run(worker)
    steps = [round((b - a).total_seconds(), 1) for a, b in pairwise(seen)]
    assert steps == [1.0, *[0.1] * 10, 1.0]
    assert worker.counters["source_bursts"] == 1


def test_a_burst_that_cannot_be_is_refused_where_it_is_asked_for(tmp_path: Path) -> None:
    pictures(tmp_path / "pictures", 1)
    with pytest.raises(ValueError, match="burst"):
        Bench(tmp_path).worker().full_rate(0)


def test_a_live_camera_in_a_burst_is_looked_at_many_times_a_look_interval_and_tells_how_it_is_read(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.clock = SystemClock()
    server = MjpegServer()
    worker = bench.worker(toml=live_camera(f"http://127.0.0.1:{server.port}/mjpeg", "look_interval_s = 3600\n"))
    try:
        worker.start()
        wait_for(lambda: worker.status().looks == 1, what="the first look")
        worker.full_rate(60)
        wait_for(lambda: worker.status().looks > 20, timeout_s=60, what="looks at full rate")
        stream = worker.status().stream
        assert stream is not None
        assert (stream.decoding_reason, stream.width, stream.failure) == ("single_pictures", 64, "")
        assert worker.counters["source_bursts"] == 1
    finally:
        worker.stop()
        server.close()


def test_a_lost_camera_tells_why_and_counts_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.clock = SystemClock()
    server = MjpegServer()
    worker = bench.worker(toml=live_camera(f"http://admin:s3cret@127.0.0.1:{server.port}/mjpeg"))
    server.close()
    try:
        worker.start()
        wait_for(lambda: worker.counters.get("source_failed_connection_refused"), timeout_s=60, what="the failure")
        stream = worker.status().stream
        assert stream is not None
        assert stream.failure == "connection_refused"
        assert "s3cret" not in worker.status().model_dump_json()
    finally:
        worker.stop()


def test_a_stopping_camera_does_not_wait_for_its_next_look() -> None:
    stopping = threading.Event()
    pace = LookPace(3600, clock=SystemClock(), stopping=stopping)

    class NoSource:
        def full_rate(self, for_s: float) -> None: ...

    assert pace.wait(NoSource(), Counter())  # type: ignore[arg-type] # nothing else is asked of it
    stopping.set()
    assert not pace.wait(NoSource(), Counter())  # type: ignore[arg-type] # as above
