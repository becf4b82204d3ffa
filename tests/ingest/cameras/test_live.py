"""Live cameras: only the newest frame, reconnection with growing pauses, stalls noticed, threads bounded."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras import Frame, NoPicture, SourceError, SourceFailure
from ingest.cameras.backoff import Backoff
from ingest.cameras.live import MAX_HUNG_THREADS, LazyPicture, LiveSource, OpenReader
from ingest.cameras.presentation import Stamp
from ingest.cameras.source import Image
from ingest.clock import ManualClock
from tests.waiting import wait_for

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


class Picture:
    """A picture with a number, or one that turns out damaged."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.stamp = Stamp()

    def pixels(self) -> Image:
        if self.number < 0:
            raise SourceError(SourceFailure.CORRUPT, "damaged")
        return np.full((2, 2, 3), self.number, np.uint8)


class ScriptedCamera:
    """A reader driven by the test: numbers are frames, exceptions are raised, ``None`` ends the stream."""

    def __init__(self) -> None:
        self.script: queue.Queue[int | Exception | None] = queue.Queue()
        self.taken = 0
        self.connections = 0

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture]]:
        self.connections += 1
        yield self._pictures()

    def _pictures(self) -> Iterator[LazyPicture]:
        while (item := self.script.get()) is not None:
            if isinstance(item, Exception):
                raise item
            self.taken += 1
            yield Picture(item)

    def end(self) -> None:
        for _ in range(8):
            self.script.put(None)


@pytest.fixture
def make() -> Iterator[Callable[[OpenReader], tuple[LiveSource, ManualClock]]]:
    sources: list[LiveSource] = []

    def build(reader: OpenReader) -> tuple[LiveSource, ManualClock]:
        clock = ManualClock(START)
        backoff = Backoff(first_s=0.001, most_s=0.002, rng=Random(1))
        source = LiveSource(
            reader, shown="rtsp://***@x/", clock=clock, rng=Random(1), stall_after_s=20, backoff=backoff
        )
        sources.append(source)
        return source, clock

    yield build
    for source in sources:
        source.close()


Make = Callable[[OpenReader], tuple[LiveSource, ManualClock]]


def number(source: LiveSource) -> int:
    answer = wait_for(lambda: _frame(source), what="a frame")
    return int(answer.image[0, 0, 0])


def _frame(source: LiveSource) -> Frame | None:
    answer = source.read(0.05)
    return answer if isinstance(answer, Frame) else None


def test_only_the_newest_frame_is_kept_and_given_once(make: Make) -> None:
    camera = ScriptedCamera()
    source, _ = make(camera)
    assert isinstance(source.read(0.0), NoPicture)
    for value in range(50):
        camera.script.put(value)
    wait_for(lambda: camera.taken == 50, what="all frames taken")
    wait_for(lambda: camera.script.empty(), what="script empty")
    assert number(source) == 49
    assert isinstance(source.read(0.0), NoPicture)
    camera.end()


@pytest.mark.parametrize(
    "failure", [None, SourceError(SourceFailure.REFUSED, "x"), RuntimeError("a bug in a reader")]
)
def test_whatever_ends_a_stream_it_is_connected_again(make: Make, failure: Exception | None) -> None:
    camera = ScriptedCamera()
    source, _ = make(camera)
    source.read(0.0)
    camera.script.put(1)
    assert number(source) == 1
    camera.script.put(failure)
    camera.script.put(2)
    assert number(source) == 2
    assert camera.connections == 2
    expected = {
        type(None): SourceFailure.STREAM_ENDED,
        SourceError: SourceFailure.REFUSED,
        RuntimeError: SourceFailure.UNKNOWN,
    }[type(failure)]
    assert source.report().counters == {f"failed_{expected.value}": 1}
    camera.end()


