"""The recordings' truth fits the recordings, and no other recording is taken for them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from detectors.runtime import open_detector
from detectors.types import iou
from ingest.taxonomy import ObjectClass
from models.catalogue import resolve
from scenarios.baseline.detecting import detected_looks
from scenarios.language.scenario import Scenario
from scenarios.language.street import Footage
from scenarios.recorded.clips import ENVIRONMENT, FootageError, footage_file, make_recorded, recorded_scenarios
from scenarios.truth import Truth
from scenarios.world.truths import truth_of

CONTENT = b"not much of a recording"


def recorded(name: str) -> Scenario:
    return next(scenario for scenario in recorded_scenarios() if scenario.name == name)


def stated(content: bytes = CONTENT) -> Footage:
    return Footage(file="clip.avi", sha256=hashlib.sha256(content).hexdigest())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    videos = tmp_path / "videos"
    videos.mkdir()
    return videos


def test_exactly_two_vehicles_are_parked_in_one_clip_and_none_in_the_other() -> None:
    problems = {scenario.name: [problem.id for problem in scenario.problems] for scenario in recorded_scenarios()}
    assert problems == {"car-detection": [], "vtest": ["van", "blue-car"]}


def test_a_recordings_truth_needs_no_recording() -> None:
    truth = truth_of(recorded("vtest"), "real")
    assert [len(problem.seen) for problem in truth.problems] == [1, 1]
    assert {rule.category.value for zone in truth.camera.zones for rule in zone.zone.rules} == {
        "parked_vehicle",
        "parked_two_wheeler",
        "street_vendor",
        "garbage",
    }


def test_an_absent_recording_is_none(folder: Path) -> None:
    assert footage_file(stated()) is None


def test_the_right_recording_is_found(folder: Path) -> None:
    (folder / "clip.avi").write_bytes(CONTENT)
    assert footage_file(stated()) == folder / "clip.avi"


def test_another_recording_under_that_name_is_refused_with_both_digests(folder: Path) -> None:
    (folder / "clip.avi").write_bytes(b"another")
    with pytest.raises(FootageError) as caught:
        footage_file(stated())
    for part in (str(folder / "clip.avi"), hashlib.sha256(b"another").hexdigest(), stated().sha256):
        assert part in str(caught.value)


def test_making_without_the_recording_says_where_it_belongs(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FootageError, match=rf"no vtest.avi in {folder}; .*{ENVIRONMENT}"):
        make_recorded(recorded("vtest"), tmp_path / "out")


@pytest.mark.footage
def test_making_links_the_recording_and_may_be_repeated(footage: Path, tmp_path: Path) -> None:
    for _ in range(2):
        truth = make_recorded(recorded("car-detection"), tmp_path)
    assert Truth.load(tmp_path / "truth.json") == truth
    assert (truth.camera.video, truth.camera.fps) == ("car-detection.mp4", 12.5)
    assert (tmp_path / "car-detection.mp4").resolve() == (footage / "videos" / "car-detection.mp4").resolve()


@pytest.mark.footage
def test_the_detector_sees_both_parked_vehicles_where_the_truth_says(footage: Path, tmp_path: Path) -> None:
    truth = make_recorded(recorded("vtest"), tmp_path)
    detector = open_detector(resolve("kerbwatch-nano"))
    looks = detected_looks(truth.model_copy(update={"look_interval_s": 30.0}), tmp_path, detector)["corner"]
    detector.close()
    assert [look.at_s for look in looks] == [0.0, 30.0, 60.0]
    true = np.array([problem.seen[0].box for problem in truth.problems], np.float32)
    for look in looks:
        vehicles = look.boxes[[kind is ObjectClass.VEHICLE for kind in look.classes]]
        assert iou(true, vehicles).max(axis=1).min() > 0.7
