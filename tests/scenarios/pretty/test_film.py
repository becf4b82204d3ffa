"""From Blender's frames to the camera's video, with and without Blender."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from scenarios.pretty import film
from scenarios.pretty.cut import cut_of, job_of
from scenarios.pretty.film import make_pretty
from scenarios.pretty.job import frame_name
from scenarios.pretty.runner import PrettyError, draw, require_blender
from scenarios.scene.camera import Image
from scenarios.truth import Truth
from tests.scenarios.pretty.streets import CAR_S, small_street


def _fake_draw(job: Path, _python: str, _progress: object = None) -> None:
    """Draws nothing: six grey frames, each a little brighter."""
    for k in range(6):
        if not (job.parent / frame_name(k)).exists():
            cv2.imwrite(str(job.parent / frame_name(k)), np.full((180, 320, 3), 90 + 10 * k, np.uint8))


def _frames(video: Path) -> list[Image]:
    with av.open(str(video)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


def test_video_and_truth_tell_of_the_same_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "draw", _fake_draw)
    truth = make_pretty(small_street(), tmp_path, python="none")
    assert Truth.load(tmp_path / "truth.json") == truth
    assert len(_frames(tmp_path / str(truth.camera.video))) == 6
    assert truth.camera.fps == 1.0
    assert [sample.t for sample in truth.camera.samples] == [0, 1, 2, 3, 4, 5]
    assert truth.problems[0].seen[0].from_s == CAR_S


def test_a_frozen_stream_repeats_its_last_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "draw", _fake_draw)
    frozen = small_street(condition=[{"kind": "freeze", "from_s": 2.5, "to_s": 5.5}])
    make_pretty(frozen, tmp_path, python="none")
    pictures = _frames(tmp_path / "cam.mp4")
    assert len(pictures) == 6
    assert np.abs(pictures[5].astype(int) - pictures[2]).mean() < 1.5


def test_blender_draws_a_car_where_the_truth_has_it(tmp_path: Path) -> None:
    python = os.environ.get("KERBWATCH_BLENDER_PYTHON", sys.executable)
    try:
        require_blender(python)
    except PrettyError:
        pytest.skip("needs bpy, here or in the interpreter that KERBWATCH_BLENDER_PYTHON names")
    scenario = small_street(pedestrians=[])
    cut = cut_of(scenario, scenario.cameras[0], 7)
    draw(job_of(scenario, cut, only=(0, 5)).write(tmp_path), python)
    empty, parked = (np.asarray(cv2.imread(str(tmp_path / frame_name(k))), np.int16) for k in (0, 5))
    (car,) = [one for one in cut.moments[5].shot.seen if one.kind == "vehicle"]
    changed = np.abs(parked - empty).max(axis=2) > 40
    left, top, right, bottom = (round(v * s) for v, s in zip(car.box, (320, 180, 320, 180), strict=True))
    inside = changed[top:bottom, left:right]
    assert inside.mean() > 0.5
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert rows[0] <= 3
    assert columns[0] <= 3
    assert columns[-1] >= right - left - 4
