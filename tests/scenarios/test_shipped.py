"""The clips that come with the project: whole, small, and true."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest

from scenarios.language.files import load_scenario
from scenarios.scene.camera import Image
from scenarios.shipped import CLIPS, shipped
from scenarios.truth import Truth
from scenarios.world.audit import audit
from scenarios.world.truths import truth_of

_MOST_BYTES = 1_500_000
_CLIPS = dict(zip(CLIPS, shipped(), strict=True))


@lru_cache(maxsize=2)
def _frames(name: str) -> list[Image]:
    folder, truth = _CLIPS[name]
    with av.open(str(folder / str(truth.camera.video))) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


@pytest.mark.parametrize("name", CLIPS)
def test_a_shipped_clip_is_small_and_has_a_frame_for_each_look(name: str) -> None:
    folder, truth = _CLIPS[name]
    video = folder / str(truth.camera.video)
    assert video.stat().st_size < _MOST_BYTES
    frames = _frames(name)
    assert len(frames) == round(truth.duration_s * truth.camera.fps) == len(truth.camera.samples)
    assert frames[0].shape == (truth.camera.height, truth.camera.width, 3)


@pytest.mark.parametrize("name", CLIPS)
def test_the_truth_of_a_shipped_clip_is_that_of_its_scenario(name: str) -> None:
    folder, truth = _CLIPS[name]
    scenario = load_scenario(folder / f"{name}.scenario.toml")
    assert audit(scenario) == []
    anew = truth_of(
        scenario,
        "rendered",
        videos={truth.camera.name: str(truth.camera.video)},
        samples={truth.camera.name: truth.camera.samples},
    )
    assert Truth.model_validate_json(anew.model_dump_json(by_alias=True)) == truth
    assert scenario.seed < 1000


@pytest.mark.parametrize("name", CLIPS)
def test_the_picture_changes_where_and_when_a_problem_comes_to_stand(name: str) -> None:
    _, truth = _CLIPS[name]
    frames = _frames(name)
    for problem in truth.problems:
        (seen,) = problem.seen
        sides = (truth.camera.width, truth.camera.height) * 2
        left, top, right, bottom = (round(v * s) for v, s in zip(seen.box, sides, strict=True))
        # Well before it came and while it stands: medians, so that whoever passes does not count.
        before = np.median([f[top:bottom, left:right] for f in frames[: int(problem.start_s) - 5]], axis=0)
        during = np.median([f[top:bottom, left:right] for f in frames[int(problem.start_s) + 1 : 55]], axis=0)
        inside = np.abs(during - before).max(axis=2) > 25
        assert inside.mean() > 0.35
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        slack = 0.12
        assert rows[0] <= slack * len(inside)
        assert columns[0] <= slack * inside.shape[1]
        assert columns[-1] >= (1 - slack) * inside.shape[1] - 1


def test_no_shipped_file_has_changed_since_it_was_made() -> None:
    folder = next(iter(_CLIPS.values()))[0].parent
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    files = {path.relative_to(folder).as_posix(): path for name in CLIPS for path in (folder / name).iterdir()}
    assert set(listed) == set(files)
    for name, path in files.items():
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == listed[name]