def test_a_damaged_frame_is_a_failed_look_not_a_lost_camera(make: Make) -> None:
    camera = ScriptedCamera()
    source, _ = make(camera)
    source.read(0.0)
    camera.script.put(-1)
    wait_for(lambda: camera.taken == 1, what="frame taken")
    answer = wait_for(
        lambda: (a := source.read(0.05)) and isinstance(a, NoPicture) and a.reason is SourceFailure.CORRUPT and a,
        what="the failed look",
    )
    assert isinstance(answer, NoPicture)
    camera.script.put(5)
    assert number(source) == 5
    assert camera.connections == 1
    camera.end()


def test_a_hung_reader_is_noticed_and_replaced(make: Make) -> None:
    camera = ScriptedCamera()
    source, clock = make(camera)
    source.read(0.0)
    camera.script.put(1)
    assert number(source) == 1
    clock.advance(19)
    source.read(0.0)
    assert camera.connections == 1
    clock.advance(2)
    answer = source.read(0.0)
    assert isinstance(answer, NoPicture)
    assert answer.reason is SourceFailure.STALLED
    wait_for(lambda: camera.connections == 2, what="the second connection")
    camera.end()


def test_hung_readers_are_bounded(make: Make) -> None:
    camera = ScriptedCamera()
    source, clock = make(camera)
    before = threading.active_count()
    for _ in range(20):
        source.read(0.0)
        clock.advance(25)
    assert threading.active_count() - before <= MAX_HUNG_THREADS + 1
    camera.end()


@given(seed=st.integers(), failures=st.integers(1, 3000))
def test_pauses_grow_to_the_limit_and_never_overflow(seed: int, failures: int) -> None:
    backoff = Backoff(first_s=1.0, most_s=60.0, rng=Random(seed))
    pauses = [backoff.failed() for _ in range(failures)]
    assert 0.5 <= pauses[0] <= 1.0
    assert all(0.5 <= pause <= 60.0 for pause in pauses)
    assert all(pause >= 30.0 for pause in pauses[6:])
    backoff.succeeded()
    assert backoff.failed() <= 1.0


def test_a_frame_tells_the_steady_time_of_its_arrival_and_not_of_its_reading(make: Make) -> None:
    camera = ScriptedCamera()
    source, clock = make(camera)
    assert isinstance(source.read(0.0), NoPicture)
    arrived = clock.monotonic()
    camera.script.put(1)
    wait_for(lambda: source._picture is not None, what="a picture")
    clock.advance(7)
    answer = source.read(0.05)
    assert isinstance(answer, Frame)
    assert (answer.at, answer.steady_s) == (START, arrived)


def test_readers_that_hang_are_counted_and_one_that_comes_back_ends_the_outage(make: Make) -> None:
    camera = ScriptedCamera()
    source, clock = make(camera)
    source.read(0.0)
    for _ in range(MAX_HUNG_THREADS + 5):
        clock.advance(25)
        source.read(0.0)
    report = source.report()
    assert report.hung_readers == MAX_HUNG_THREADS
    assert report.counters["readers_abandoned"] == MAX_HUNG_THREADS
    assert report.failure is SourceFailure.STALLED
    for _ in range(MAX_HUNG_THREADS + 1):
        camera.script.put(3)
    assert number(source) == 3
    # The one that works may take what was meant for one that hangs: so there is more until all have had theirs.
    wait_for(lambda: camera.script.put(3) or source.report().hung_readers == 0, what="the hung ones gone")
    assert source.report().failure is None
    camera.end()


def test_signs_of_life_without_a_picture_are_no_stall(make: Make) -> None:
    alive = threading.Semaphore(0)
    done = threading.Event()

    @contextmanager
    def reader() -> Iterator[Iterator[LazyPicture | None]]:
        def signs() -> Iterator[LazyPicture | None]:
            while not done.is_set():
                alive.acquire()
                yield None

        yield signs()

    source, clock = make(reader)
    source.read(0.0)
    for _ in range(10):
        clock.advance(15)
        before = source._alive_at
        alive.release()
        wait_for(lambda before=before: source._alive_at > before, what="the sign of life")  # type: ignore[misc]
        source.read(0.0)
    assert source.report().counters == {}
    done.set()
    alive.release()
