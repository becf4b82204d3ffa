"""The world says the same thing every time, forgets nobody, and stays small over hours."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.taxonomy import ObjectClass
from scenarios.language.scenario import Scenario
from scenarios.world.course import SMOOTH_S
from scenarios.world.world import World
from tests.scenarios.world.streets import CAMERA, Table, actor, parking, street

_LIGHT = {"stop_at_m": 60.0, "red_s": 40.0, "green_s": 40.0}
_LANE: Table = {
    "path": ((1.6, -20.0), (1.6, 80.0)),
    "every_s": (3.0, 6.0),
    "speed_mps": (7.0, 9.0),
    "kinds": ("car", "van", "moped"),
    "signal": _LIGHT,
}
_CROWD: Table = {
    "path": ((6.0, 0.0), (6.0, 30.0), (7.0, 50.0)),
    "every_s": (2.0, 5.0),
    "speed_mps": (1.0, 1.6),
    "width_m": 3.0,
    "linger_share": 0.5,
    "linger_s": (5.0, 60.0),
}


def _busy(**parts: object) -> Scenario:
    return parking(**{"traffic": (_LANE,), "pedestrians": (_CROWD,), **parts})


_BUSY = _busy()
_WORLD, _TWIN = World(_BUSY), World(_BUSY)


@given(st.floats(0, 1000))
@settings(max_examples=60, deadline=None)
def test_two_worlds_of_one_scenario_agree_and_nobody_there_is_left_out(t: float) -> None:
    here = _WORLD.present(t)
    assert here == _TWIN.present(t)
    numbers = [one.number for one in here]
    assert numbers == sorted(set(numbers))
    assert min(numbers) > 0
    members = sum(1 for member in _WORLD.members if member.first <= t < member.last)
    assert sum(1 for one in here if one.actor is None) == members
    assert ("parker" in [one.actor for one in here]) is (100 <= t < 900)


def test_members_keep_number_and_looks_for_life() -> None:
    looks: dict[int, tuple[object, ...]] = {}
    for t in range(0, 1000, 3):
        for one in _WORLD.present(t):
            assert looks.setdefault(one.number, (one.kind, one.seed, one.actor)) == (one.kind, one.seed, one.actor)


def test_nobody_of_a_stream_jumps() -> None:
    before = {one.number: one for one in _WORLD.present(200.0)}
    for step in range(1, 600):
        now = {one.number: one for one in _WORLD.present(200.0 + step * 0.1)}
        for number in now.keys() & before.keys():
            one, two = before[number], now[number]
            assert abs(one.x - two.x) + abs(one.y - two.y) < 2.0
        before = now


def test_a_street_is_under_way_when_the_scenario_begins() -> None:
    classes = {one.object_class for one in _WORLD.present(0.0)}
    assert {ObjectClass.VEHICLE, ObjectClass.PERSON} <= classes


def test_a_rider_stays_in_the_saddle_at_a_red_light() -> None:
    waiting = [
        one
        for t in range(0, 1000, 5)
        for one in _WORLD.present(t)
        if one.object_class is ObjectClass.TWO_WHEELER and not one.moving
    ]
    assert waiting
    assert all(one.ridden for one in waiting)


def test_streams_on_one_path_share_the_lane() -> None:
    bus = {**_LANE, "kinds": ("bus",), "every_s": (60.0, 80.0), "halt": {"at_m": 30.0, "for_s": (20.0, 30.0)}}
    cars = {key: value for key, value in _LANE.items() if key != "signal"}
    world = World(street(traffic=(bus, cars)))
    for t in range(0, 900, 2):
        ys = sorted(one.y for one in world.present(t))
        assert all(later - earlier > 2.0 for earlier, later in pairwise(ys))


def test_nobody_enters_after_a_streams_end() -> None:
    world = World(street(traffic=({**_LANE, "from_s": 100.0, "to_s": 200.0},)))
    assert world.members
    assert all(100.0 <= member.first < 200.0 for member in world.members)
    assert world.present(50.0) == []


def test_twelve_hours_of_traffic_need_a_few_corners_for_each_vehicle() -> None:
    world = World(_busy(duration_s=12 * 3600.0, problem=()))
    assert len(world.members) > 15_000
    assert sum(len(member.course.times) for member in world.members) < 12 * len(world.members)
    assert len(world.present(40_000.0)) < 100


def test_the_stands_of_members_are_where_they_do_not_move() -> None:
    for member, from_s, to_s, standing in list(_WORLD.member_stands())[:200]:
        assert to_s > from_s
        assert not standing.moving
        assert member.course.at(from_s) == pytest.approx(member.course.at(to_s))
        assert member.course.moves(from_s - SMOOTH_S - 0.1) or from_s - SMOOTH_S - 0.1 < member.first


def test_a_cutout_is_as_wide_as_its_picture_says(tmp_path: Path) -> None:
    picture = tmp_path / "stall.png"
    cv2.imwrite(str(picture), np.zeros((50, 100, 4), np.uint8))
    cutout = actor("c", "cutout", (0, 5, 20), picture=picture, tall_m=1.5, object_class="stall")
    scenario = street(actor=(cutout,), tiers=("composed",))
    (one,) = World(scenario).present(0.0)
    assert one.billboard == (3.0, 1.5)
    picture.unlink()
    missing = street(actor=({**cutout, "picture": tmp_path / "gone.png"},), tiers=("composed",))
    with pytest.raises(ValueError, match=r"gone\.png: cannot be read"):
        World(missing)


def test_a_place_that_no_camera_condition_names_has_fair_weather() -> None:
    world = World(
        street(camera=(CAMERA, {**CAMERA, "name": "two"}), condition=({"kind": "rain", "cameras": ["two"]},))
    )
    assert world.weather(5.0, "cam").rain == 0.0
    assert world.weather(5.0, "two").rain == 1.0
