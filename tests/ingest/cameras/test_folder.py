"""A folder of pictures: in the order of names, on media time, bad ones are failed looks."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.cameras import End, Frame, NoPicture, SourceFailure, SourceOptions, open_source, parse_address
from ingest.cameras.source import Source
from ingest.clock import ManualClock
from tests.ingest.cameras.makers import jpeg, number_of

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


def folder(tmp_path: Path, count: int) -> Path:
    for index in range(count):
        (tmp_path / f"{index:03}.jpg").write_bytes(jpeg(index))
    return tmp_path


def opened(path: Path, **options: float) -> Source:
    return open_source(
        parse_address(str(path)),
        SourceOptions(start_at=START, **options),
        clock=ManualClock(START),  # type: ignore[arg-type] # floats only
    )


def test_pictures_come_by_name_on_media_time(tmp_path: Path) -> None:
    source = opened(folder(tmp_path, 6), fps=2.0, look_interval_s=1.0)
    answers = [source.read(0.0) for _ in range(3)]
    assert [number_of(a.image) for a in answers if isinstance(a, Frame)] == [0, 2, 4]
    assert [a.at for a in answers if isinstance(a, Frame)] == [START + timedelta(seconds=s) for s in range(3)]
    assert isinstance(source.read(0.0), End)


def test_a_resumed_folder_goes_on_with_the_next_picture(tmp_path: Path) -> None:
    answer = opened(folder(tmp_path, 6), resume_after_s=2.0).read(0.0)
    assert isinstance(answer, Frame)
    assert number_of(answer.image) == 3


def test_a_bad_picture_is_a_failed_look_in_its_place_and_other_files_do_not_count(tmp_path: Path) -> None:
    folder(tmp_path, 3)
    (tmp_path / "001.jpg").write_bytes(jpeg(1)[:200])
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "0015.jpg").mkdir()
    os.mkfifo(tmp_path / "0016.jpg")
    source = opened(tmp_path)
    answers = [source.read(0.0) for _ in range(5)]
    assert [type(answer) for answer in answers] == [Frame, NoPicture, NoPicture, NoPicture, Frame]
    assert [(a.reason, a.position_s) for a in answers if isinstance(a, NoPicture)] == [
        (SourceFailure.CORRUPT, 1.0),
        (SourceFailure.UNSUPPORTED, 2.0),
        (SourceFailure.UNSUPPORTED, 3.0),
    ]
