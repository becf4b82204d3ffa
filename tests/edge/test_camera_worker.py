"""A camera at work: resumes where it was, harms no other, and tells failed looks from absent problems."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from detectors.attention.closely import CloseLook
from detectors.incidents import BlindReason, Transition
from detectors.places.sighting import Looked, everywhere
from detectors.types import Detections, Detector, Frame
from edge.camera_memory import MemoryFactory
from edge.camera_session import Room
from edge.camera_worker import GIVE_UP_AFTER, CameraWorker
from edge.checkpoints import load_checkpoint
from edge.config import CameraSection
from edge.database import Database
from edge.pictures import PictureStore
from edge.spool import Spool
from edge.translate import CameraView
from ingest.clock import Clock, ManualClock, SystemClock
from ingest.messages import IncidentOpened, parse_event
from tests.edge.doubles import (
    START,
    CountingMemory,
    FakeDetector,
    folder_camera,
    node_config,
    open_spool,
)
from tests.ingest.cameras.makers import jpeg


def pictures(folder: Path, count: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        (folder / f"{index:03}.jpg").write_bytes(jpeg(20 + index % 30))
    return folder


class Bench:
    """One camera on a folder of pictures, with its own database."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.clock: Clock = ManualClock(START)
        self.detector: Detector = FakeDetector()
        self.memories: list[CountingMemory] = []
        self.database: Database
        self.spool: Spool
        self.database, self.spool = open_spool(directory, clock=self.clock)

    def new_memory(self, camera: CameraSection, snapshot: bytes | None) -> CountingMemory:
        self.memories.append(CountingMemory(camera, snapshot))
        return self.memories[-1]

    def worker(
        self, *, memory: MemoryFactory | None = None, extra: str = "", toml: str | None = None
    ) -> CameraWorker:
        toml = toml or folder_camera(self.directory / "pictures", extra=extra)
        camera = node_config(self.directory, toml).cameras[0]
        room = Room(
            clock=self.clock,
            database=self.database,
            spool=self.spool,
            pictures=PictureStore(self.database, self.directory / "evidence"),
            detector=self.detector,
            new_memory=memory or self.new_memory,
        )
        zones = {zone.name: zone for zone in camera.zones}
        view = CameraView("north", "/xuhui/j17/north", zones, "fake 1", None, None)
        return CameraWorker(camera, view, room, rng=Random(1))

    def opened_at(self) -> list[int]:
        """The look numbers of the spooled incidents."""
        events = [parse_event(event.payload) for event in self.spool.after(0, 1000)]
        return [event.data.place_id.int for event in events if isinstance(event.data, IncidentOpened)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    pictures(tmp_path / "pictures", 12)
    return Bench(tmp_path)


def run(worker: CameraWorker) -> None:
    worker.start()
    assert worker.wait_finished(20)
    worker.stop()


def test_a_folder_is_looked_at_to_its_end_and_incidents_have_evidence(bench: Bench) -> None:
    worker = bench.worker()
    run(worker)
    assert bench.opened_at() == [3, 6, 9, 12]
    assert worker.status().state == "ended"
    assert worker.status().looks == 12
    event = parse_event(bench.spool.after(0, 1)[0].payload)
    assert isinstance(event.data, IncidentOpened)
    names = [picture.sha256 for picture in event.data.evidence.pictures]
    assert all((bench.directory / "evidence" / f"{name}.jpg").exists() for name in names)


def test_a_folder_that_was_seen_is_not_seen_again(bench: Bench) -> None:
    run(bench.worker())
    run(bench.worker())
    assert bench.opened_at() == [3, 6, 9, 12]
    pictures(bench.directory / "pictures", 15)
    run(bench.worker())
    assert bench.opened_at() == [3, 6, 9, 12, 15]


def test_another_recording_begins_anew_with_an_empty_memory(bench: Bench) -> None:
    run(bench.worker())
    worker = bench.worker(extra="fps = 2.0\nlook_interval_s = 0.5\n")
    run(worker)
    assert worker.counters["checkpoint_of_other_source"] == 1
    assert len(bench.opened_at()) == 8


class FailsAt(CountingMemory):
    """Raises at one look, for so many times."""

    failures_left = 0

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
        if self.looks + 1 == 8 and FailsAt.failures_left > 0:
            FailsAt.failures_left -= 1
            raise RuntimeError("a bug that one picture triggers")
        return super().look(frame, at, detections, looked=looked, closely=closely, steady_s=steady_s)


def test_a_camera_that_fails_goes_on_from_its_checkpoint_without_doubling(bench: Bench) -> None:
    FailsAt.failures_left = 2
    worker = bench.worker(memory=FailsAt)
    run(worker)
    assert bench.opened_at() == [3, 6, 9, 12]
    assert worker.counters["failures_RuntimeError"] == 2
    assert worker.status().state == "ended"


def test_a_recording_whose_picture_always_fails_is_given_up_not_tried_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.camera_worker.Backoff.failed", _counting_without_pause())
    FailsAt.failures_left = 1000
    worker = bench.worker(memory=FailsAt)
    run(worker)
    assert worker.failed
    assert worker.counters["failures"] == GIVE_UP_AFTER
    assert bench.opened_at() == [3, 6]


def _counting_without_pause() -> Callable[[object], float]:
    def failed(backoff: object) -> float:
        backoff._failures += 1  # type: ignore[attr-defined] # a Backoff without its pause
        return 0.0

    return failed


def test_a_failing_transaction_loses_and_doubles_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    append, calls = Spool.append, []

    def failing(spool: Spool, connection: object, draft: object) -> int | None:
        calls.append(draft)
        if len(calls) in (2, 3):
            raise OSError(28, "No space left on device")
        return append(spool, connection, draft)  # type: ignore[arg-type] # passed through

    monkeypatch.setattr(Spool, "append", failing)
    worker = bench.worker()
    run(worker)
    assert bench.opened_at() == [3, 6, 9, 12]
    assert worker.counters["failures_OSError"] == 2
    assert worker.counters["transition_opened"] == 4


def test_an_engine_that_fails_is_could_not_look_never_absent(bench: Bench) -> None:
    bench.detector.broken = True  # type: ignore[attr-defined] # the fake's switch
    worker = bench.worker()
    run(worker)
    assert bench.memories[0].looks == 0
    assert bench.memories[0].blind == 12
    assert worker.status().looks_failed == 12
    assert worker.counters["detector_engine_failed"] == 12


def test_a_blindness_from_before_a_restart_is_still_shown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    states: list[str] = []
    worker = bench.worker()
    monkeypatch.setattr(CountingMemory, "blind_from_the_start", True)
    monkeypatch.setattr(worker, "_note_progress", lambda _position_s: states.append(worker.status().state))
    run(worker)
    assert set(states) == {"blind"}


def test_damaged_pictures_are_failed_looks(bench: Bench) -> None:
    for index in (1, 4):
        (bench.directory / "pictures" / f"{index:03}.jpg").write_bytes(b"\xff\xd8\xff\xe0broken")
    worker = bench.worker()
    run(worker)
    assert (bench.memories[0].looks, bench.memories[0].blind) == (10, 2)
    assert worker.counters["no_picture_corrupt_picture"] == 2


def test_a_file_name_that_is_not_text_does_not_silence_the_heartbeat(bench: Bench) -> None:
    name = os.fsencode(bench.directory / "pictures") + b"/999-\xff.jpg"
    Path(os.fsdecode(name)).write_bytes(b"no picture")
    worker = bench.worker()
    run(worker)
    assert "999-?.jpg" in worker.status().detail


def test_a_file_on_the_wall_clock_carries_the_time_it_is_shown_at(bench: Bench) -> None:
    times: list[datetime] = []

    class NotesTimes(CountingMemory):
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
            times.append(at)
            return super().look(frame, at, detections, looked=looked, closely=closely, steady_s=steady_s)

    bench.clock = SystemClock()
    toml = folder_camera(
        bench.directory / "pictures",
        extra='clock = "wall"\npace = "realtime"\nlook_interval_s = 0.25\nfps = 4\n',
    ).replace("start_at = 2026-01-31T08:00:00Z\n", "")
    pictures(bench.directory / "pictures", 2)
    run(bench.worker(memory=NotesTimes, toml=toml))
    assert (times[1] - times[0]).total_seconds() > 0.2


def test_a_memory_that_cannot_be_read_starts_afresh_and_says_so(bench: Bench) -> None:
    run(bench.worker())

    def refusing(camera: CameraSection, snapshot: bytes | None) -> CountingMemory:
        if snapshot is not None:
            raise ValueError("damaged snapshot")
        return bench.new_memory(camera, None)

    pictures(bench.directory / "pictures", 15)
    worker = bench.worker(memory=refusing)
    run(worker)
    assert worker.counters["memory_lost"] == 1
    assert worker.status().looks == 3


def test_a_stopped_camera_leaves_a_checkpoint_of_its_last_look(bench: Bench) -> None:
    class StopsItself(CountingMemory):
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
            if self.looks == 6:
                worker._stopping.set()
            return super().look(frame, at, detections, looked=looked, closely=closely, steady_s=steady_s)

    worker = bench.worker(memory=StopsItself)
    run(worker)
    checkpoint = load_checkpoint(bench.database, "north")
    assert checkpoint is not None
    assert checkpoint.position_s == 6.0
    run(bench.worker())
    assert bench.opened_at() == [3, 6, 9, 12]


def test_a_street_that_only_grows_lighter_is_inferred_now_and_then_and_every_look_counts(bench: Bench) -> None:
    worker = bench.worker()
    run(worker)
    counters = worker.counters
    assert (counters["looks"], counters["looks_full"], counters["looks_unchanged"]) == (12, 3, 9)
    assert (counters["looks_partial"], counters["looks_swept"], counters["tiles_inferred"]) == (0, 0, 0)
    assert bench.opened_at() == [3, 6, 9, 12]


def test_a_sweep_looks_anew_though_nothing_changed(bench: Bench) -> None:
    toml = folder_camera(bench.directory / "pictures")
    zone = toml.index("[[camera.zone]]")
    worker = bench.worker(toml=toml[:zone] + "[camera.attention]\nsweep_interval_s = 3\n" + toml[zone:])
    run(worker)
    assert worker.counters["looks_swept"] == 3


def test_after_a_failed_inference_the_same_picture_is_looked_at_again(bench: Bench) -> None:
    detector = FakeDetector()
    bench.detector = detector

    class Breaks(CountingMemory):
        def could_not_look(
            self, at: datetime, reason: BlindReason, *, steady_s: float | None = None
        ) -> list[Transition]:
            detector.broken = False
            return super().could_not_look(at, reason, steady_s=steady_s)

    detector.broken = True
    worker = bench.worker(memory=Breaks)
    run(worker)
    assert (worker.counters["looks"], worker.counters["looks_failed"]) == (11, 1)
    assert worker.counters["looks_unchanged"] == 11 - worker.counters["looks_full"]


def test_memory_is_told_at_which_looks_the_detector_looked_itself(bench: Bench) -> None:
    told: list[bool] = []

    class NotesWhere(CountingMemory):
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
            told.append(looked((0.4, 0.4, 0.6, 0.6)))
            return super().look(frame, at, detections, looked=looked, closely=closely, steady_s=steady_s)

    worker = bench.worker(memory=NotesWhere)
    run(worker)
    assert told[0]
    assert told.count(False) == worker.counters["looks_unchanged"] > 0
