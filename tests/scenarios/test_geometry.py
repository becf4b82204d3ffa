"""Geometry of the rendered camera and of zones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.plan import aim, clip_polygon, contains, ground_zone

_CAMERA = aim(3.0, 0.0, 6.0, (1.0, 14.0), 520.0, 0.01)


@given(x=st.floats(-5, 7), y=st.floats(9, 40))
def test_a_ground_point_seen_at_a_pixel_is_the_point_that_projects_there(x: float, y: float) -> None:
    uv, _ = _CAMERA.project(np.array([[x, y, 0.0]]))
    found = _CAMERA.visible_ground(float(uv[0, 0]), float(uv[0, 1]))
    assert found is not None
    assert np.allclose(found, (x, y), atol=1e-6)


@given(x=st.floats(-5, 7), y=st.floats(9, 40))
def test_the_ground_homography_agrees_with_the_projection(x: float, y: float) -> None:
    uv, _ = _CAMERA.project(np.array([[x, y, 0.0]]))
    u, v, w = _CAMERA.ground_homography @ (x, y, 1.0)
    assert np.allclose((u / w, v / w), uv[0])


def test_no_ground_is_seen_above_the_horizon() -> None:
    assert _CAMERA.visible_ground(320.0, -2000.0) is None


@given(st.floats(0, 6.28), st.floats(0.1, 2.0), st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
def test_a_clipped_polygon_never_leaves_the_frame(turn: float, size: float, x: float, y: float) -> None:
    angles = turn + np.array([0.0, 1.5, 3.0, 4.6])
    clipped = clip_polygon(np.column_stack([x + size * np.cos(angles), y + size * np.sin(angles)]))
    assert ((clipped >= 0.0) & (clipped <= 1.0)).all()


def test_a_ground_zone_contains_the_points_of_its_ground() -> None:
    polygon = ground_zone(_CAMERA, -1.0, 3.0, 10.0, 20.0)
    (inside,) = _CAMERA.ground_polygon(np.array([[1.0, 15.0]]))
    (outside,) = _CAMERA.ground_polygon(np.array([[-2.5, 15.0]]))
    assert contains(polygon, *inside.tolist())
    assert not contains(polygon, *outside.tolist())
