"""The steps an item goes through, as functions that a worker process can run: each reads and writes its folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scenarios.evaluation.item import Job
from scenarios.evaluation.store import BASELINE, REPORT, SCORE, TRUTH, write_atomically
from scenarios.report import Report
from scenarios.truth import Truth

if TYPE_CHECKING:  # the runtime is imported by the worker that needs it
    from detectors.types import Detector


class PathRuns(Protocol):
    """The whole system at work: broker, centre, and a node per run."""

    def run(self, truth: Truth, folder: Path, key: str) -> Report:
        """Play a folder's videos through it. ``key`` keeps runs apart."""
        ...

    def alive(self) -> bool:
        """Whether broker and centre still run; otherwise no run can succeed any more."""
        ...


@dataclass(frozen=True)
class Steps:
    """How items are made, run and judged; tests put doubles in their place.

    Attributes:
        in_process: Detections tier: writes truth, report and baseline.
        make: Tiers with pictures: writes videos, truth and baseline.
        full_path: Starts the system in a folder, with a model of that name.
        score: Writes ``score.json`` from truth, report and baseline (where there is one).
    """

    in_process: Callable[[Job], None]
    make: Callable[[Job], None]
    full_path: Callable[[Path, str], AbstractContextManager[PathRuns]]
    score: Callable[[Path], None]


def real_steps() -> Steps:
    """The steps of the command."""
    return Steps(detect_in_process, make_input, start_full_path, score_folder)


def detect_in_process(job: Job) -> None:
    """Sightings by the error model through the real logic, in this process."""
    from scenarios.baseline.dwell import baseline_report
    from scenarios.errors.profile import load_profile
    from scenarios.running.in_process import run_in_process

    outcome = run_in_process(job.item.scenario, load_profile(job.settings.error_profile))
    outcome.truth.save(job.folder / TRUTH)
    outcome.report.save(job.folder / REPORT)
    if job.settings.baseline:
        baseline_report(outcome.truth, outcome.looks).save(job.folder / BASELINE)


def make_input(job: Job) -> None:
    """Videos and truth; and what the baseline says about them, since the detector is at hand here."""
    truth = _made(job)
    truth.save(job.folder / TRUTH)
    if job.settings.baseline:
        from scenarios.baseline.detecting import detected_looks
        from scenarios.baseline.dwell import baseline_report

        looks = detected_looks(truth, job.folder, _detector(job.settings.model))
        baseline_report(truth, looks).save(job.folder / BASELINE)


def _made(job: Job) -> Truth:
    scenario, tier = job.item.scenario, job.item.tier
    if job.item.made is not None:
        truth = Truth.load(job.item.made / TRUTH)
        for camera in truth.cameras:
            if camera.video is not None:
                (job.folder / camera.video).symlink_to(job.item.made / camera.video)
        return truth
    if tier == "composed" or tier == "rendered":
        from scenarios.makers.pictures import make_pictures

        return make_pictures(scenario, tier, job.folder)
    from scenarios.recorded.clips import make_recorded

    return make_recorded(scenario, job.folder)


@cache
def _detector(model: str) -> Detector:
    """One for all items of a worker process."""
    from detectors.runtime.opening import open_detector
    from models.catalogue import resolve

    return open_detector(resolve(model))


def start_full_path(directory: Path, model: str) -> AbstractContextManager[PathRuns]:
    """Broker and centre in a folder."""
    from scenarios.running.full_path import FullPath

    return FullPath(directory, model=model)


def score_folder(folder: Path) -> None:
    """Judge both systems on the truth in a folder."""
    from scenarios.evaluation.judged import Judged
    from scenarios.scoring import score

    truth = Truth.load(folder / TRUTH)
    baseline = folder / BASELINE
    judged = Judged(
        kerbwatch=score(truth, Report.load(folder / REPORT)),
        baseline=score(truth, Report.load(baseline)) if baseline.exists() else None,
    )
    write_atomically(folder / SCORE, judged.model_dump_json())
