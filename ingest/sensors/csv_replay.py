"""Readings from a CSV file, on the file's own clock (媒体时间)."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TextIO

from ingest.clock import Clock, to_millis
from ingest.sensors.numbers import NotANumberError, number
from ingest.sensors.settings import CsvSource
from ingest.sensors.source import End, Failure, NoSample, Sample
from ingest.sensors.stamps import moment_of

MOST_LINE = 10_000
"""Characters of a line; what is longer is no table of readings."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CsvError(Exception):
    """A file that is no such table; the message says what to write instead."""


class CsvReplay:
    """A table of readings, line by line.

    ``position_s`` is the reading's time in seconds since 1970: a restart resumes behind ``resume_after_s``. Lines
    without a number are no data; lines without a time are told and skipped.

    Raises:
        CsvError: The file cannot be read, or lacks a column.
    """

    def __init__(
        self,
        source: CsvSource,
        *,
        clock: Clock,
        resume_after_s: float | None = None,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._wait = wait or threading.Event().wait
        self._resume_after_s = resume_after_s
        self._began: tuple[float, float] | None = None
        self._ahead: Sample | NoSample | None = None
        self._last_at: datetime | None = None
        try:
            self._file: TextIO = source.file.open(encoding="utf-8", newline="")
        except OSError as error:
            raise CsvError(f"{source.file}: {error.strerror}; give a file that can be read") from error
        try:
            self._lines = self._answers()
        except BaseException:
            self._file.close()
            raise

    @property
    def counters(self) -> dict[str, int]:
        """Nothing is dropped."""
        return {}

    def read(self, timeout_s: float) -> Sample | NoSample | End | None:
        """The next line; in real time where the source says so."""
        answer = self._ahead or next(self._lines, None)
        if answer is None:
            return End()
        self._ahead = answer
        if self._source.pace == "realtime" and answer.position_s is not None:
            now = self._clock.monotonic()
            began_s, first_s = self._began = self._began or (now, answer.position_s)
            left_s = began_s + answer.position_s - first_s - now
            if left_s > 0:
                self._wait(min(left_s, timeout_s))
                if left_s > timeout_s:
                    return None
        self._ahead = None
        return answer

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _answers(self) -> Iterator[Sample | NoSample]:
        rows = csv.reader(self._bounded())
        header = self._header(rows)
        columns = [name.strip() for name in header]
        for name in (self._source.time, self._source.value):
            if name not in columns:
                raise CsvError(f"{self._source.file}: no column {name!r}; its first line names {columns[:20]}")
        when, what = columns.index(self._source.time), columns.index(self._source.value)
        return self._read_rows(rows, when, what)

    def _header(self, rows: Iterator[list[str]]) -> list[str]:
        try:
            return next(rows, [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise CsvError(f"{self._source.file}: no CSV in UTF-8 ({error})") from error

    def _bounded(self) -> Iterator[str]:
        while line := self._file.readline(MOST_LINE + 1):
            if len(line) > MOST_LINE:
                raise csv.Error(f"a line of more than {MOST_LINE} characters")
            yield line.replace("\0", "")

    def _read_rows(self, rows: Iterator[list[str]], when: int, what: int) -> Iterator[Sample | NoSample]:
        try:
            for row in rows:
                if row and (answer := self._answer(row, when, what)) is not None:
                    yield answer
        except (csv.Error, UnicodeDecodeError) as error:
            raise CsvError(f"{self._source.file}: no CSV in UTF-8 ({error})") from error

    def _answer(self, row: list[str], when: int, what: int) -> Sample | NoSample | None:
        try:
            at = self._moment(row[when])
        except (IndexError, NotANumberError) as error:
            at = self._last_at or self._source.start_at or _EPOCH
            return NoSample(at, _seconds(at), Failure.BAD_ANSWER, f"a line without a time: {error}")
        self._last_at, position_s = at, _seconds(at)
        if self._resume_after_s is not None and position_s <= self._resume_after_s:
            return None
        try:
            return Sample(at, position_s, number(row[what], self._source.words), position_s)
        except (IndexError, NotANumberError) as error:
            return NoSample(at, position_s, Failure.BAD_ANSWER, str(error), position_s)

    def _moment(self, text: str) -> datetime:
        start = self._source.start_at
        if start is None:
            return moment_of(text)
        try:
            return to_millis(start + timedelta(seconds=number(text, {})))
        except (ValueError, OverflowError) as error:
            raise NotANumberError(f"{text[:40]!r} is no number of seconds") from error


def _seconds(at: datetime) -> float:
    return (at - _EPOCH) / timedelta(seconds=1)


def table_of(rows: Iterator[tuple[float, float]]) -> str:
    """The text of such a file: seconds since its start, and values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("time", "value"))
    writer.writerows(rows)
    return out.getvalue()
