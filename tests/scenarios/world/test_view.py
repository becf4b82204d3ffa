"""Projection agrees with the renderer, with the node's ground plane and with the node's zones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.ground import GroundPlane, GroundPoint
from ingest.taxonomy import ZonePurpose
from ingest.zones import Zone
from scenarios.language.cast import ActorKind, Posture, class_of
from scenarios.language.street import Camera, SceneZone
from scenarios.scene.light import random_light
from scenarios.scene.raster import Pose, draw_sprite
from scenarios.world.presence import Presence
from scenarios.world.shapes import mesh_of
from scenarios.world.view import View, geo, ground_points, scene_camera, zone_polygon
from tests.scenarios.world.streets import CAMERA, street

_KINDS = [kind for kind in ActorKind if kind is not ActorKind.CUTOUT]
_CAMERA = Camera.model_validate(CAMERA)
_COORDINATE = st.floats(-40, 60)


def _presence(kind: ActorKind, x: float, y: float, heading: float = 0.0, **more: Any) -> Presence:
    content: dict[str, Any] = {
        "number": 1,
        "actor": "a",
        "kind": kind,
        "object_class": class_of(kind),
        "x": x,
        "y": y,
        "heading": heading,
        "size": 1.0,
        "moving": False,
        "travelled": 0.0,
        "seed": 3,
        "posture": Posture.STAND,
    }
    return Presence(**{**content, **more})


@given(
    st.sampled_from(_KINDS), st.floats(-6, 8), st.floats(8, 60), st.floats(-4, 4), st.floats(0.5, 2), st.booleans()
)
@settings(max_examples=80, deadline=None)
def test_a_box_holds_the_middle_of_the_thing(
    kind: ActorKind, x: float, y: float, heading: float, size: float, moving: bool
) -> None:
    view = View(_CAMERA)
    one = _presence(kind, x, y, heading, size=size, moving=moving, travelled=7.3)
    seen = view.project(one)
    height = mesh_of(one).tall / 2
    (uv,), _ = view.lens.project(np.array([[x, y, height]]))
    u, v = uv / (view.lens.width, view.lens.frame_height)
    spread = math.hypot(*mesh_of(one).reach)
    if not (0 < u < 1 and 0 < v < 1) or math.hypot(x, y) - spread < 4:
        return  # out of the picture, or reaching behind the camera: too near to be drawn
    assert seen is not None
    assert seen.box[0] - 0.01 <= u <= seen.box[2] + 0.01
    assert seen.box[1] - 0.01 <= v <= seen.box[3] + 0.01
    assert 0 < seen.inside <= 1


@pytest.mark.parametrize("kind", _KINDS)
def test_a_box_is_what_the_renderer_draws(kind: ActorKind) -> None:
    view = View(_CAMERA)
    one = _presence(kind, 2.0, 15.0, 0.7)
    seen = view.project(one)
    light = random_light(np.random.default_rng(1), (1.0, 0.0, 0.0, 0.0))
    sprite = draw_sprite(mesh_of(one), Pose(2.0, 15.0, 0.7), view.lens, light)
    assert seen is not None
    assert sprite is not None
    rows, columns = np.nonzero(sprite.mask)
    drawn = (
        sprite.left + columns.min(), sprite.top + rows.min(),
        sprite.left + columns.max() + 1, sprite.top + rows.max() + 1,
    )  # fmt: skip
    box = np.array(seen.box) * (640, 360, 640, 360)
    assert np.abs(box - drawn).max() < 3.0


def test_inside_is_the_share_of_the_whole_outline() -> None:
    view = View(_CAMERA)
    shares = [
        seen.inside if (seen := view.project(_presence(ActorKind.CAR, x, 20.0))) else 0.0 for x in range(9, 24)
    ]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert any(0.1 < share < 0.9 for share in shares)
    assert shares[-1] == 0.0


def test_what_is_behind_or_under_the_camera_is_not_seen() -> None:
    assert View(_CAMERA).project(_presence(ActorKind.CAR, 0.0, -20.0)) is None
    assert View(_CAMERA).project(_presence(ActorKind.TREE, 0.0, 0.5)) is None


def test_a_cutout_faces_the_camera_in_its_size() -> None:
    flat = Camera(name="c", height=1.0, tilt_deg=0.0, field_of_view_deg=90.0)
    seen = View(flat).project(_presence(ActorKind.CUTOUT, 0.0, 10.0, billboard=(4.0, 2.0), size=0.5))
    assert seen is not None
    assert seen.box == pytest.approx((0.45, 0.5, 0.55, 0.5 + 0.1 * 320 / 360))


def test_a_knock_moves_the_picture_the_other_way() -> None:
    one = _presence(ActorKind.CAR, 2.0, 20.0)
    usual, panned, tilted = (View(_CAMERA, askew).project(one) for askew in ((0, 0, 0), (5, 0, 0), (0, 5, 0)))
    assert usual
    assert panned
    assert tilted
    assert panned.box[0] < usual.box[0] - 0.05
    assert tilted.box[1] < usual.box[1] - 0.05


_CAMERAS = st.builds(
    Camera,
    name=st.just("cam"),
    x=st.floats(-9, 9),
    height=st.floats(4, 12),
    heading_deg=st.floats(-180, 180),
    tilt_deg=st.floats(12, 60),
    roll_deg=st.floats(-5, 5),
    field_of_view_deg=st.floats(35, 100),
)


@given(_CAMERAS, st.floats(0.15, 0.85), st.floats(0.5, 0.95))
@settings(max_examples=80, deadline=None)
def test_the_node_finds_the_ground_where_it_is(camera: Camera, u: float, v: float) -> None:
    scenario = street(camera=(camera,))
    points = ground_points(camera, scenario)
    assert len(points) == 4
    plane = GroundPlane.fit([GroundPoint(*point) for point in points])
    lens = scene_camera(camera)
    hit = lens.visible_ground(u * lens.width, v * lens.frame_height)
    if hit is None or math.dist(hit, (lens.x, lens.y)) > 80:
        return
    found = plane.position(u, v)
    assert found is not None
    latitude, longitude = geo(scenario, *hit)
    north = (found.latitude - latitude) * 111_194.9
    east = (found.longitude - longitude) * 111_194.9 * math.cos(math.radians(latitude))
    assert math.hypot(east, north) < 0.2


@given(_CAMERAS)
@settings(max_examples=25, deadline=None)
def test_a_camera_is_recovered_from_its_ground_points(camera: Camera) -> None:
    lens = scene_camera(camera)
    stated = []
    for u, v in ((0.2, 0.55), (0.8, 0.6), (0.75, 0.9), (0.15, 0.95), (0.5, 0.7)):
        hit = lens.visible_ground(u * lens.width, v * lens.frame_height)
        if hit is None or math.dist(hit, (lens.x, lens.y)) > 100:
            return
        stated.append((u, v, *hit))
    fitted = scene_camera(Camera(name="cam", ground_points=tuple(stated)))
    cloud = np.array([(x, y, z) for _, _, x, y in stated for z in (0.0, 1.5)])
    ours, _ = fitted.project(cloud)
    theirs, _ = lens.project(cloud)
    assert np.abs(ours - theirs).max() < 3.0


@given(_CAMERAS, st.lists(st.tuples(_COORDINATE, _COORDINATE), min_size=3, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_zone_in_view_is_one_the_node_accepts(camera: Camera, corners: list[tuple[float, float]]) -> None:
    try:
        zone = SceneZone(name="z", purpose=ZonePurpose.PAVEMENT, ground=tuple(corners))
    except ValueError:
        return  # crosses itself or has no area: refused when it is read
    polygon = zone_polygon(zone, camera)
    if polygon is not None:
        Zone(name="z", purpose=ZonePurpose.PAVEMENT, polygon=polygon)


@given(_CAMERAS, st.floats(0.1, 0.9), st.floats(0.5, 0.9))
@settings(max_examples=60, deadline=None)
def test_what_stands_in_a_zone_is_in_it_in_the_picture(camera: Camera, u: float, v: float) -> None:
    lens = scene_camera(camera)
    hit = lens.visible_ground(u * lens.width, v * lens.frame_height)
    if hit is None or math.dist(hit, (lens.x, lens.y)) > 60:
        return
    x, y = hit
    ground = ((x - 4, y - 4), (x + 4, y - 4), (x + 4, y + 4), (x - 4, y + 4))
    polygon = zone_polygon(SceneZone(name="z", purpose=ZonePurpose.PAVEMENT, ground=ground), camera)
    assert polygon is not None
    assert Zone(name="z", purpose=ZonePurpose.PAVEMENT, polygon=polygon).contains((u, v))


def test_a_zone_out_of_view_or_drawn_into_another_picture_is_none() -> None:
    behind = SceneZone(name="z", purpose=ZonePurpose.PAVEMENT, ground=((-5, -50), (5, -50), (5, -40)))
    assert zone_polygon(behind, _CAMERA) is None
    drawn = SceneZone(
        name="z", purpose=ZonePurpose.PAVEMENT, camera="cam", picture=((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    )
    assert zone_polygon(drawn, _CAMERA) == drawn.picture
    assert zone_polygon(drawn, _CAMERA.model_copy(update={"name": "other"})) is None


def test_a_zone_around_a_corner_that_cutting_tangles_keeps_its_larger_part() -> None:
    camera = Camera(name="c", height=8.0, tilt_deg=60.0, field_of_view_deg=60.0)
    comb = ((-20.0, 1.0), (20.0, 1.0), (20.0, 6.0), (0.5, 2.0), (-20.0, 3.0))
    polygon = zone_polygon(SceneZone(name="z", purpose=ZonePurpose.PAVEMENT, ground=comb), camera)
    assert polygon is not None
    Zone(name="z", purpose=ZonePurpose.PAVEMENT, polygon=polygon)


def test_swapped_ground_points_are_refused() -> None:
    points = ((0.1, 0.9, -3.0, 5.0), (0.9, 0.9, 3.0, 5.0), (0.1, 0.5, 6.0, 30.0), (0.9, 0.5, -6.0, 30.0))
    with pytest.raises(ValueError, match="ground_points"):
        scene_camera(Camera(name="cam", ground_points=points))
