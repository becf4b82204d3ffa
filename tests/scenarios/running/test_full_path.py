"""Videos through node, broker and centre as processes: what is on them becomes cases, and nobody dies unnoticed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.boxes import iou
from scenarios.clips import plan_clip, render
from scenarios.clips import truth_of as truth_of_plan
from scenarios.running.full_path import FullPath, RunFailedError
from scenarios.running.node_file import cameras_by_node
from scenarios.stack.processes import ProgramEndedError
from scenarios.truth import Truth
from scenarios.video import VideoWriter
from tests.processes import children, needs_proc

pytestmark = pytest.mark.slow

LOOKS = 20
DWELL_S = 5.0


@pytest.fixture(scope="module")
def full_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullPath]:
    with FullPath(tmp_path_factory.mktemp("full") / "stack") as running:
        yield running


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, Path]:
    """A street that stands still for twenty looks, with a car at the kerb; its truth and the folder of its video."""
    folder = tmp_path_factory.mktemp("street")
    plan = plan_clip(1, "junction")
    problem = plan.problems[0]
    frame = round((problem.start_s + 5.0) * 10)
    picture, _ = next(iter(render(plan, frame, frame + 1)))
    with VideoWriter(folder / "still.mp4", plan.camera.width, plan.camera.frame_height, 1) as writer:
        rng = np.random.default_rng(0)  # a sensor rushes; equal pictures would be a frozen stream
        for _ in range(LOOKS):
            writer.write(np.clip(picture + rng.normal(0, 4.0, picture.shape), 0, 255).astype(np.uint8))
    made = truth_of_plan(plan, video="still.mp4").model_dump(mode="json", by_alias=True)
    for zone in made["cameras"][0]["zones"]:
        for rule in zone["zone"]["rules"]:
            rule["dwell_s"] = DWELL_S
    (seen, *_) = made["problems"][0]["seen"]
    made["problems"] = [
        made["problems"][0] | {"start_s": 0.0, "end_s": None, "seen": [seen | {"from_s": 0.0, "to_s": None}]}
    ]
    return Truth.model_validate(made | {"duration_s": float(LOOKS)}), folder


def test_a_parked_car_is_one_case_and_the_same_street_again_another_one(
    full_path: FullPath, street: tuple[Truth, Path]
) -> None:
    truth, folder = street
    (true,) = truth.problems
    for key in ("first", "second"):
        report = full_path.run(truth, folder, key)
        fitting = [one for one in report.incidents if iou(one.boxes[0].box, true.seen[0].box) > 0.5]
        assert [(one.category, one.first_seen_s, one.raised_s) for one in fitting] == [
            (true.category, 0.0, DWELL_S)
        ]
        assert len(report.cases) == len(report.incidents)
        assert {case.id for case in report.cases} == {one.case for one in report.incidents}
        assert (report.system, report.looks, report.failed_looks) == ("kerbwatch", LOOKS, 0)
        assert report.wall_s > 0


def test_two_nodes_of_a_scenario_report_to_one_site(full_path: FullPath, street: tuple[Truth, Path]) -> None:
    truth, folder = street
    other = truth.camera.model_copy(update={"name": "other", "node": "node-2"})
    both = truth.model_copy(update={"cameras": (truth.camera, other)})
    report = full_path.run(both, folder, "two-nodes")
    assert report.looks == 2 * LOOKS
    assert {incident.camera for incident in report.incidents} == {truth.camera.name, "other"}


def test_a_key_is_used_once(full_path: FullPath, street: tuple[Truth, Path]) -> None:
    truth, folder = street
    nothing = truth.model_copy(
        update={"cameras": (truth.camera.model_copy(update={"zones": ()}),), "problems": ()}
    )
    assert cameras_by_node(nothing) == {}
    assert full_path.run(nothing, folder, "once").incidents == ()
    with pytest.raises(ValueError, match="'once' was used before"):
        full_path.run(nothing, folder, "once")
    with pytest.raises(ValueError, match="should match pattern"):
        full_path.run(nothing, folder, "../elsewhere")


def test_a_node_that_cannot_start_is_told_with_its_log(
    full_path: FullPath, street: tuple[Truth, Path], tmp_path: Path
) -> None:
    with pytest.raises(ProgramEndedError) as caught:
        full_path.run(street[0], tmp_path, "no-video")
    for part in ("node node-1 of no-video ended with code", "node.log", "still.mp4"):
        assert part in str(caught.value)


def test_a_folder_of_another_centre_is_refused(full_path: FullPath, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with pytest.raises(FileExistsError), FullPath(tmp_path):
        pass


@needs_proc
def test_a_run_that_takes_too_long_is_told_and_leaves_no_node_behind(
    full_path: FullPath, street: tuple[Truth, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth, folder = street
    monkeypatch.setattr("scenarios.running.full_path.LIMIT_BASE_S", 0.2)
    monkeypatch.setattr("scenarios.running.full_path.LIMIT_PER_LOOK_S", 0.0)
    before = children(os.getpid())
    with pytest.raises((RunFailedError, ProgramEndedError), match="hasty"):
        full_path.run(truth, folder, "hasty")
    assert children(os.getpid()) == before


def test_a_centre_that_died_is_told_by_the_next_run(street: tuple[Truth, Path], tmp_path: Path) -> None:
    truth, folder = street
    with FullPath(tmp_path / "stack") as running:
        assert running.alive()
        running._centre._process.send_signal(signal.SIGKILL)
        running._centre._process.wait(10)
        assert not running.alive()
        with pytest.raises(ProgramEndedError, match=r"centre ended with code -9.*central\.log"):
            running.run(truth, folder, "orphan")
