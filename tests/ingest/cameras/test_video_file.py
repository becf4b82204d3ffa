"""Recordings: the same looks whether run through or resumed, whatever the file is like."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras import (
    DecodeChoice,
    End,
    Frame,
    NoPicture,
    SourceError,
    SourceFailure,
    SourceOptions,
    StreamOptions,
    open_source,
    parse_address,
)
from ingest.cameras.container import open_container
from ingest.cameras.schedule import LookGrid
from ingest.cameras.source import Answer
from ingest.clock import ManualClock
from tests.ingest.cameras.makers import number_of, write_video

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


def looks(path: Path, *, interval_s: float = 1.0, resume_after_s: float | None = None) -> list[Answer]:
    options = SourceOptions(look_interval_s=interval_s, start_at=START, resume_after_s=resume_after_s)
    source = open_source(parse_address(str(path)), options, clock=ManualClock(START))
    found: list[Answer] = []
    while not isinstance(answer := source.read(0.0), End):
        found.append(answer)
    assert isinstance(source.read(0.0), End)
    source.close()
    return found


def numbers(answers: list[Answer]) -> list[int]:
    return [number_of(answer.image) for answer in answers if isinstance(answer, Frame)]


def test_one_look_per_interval_on_media_time(tmp_path: Path) -> None:
    found = looks(write_video(tmp_path / "a.mp4", frames=45))
    assert numbers(found) == pytest.approx([0, 10, 20, 30, 40], abs=1.5)  # coding shifts brightness a little
    assert [answer.at for answer in found if isinstance(answer, Frame)] == [
        START + timedelta(seconds=second) for second in range(5)
    ]


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv"])
@pytest.mark.parametrize("gop", [1000, 7])
def test_a_resumed_recording_goes_on_with_the_very_next_look(tmp_path: Path, name: str, gop: int) -> None:
    path = write_video(tmp_path / name, frames=60, gop=gop)
    through = looks(path, interval_s=0.5)
    for index, answer in enumerate(through):
        assert isinstance(answer, Frame)
        rest = looks(path, interval_s=0.5, resume_after_s=answer.position_s)
        assert numbers(rest) == numbers(through[index + 1 :])
        assert [a.position_s for a in rest if isinstance(a, Frame)] == [
            a.position_s for a in through[index + 1 :] if isinstance(a, Frame)
        ]


def test_resuming_behind_the_end_is_the_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=20)
    assert looks(path, resume_after_s=100.0) == []


def test_a_raw_stream_without_index_still_resumes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", frames=60, gop=12, codec="mpeg2video")
    through = looks(path)
    assert len(through) == 6
    assert numbers(looks(path, resume_after_s=2.0)) == numbers(through)[3:]


def test_damaged_bytes_end_in_failed_looks_or_frames_never_in_a_crash(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", frames=100, gop=10)
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 3, len(content) // 2, 3):
        content[at] ^= 0xFF
    path.write_bytes(bytes(content))
    found = looks(path)
    positions = [answer.position_s for answer in found if isinstance(answer, Frame | NoPicture)]
    assert positions == sorted(set(positions), key=lambda p: p or 0.0)
    assert found


def test_a_truncated_recording_ends_early(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", frames=100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 2 <= len(looks(path)) < 10


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("noise.mp4", bytes(range(256)) * 40),
        ("text.mp4", b"hello"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nother.mp4\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile other.mp4\n"),
    ],
)
def test_what_is_no_recording_is_refused_with_a_typed_cause(tmp_path: Path, name: str, content: bytes) -> None:
    write_video(tmp_path / "other.mp4", frames=5)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as refusal:
        looks(tmp_path / name)
    assert refusal.value.reason in (SourceFailure.CORRUPT, SourceFailure.UNSUPPORTED, SourceFailure.NO_VIDEO)


def test_a_giant_frame_is_refused_before_it_is_allocated(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=3, size=(640, 480))
    with pytest.raises(SourceError) as refusal:
        open_container(parse_address(str(path)), max_pixels=640 * 480 - 1)
    assert refusal.value.reason is SourceFailure.TOO_LARGE


@given(
    interval_s=st.floats(0.05, 30),
    step_s=st.floats(0.01, 3),
    resume=st.integers(0, 50),
)
def test_the_look_grid_does_not_depend_on_where_the_node_was_restarted(
    interval_s: float, step_s: float, resume: int
) -> None:
    positions = [index * step_s for index in range(120)]

    def taken(grid: LookGrid, among: list[float]) -> list[float]:
        found = []
        for position in among:
            if grid.is_due(position):
                grid.take(position)
                found.append(position)
        return found

    through = taken(LookGrid(interval_s), positions)
    at = min(resume, len(through) - 1)
    assert taken(LookGrid(interval_s, through[at]), positions) == through[at + 1 :]


def test_key_frames_alone_give_the_first_of_each_interval_and_resume_where_they_were(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=100, gop=15, codec="libx264", plain=True)

    def key_looks(resume_after_s: float | None = None) -> list[float | None]:
        stream = StreamOptions(decode=DecodeChoice.KEY_FRAMES)
        options = SourceOptions(start_at=START, stream=stream, resume_after_s=resume_after_s)
        source = open_source(parse_address(str(path)), options, clock=ManualClock(START))
        found = []
        while not isinstance(answer := source.read(0.0), End):
            assert isinstance(answer, Frame)
            assert number_of(answer.image) == pytest.approx((answer.position_s or 0.0) * 10 % 61, abs=1.5)
            found.append(answer.position_s)
        return found

    through = key_looks()
    assert through == pytest.approx([0.0, 1.5, 3.0, 4.5, 6.0, 7.5, 9.0])
    assert key_looks(through[2]) == through[3:]


def test_a_burst_shows_every_frame_for_its_time_of_media(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", frames=60)
    options = SourceOptions(start_at=START)
    source = open_source(parse_address(str(path)), options, clock=ManualClock(START))
    positions = [0.0]
    source.read(0.0)
    source.full_rate(0.5)
    while not isinstance(answer := source.read(0.0), End):
        assert answer.position_s is not None
        positions.append(answer.position_s)
    assert positions == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2, 3, 4, 5])
    assert source.report().counters == {"bursts": 1}
