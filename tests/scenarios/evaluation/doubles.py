"""Stand-ins for makers, runners and scorer that a worker process can import, and small scenarios and reports."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.taxonomy import Category, ZonePurpose
from ingest.zones import Rule, Zone
from scenarios.evaluation.item import Item, Job
from scenarios.evaluation.pipeline import Done
from scenarios.evaluation.steps import Steps
from scenarios.evaluation.store import BASELINE, REPORT, SCORE, TRUTH, write_atomically
from scenarios.language.claims import Subject
from scenarios.language.scenario import Scenario
from scenarios.language.street import SeenBox, Tier
from scenarios.report import Report, SaidBox, SaidCase, SaidIncident
from scenarios.truth import TrueProblem, Truth, TruthCamera, TruthZone
from tests.waiting import wait_for

RUNS = "runs.log"
DEADLINE_S = 60.0
BOX = (0.4, 0.4, 0.6, 0.6)


def scenario(name: str, *, seed: int = 0, tiers: tuple[str, ...] = ("detections", "composed")) -> Scenario:
    """A street on which nothing happens; its name decides what the doubles do with it."""
    return Scenario.model_validate(
        {"name": name, "seed": seed, "tiers": tiers, "duration_s": 100.0, "camera": [{"name": "cam"}]}
    )


def item(name: str, tier: Tier = "detections", *, seed: int = 0) -> Item:
    return Item(scenario(name, seed=seed), tier)


def truth(name: str, tier: Tier = "detections", *, problem: str = "car") -> Truth:
    """One car in a zone from 10 s to 90 s, allowed are 20 s."""
    zone = Zone(
        name="kerb",
        purpose=ZonePurpose.NO_STOPPING,
        polygon=((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)),
        rules=(Rule(category=Category.PARKED_VEHICLE, dwell_s=20.0),),
    )
    seen = (SeenBox(camera="cam", box=BOX, from_s=10.0, to_s=90.0),)
    return Truth(
        scenario=name,
        family="test",
        seed=0,
        tier=tier,
        starts_at="2026-03-02T02:00:00Z",
        duration_s=100.0,
        cameras=(
            TruthCamera(name="cam", width=640, height=360, fps=1.0, video=None, zones=(TruthZone(zone=zone),)),
        ),
        problems=(
            TrueProblem(
                id=problem,
                category=Subject.PARKED_VEHICLE,
                zone="kerb",
                start_s=10.0,
                end_s=90.0,
                dwell_s=20.0,
                seen=seen,
            ),
        ),
    )


def report(system: Any, *, cases: int = 1, box: tuple[float, float, float, float] = BOX) -> Report:
    """That many cases of one incident each, all at ``box``."""
    incidents = tuple(
        SaidIncident(
            id=f"{system}-i{n}",
            case=f"{system}-c{n}",
            camera="cam",
            category=Subject.PARKED_VEHICLE,
            boxes=(SaidBox(at_s=10.5 + n, box=box),),
            first_seen_s=10.5 + n,
            last_seen_s=89.5,
            raised_s=31.0 + n,
            ended_s=95.0,
        )
        for n in range(cases)
    )
    said = tuple(
        SaidCase(
            id=f"{system}-c{n}", category=Subject.PARKED_VEHICLE, created_s=31.0 + n, incidents=(f"{system}-i{n}",)
        )
        for n in range(cases)
    )
    return Report(system=system, cases=said, incidents=incidents, looks=100)


def note(folder: Path, what: str) -> None:
    """One line for every step that ran, in the folder that holds the tiers."""
    with (folder.parent.parent / RUNS).open("a", encoding="utf-8") as log:
        log.write(f"{what}\n")


def detect(job: Job) -> None:
    name = job.item.scenario.name
    note(job.folder, f"detect {name}")
    if "raises" in name:
        raise ValueError("its street is <b>impossible</b>")
    if "crashes" in name:
        os._exit(3)
    if "hangs" in name:
        time.sleep(600)
    _write(job)


def make(job: Job) -> None:
    note(job.folder, f"make {job.item.scenario.name}")
    (job.folder / "cam.mp4").write_bytes(b"video")
    _write(job)
    (job.folder / REPORT).unlink()


def _write(job: Job) -> None:
    tier = job.item.tier
    made = truth(job.item.scenario.name, tier)
    if tier != "detections":
        (camera,) = made.cameras
        made = made.model_copy(update={"cameras": (camera.model_copy(update={"video": "cam.mp4"}),)})
    made.save(job.folder / TRUTH)
    report("kerbwatch").save(job.folder / REPORT)
    if job.settings.baseline:
        report("baseline", cases=2).save(job.folder / BASELINE)


def score(folder: Path) -> None:
    note(folder, f"score {folder.name.removesuffix('.part')}")
    write_atomically(folder / SCORE, "{}")


class SurePath:
    """A full path that says what it should."""

    def run(self, truth: Truth, folder: Path, key: str) -> Report:
        note(folder, f"path {truth.scenario}")
        assert (folder / "cam.mp4").exists()
        if "node-fails" in truth.scenario:
            raise RuntimeError("node ended with code 1")
        return report("kerbwatch")

    def alive(self) -> bool:
        return True


class MortalPath(SurePath):
    """A full path whose centre is taken down by a scenario named ``kills``, and once by one named ``first``.

    The first path of an evaluation meets ``first`` before ``kills``, whichever thread is quicker.
    """

    def __init__(self, directory: Path) -> None:
        self._alive = True
        self._is_first = directory.name == "1"
        self._met_first = threading.Event()

    def run(self, truth: Truth, folder: Path, key: str) -> Report:
        if "kills" in truth.scenario and self._is_first:
            assert self._met_first.wait(DEADLINE_S), "the item named first never came"
        if not self._alive or "kills" in truth.scenario or ("first" in truth.scenario and self._is_first):
            self._alive = False
            self._met_first.set()
            raise RuntimeError("centre ended with code -9")
        return super().run(truth, folder, key)

    def alive(self) -> bool:
        return self._alive


@contextmanager
def mortal_path(directory: Path, model: str) -> Iterator[SurePath]:
    yield MortalPath(directory)


class Encounters:
    """Full paths on which every run of ``kills`` falls into the run of the same number of ``bystander``."""

    def __init__(self) -> None:
        self._begun: Counter[str] = Counter()
        self._killed = 0

    @contextmanager
    def path(self, directory: Path, model: str) -> Iterator[SurePath]:
        """A path on which they meet if they are sent there together."""
        yield _MeetingPath(self)

    def meet(self, name: str, path: _MeetingPath) -> None:
        """Return when the other has begun its run of that number, and ``kills`` has killed its path."""
        self._begun[name] += 1
        number = self._begun[name]
        if name == "kills":
            wait_for(lambda: self._begun["bystander"] >= number, what=f"bystander's run {number}")
            path.kill()
            self._killed = number
        else:
            wait_for(lambda: self._killed >= number, what=f"the killing {number}")


class _MeetingPath(SurePath):
    def __init__(self, encounters: Encounters) -> None:
        self._encounters = encounters
        self._alive = True

    def run(self, truth: Truth, folder: Path, key: str) -> Report:
        self._encounters.meet(truth.scenario, self)
        if not self._alive:
            raise RuntimeError("centre ended with code -9")
        return super().run(truth, folder, key)

    def alive(self) -> bool:
        return self._alive

    def kill(self) -> None:
        self._alive = False


@contextmanager
def full_path(directory: Path, model: str) -> Iterator[SurePath]:
    assert directory.is_dir()
    yield SurePath()


@contextmanager
def no_broker(directory: Path, model: str) -> Iterator[SurePath]:
    raise RuntimeError("no broker: install mosquitto")
    yield SurePath()


STEPS = Steps(in_process=detect, make=make, full_path=full_path, score=score)


class Watch:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Done] = []

    def done(self, done: Done) -> None:
        self.told.append(done)


def runs(out: Path) -> list[str]:
    """The steps that ran, sorted, and forgets them."""
    log = out / RUNS
    if not log.exists():
        return []
    lines = sorted(log.read_text(encoding="utf-8").splitlines())
    log.unlink()
    return lines
