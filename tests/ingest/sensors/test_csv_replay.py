"""A recording is read on its own clock, resumes where it was, and names what is wrong with it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.clock import ManualClock
from ingest.sensors.csv_replay import MOST_LINE, CsvError, CsvReplay, table_of
from ingest.sensors.settings import CsvSource
from ingest.sensors.source import End, NoSample, Sample

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


def replay(folder: Path, text: str, *, resume_after_s: float | None = None, **settings: object) -> CsvReplay:
    file = folder / "readings.csv"
    file.write_text(text, encoding="utf-8")
    source = CsvSource.model_validate({"file": file, "start_at": START, **settings})
    return CsvReplay(source, clock=ManualClock(START), resume_after_s=resume_after_s)


def all_of(source: CsvReplay) -> list[Sample | NoSample]:
    found: list[Sample | NoSample] = []
    with closing(source):
        while not isinstance(answer := source.read(0.0), End):
            if answer is not None:
                found.append(answer)
    return found


def test_lines_are_readings_on_the_recordings_clock(tmp_path: Path) -> None:
    answers = all_of(replay(tmp_path, table_of(iter([(0.0, 40.0), (60.0, 41.5)]))))
    assert [(a.at - START, a.number) for a in answers if isinstance(a, Sample)] == [
        (timedelta(0), 40.0),
        (timedelta(seconds=60), 41.5),
    ]


def test_it_resumes_behind_where_it_was(tmp_path: Path) -> None:
    text = table_of((float(second), float(second)) for second in range(10))
    first = all_of(replay(tmp_path, text))
    rest = all_of(replay(tmp_path, text, resume_after_s=first[6].position_s))
    assert [one.number for one in rest if isinstance(one, Sample)] == [7, 8, 9]


def test_lines_without_number_or_time_are_told(tmp_path: Path) -> None:
    text = "time,value\n0,1\n1,\n2,nan\nsoon,3\n4\n5,1e999\n6,2\n"
    kinds = [type(one).__name__ for one in all_of(replay(tmp_path, text))]
    assert kinds == ["Sample", "NoSample", "NoSample", "NoSample", "NoSample", "Sample", "Sample"]


def test_written_times_are_taken_without_a_start(tmp_path: Path) -> None:
    file = tmp_path / "iso.csv"
    file.write_text("when,db\n2026-01-31T16:00:01+08:00,55\n", encoding="utf-8")
    source = CsvSource.model_validate({"file": file, "time": "when", "value": "db"})
    (only,) = all_of(CsvReplay(source, clock=ManualClock(START)))
    assert only.at == START + timedelta(seconds=1)


def test_real_time_waits_for_each_line(tmp_path: Path) -> None:
    clock, waited = ManualClock(START), []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(seconds)

    file = tmp_path / "readings.csv"
    file.write_text(table_of(iter([(0.0, 1.0), (1.0, 2.0)])))
    source = CsvSource.model_validate({"file": file, "start_at": START, "pace": "realtime"})
    player = CsvReplay(source, clock=clock, wait=wait)
    answers = [player.read(0.4) for _ in range(4)]
    player.close()
    assert [type(one).__name__ for one in answers] == ["Sample", "NoneType", "NoneType", "Sample"]
    assert sum(waited) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "no column"), ("a,b\n1,2\n", "no column 'time'"), ("time,value\n0," + "9" * MOST_LINE, "more than")],
)
def test_a_file_that_is_no_table_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(CsvError, match=why):
        all_of(replay(tmp_path, text))
