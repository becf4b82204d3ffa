"""The job for Blender: the same for the same scenario, and its camera is ours."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.language.scenario import Scenario
from scenarios.pretty.cut import Cut, cut_of, job_of, refuse
from scenarios.pretty.job import camera_of, frame_name, solid_of
from scenarios.pretty.solids import leaves, limbs, linear
from scenarios.scene.camera import Camera
from scenarios.scene.mesh import MeshBuilder
from tests.scenarios.pretty.streets import small_street


def _cut(scenario: Scenario) -> Cut:
    return cut_of(scenario, scenario.cameras[0], 7)


def _written(scenario: Scenario, folder: Path, cut: Cut | None = None) -> str:
    return job_of(scenario, cut or _cut(scenario)).write(folder).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cut() -> Cut:
    return _cut(small_street())


@given(
    yaw=st.floats(-3, 3),
    pitch=st.floats(0.05, 1.2),
    roll=st.floats(-0.3, 0.3),
    focal=st.floats(200, 900),
    point=st.tuples(st.floats(-8, 8), st.floats(-8, 8), st.floats(0, 3)),
)
def test_blenders_camera_puts_every_point_where_ours_does(
    yaw: float, pitch: float, roll: float, focal: float, point: tuple[float, float, float]
) -> None:
    camera = Camera(1.0, -2.0, 7.0, yaw, pitch, focal, roll)
    # A point well before the camera, wherever it looks.
    world = camera.position + camera.axes[2] * 20 + np.array(point)
    told = camera_of(camera)
    x, y, z, _ = np.linalg.inv(np.array(told["matrix"])) @ (*world, 1.0)
    lens = told["focal"] * 36.0 / camera.width  # as the Blender program sets it, sensor 36 mm wide
    pixels = lens / 36.0 * camera.width / -z
    expected, _ = camera.project(world[None])
    assert np.allclose(
        (camera.width / 2 + x * pixels, camera.frame_height / 2 - y * pixels), expected[0], atol=1e-3
    )


def test_the_same_scenario_gives_the_same_job_and_arrays(tmp_path: Path, cut: Cut) -> None:
    first, again = _written(small_street(), tmp_path / "a", cut), _written(small_street(), tmp_path / "b")
    assert first == again
    arrays = [np.load(tmp_path / name / "shapes.npz") for name in ("a", "b")]
    assert set(arrays[0]) == set(arrays[1])
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


def test_what_never_moves_is_told_once_and_what_moves_for_each_frame(tmp_path: Path, cut: Cut) -> None:
    job = json.loads(_written(small_street(), tmp_path, cut))
    assert len(job["still"]) == 2  # the houses and the tree
    assert [len(frame["things"]) for frame in job["frames"]] == [2] * 6
    crowns = [mesh for mesh in job["meshes"].values() if mesh["foliage"]]
    assert len(crowns) == 1


def test_frames_of_a_job_stay_as_long_as_the_job_does(tmp_path: Path, cut: Cut) -> None:
    _written(small_street(), tmp_path, cut)
    picture = tmp_path / frame_name(2)
    picture.write_bytes(b"drawn")
    _written(small_street(), tmp_path, cut)
    assert picture.exists()
    _written(small_street(scenery={"seed": 9}), tmp_path, cut)
    assert not picture.exists()


def test_looks_without_a_picture_are_not_drawn(tmp_path: Path) -> None:
    gone = {"kind": "offline", "from_s": 1.5, "to_s": 3.5}
    frozen = {"kind": "freeze", "from_s": 4.5}
    job = json.loads(_written(small_street(condition=[gone, frozen]), tmp_path))
    assert [frame["picture"] for frame in job["frames"]] == [frame_name(k) for k in (0, 1, 4)]


def test_a_knock_turns_the_jobs_camera_and_rain_takes_the_sun(tmp_path: Path) -> None:
    knock = {"kind": "askew", "from_s": 2.5, "pan_deg": 5}
    rain = {"kind": "rain", "from_s": 2.5}
    frames = json.loads(_written(small_street(condition=[knock, rain]), tmp_path))["frames"]
    assert frames[2]["camera"] != frames[3]["camera"]
    assert not frames[3]["light"]["clear"]


@pytest.mark.parametrize(
    "changes",
    [
        {"scenery": {"background": "street.jpg"}},
        {
            "camera": [],
            "zone": [],
            "problem": [],
            "sensor": [{"name": "pm", "quantity": "pm10", "course": [(0, 1)]}],
        },
    ],
)
def test_what_blender_cannot_draw_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="small"):
        refuse(small_street(**changes))


def test_faces_and_limbs_of_a_shape_become_polygons_with_a_colour_each() -> None:
    builder = MeshBuilder()
    builder.box((0, 0, 0), (2, 1, 1), (10, 20, 30), gloss=0.5)
    builder.capsule((0, 0, 1), (0, 0, 2), 0.1, 0.05, (200, 10, 10))
    arrays = solid_of(builder.build())
    faces = len(arrays["starts"]) - 1
    assert len(arrays["colours"]) == len(arrays["gloss"]) == faces
    assert int(arrays["loops"].max()) < len(arrays["points"])
    assert arrays["starts"][-1] == len(arrays["loops"])
    # A box has eight corners: its five faces share them, so that bevels and smooth shading see one surface.
    assert len(np.unique(arrays["loops"][: arrays["starts"][5]])) == 8


@given(st.floats(0.02, 0.3), st.floats(0.02, 0.3), st.floats(0, 2))
def test_a_limb_is_as_thick_as_its_radii(start: float, end: float, long: float) -> None:
    points, quads = limbs(np.array([[0, 0, 1, 0, 0, 1 + long, start, end]]))
    from_axis = np.hypot(points[:, 0], points[:, 1])
    assert math.isclose(from_axis.max(), max(start, end), rel_tol=0.02)
    assert points[:, 2].min() >= 1 - max(start, end) - 1e-9
    assert quads.max() == len(points) - 1


def test_leaves_surround_their_ball() -> None:
    balls = np.array([[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 0.2, 0.2]])
    points, quads = leaves(balls, 1, 50)
    assert len(quads) == 50
    assert np.linalg.norm(points - (1.0, 2.0, 3.0), axis=1).max() < 0.45


def test_screen_colours_become_linear_light_in_the_order_red_green_blue() -> None:
    assert np.allclose(linear(np.array([[0.0, 0.0, 255.0]])), [[1, 0, 0, 1]])
    assert np.allclose(linear(np.array([[188.0, 188.0, 188.0]]))[0, :3], 0.5029, atol=1e-3)
