"""Packets to pictures: a key frame comes at once, a burst begins at once, and damage is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.cameras import parse_address
from ingest.cameras.container import open_container
from ingest.cameras.decoder import MAX_GROUP_PACKETS, PacketDecoder, SparseKeyFramesError
from ingest.cameras.demand import MAX_BURST_S, Demand
from ingest.cameras.key_frames import DecodeChoice, KeyFrameMeter
from ingest.cameras.source import Decoding
from ingest.cameras.telemetry import Telemetry
from ingest.clock import ManualClock
from tests.ingest.cameras.makers import number_of, write_video

FPS = 10


class Bench:
    """A clip of 60 numbered pictures, ten a second, fed packet by packet."""

    def __init__(
        self,
        folder: Path,
        *,
        gop: int,
        look_interval_s: float = 1.0,
        choice: DecodeChoice = DecodeChoice.AUTO,
        sub_stream: bool = False,
        plain: bool = True,
    ) -> None:
        path = write_video(folder / "a.mp4", frames=60, fps=FPS, gop=gop, codec="libx264", plain=plain)
        self.clock = ManualClock(datetime(2026, 1, 31, 8, tzinfo=UTC))
        self.demand = Demand(look_interval_s, clock=self.clock)
        self.telemetry = Telemetry("camera")
        self._container, stream = open_container(parse_address(str(path)))
        self.decoder = PacketDecoder(
            stream,
            self.demand,
            self.telemetry,
            KeyFrameMeter(),
            clock=self.clock,
            choice=choice,
            max_pixels=1_000_000,
            sub_stream=sub_stream,
        )
        self.packets = [packet for packet in self._container.demux(stream) if packet.size]

    def close(self) -> None:
        self._container.close()

    def feed(self, count: int) -> list[int]:
        """The numbers of the pictures that the next ``count`` packets give."""
        found: list[int] = []
        for _ in range(count):
            found += [number_of(picture.pixels()) for picture in self.decoder.pictures(self.packets.pop(0))]
            self.clock.advance(1 / FPS)
        return found


@pytest.fixture
def benches(tmp_path: Path) -> Iterator[list[Bench]]:
    made: list[Bench] = []
    yield made
    for bench in made:
        bench.close()


def test_a_key_frame_is_shown_with_its_own_packet_also_of_streams_that_reorder(
    tmp_path: Path, benches: list[Bench]
) -> None:
    for plain in (True, False):
        bench = Bench(tmp_path, gop=10, plain=plain)
        benches.append(bench)
        assert bench.feed(1) == [0]
        assert bench.feed(9) == []
        assert bench.telemetry.decision is not None
        assert bench.telemetry.decision.decoding is Decoding.KEY_FRAMES


def test_a_burst_begins_with_the_next_packet_and_not_with_the_next_key_frame(
    tmp_path: Path, benches: list[Bench]
) -> None:
    bench = Bench(tmp_path, gop=30, choice=DecodeChoice.KEY_FRAMES)
    benches.append(bench)
    assert bench.feed(15) == [0]
    bench.demand.full_rate(0.55)
    assert bench.feed(1) == pytest.approx(list(range(1, 16)), abs=1)  # the group so far, in order, nothing twice
    assert bench.feed(4) == pytest.approx([16, 17, 18, 19], abs=1)
    bench.clock.advance(1)
    assert bench.feed(9) == []
    assert bench.feed(2) == pytest.approx([30], abs=1)


def test_looks_are_never_further_apart_than_asked_when_key_frames_are_sparse(
    tmp_path: Path, benches: list[Bench]
) -> None:
    bench = Bench(tmp_path, gop=60)
    benches.append(bench)
    numbers = bench.feed(60)
    assert numbers[0] == 0
    assert numbers[-1] == pytest.approx(59, abs=1)
    assert max(b - a for a, b in pairwise(numbers)) <= 13


def test_sparse_key_frames_are_reported_to_whoever_has_a_sub_stream(tmp_path: Path, benches: list[Bench]) -> None:
    bench = Bench(tmp_path, gop=60, sub_stream=True)
    benches.append(bench)
    with pytest.raises(SparseKeyFramesError):
        bench.feed(20)


def test_key_frames_more_often_than_looks_are_thinned(tmp_path: Path, benches: list[Bench]) -> None:
    bench = Bench(tmp_path, gop=1, look_interval_s=1.0)
    benches.append(bench)
    assert bench.feed(60) == pytest.approx([0, 9, 18, 27, 36, 45, 54], abs=2.5)


def test_the_group_kept_for_bursts_is_bounded(tmp_path: Path, benches: list[Bench]) -> None:
    bench = Bench(tmp_path, gop=60, choice=DecodeChoice.KEY_FRAMES)
    benches.append(bench)
    packet = bench.packets[1]
    bench.feed(1)
    for _ in range(MAX_GROUP_PACKETS * 3):
        assert list(bench.decoder.pictures(packet)) == []
    assert len(bench.decoder._group) <= MAX_GROUP_PACKETS
    assert bench.telemetry.counters["groups_too_long_to_keep"] == 1


@pytest.mark.parametrize("for_s", [0.0, -1.0, MAX_BURST_S + 1, float("nan"), float("inf")])
def test_a_burst_without_end_is_refused(for_s: float) -> None:
    with pytest.raises(ValueError, match="burst"):
        Demand(1.0, clock=ManualClock(datetime(2026, 1, 31, 8, tzinfo=UTC))).full_rate(for_s)
