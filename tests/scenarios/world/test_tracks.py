"""Keyframes become motion: continuous, standing where two keyframes agree, looking where stated."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.language.cast import Actor
from scenarios.world.tracks import ActorTrack
from tests.scenarios.world.streets import actor

_GRID = st.integers(-20, 20).map(float)
_FRAMES = st.lists(st.tuples(st.integers(1, 60), _GRID, _GRID, st.floats(0.2, 4.0)), min_size=1, max_size=7)


def _track(**table: object) -> ActorTrack:
    return ActorTrack(Actor.model_validate(table), 1000.0)


def _random_track(rows: list[tuple[int, float, float, float]]) -> ActorTrack:
    s, frames = 0.0, []
    for gap, x, y, size in rows:
        s += gap
        frames.append({"s": s, "x": x, "y": y, "size": size})
    return _track(id="a", kind="heap", at=frames)


@given(_FRAMES, st.floats(0, 400))
@settings(deadline=None)
def test_nobody_jumps(rows: list[tuple[int, float, float, float]], t: float) -> None:
    track = _random_track(rows)
    before, after = track.at(t), track.at(t + 0.001)
    if before is None or after is None:
        assert t < track.first
        return
    assert math.dist((before.x, before.y), (after.x, after.y)) < 0.1
    assert abs(before.size - after.size) < 0.01
    assert after.travelled >= before.travelled


@given(_FRAMES)
@settings(deadline=None)
def test_stands_are_the_times_without_motion(rows: list[tuple[int, float, float, float]]) -> None:
    track = _random_track(rows)
    stands = track.stands()
    for stand in stands:
        spots = [track.at(stand.from_s + (stand.to_s - stand.from_s) * share) for share in (0.01, 0.5, 0.99)]
        assert all(spot and not spot.moving and (spot.x, spot.y) == (stand.spot.x, stand.spot.y) for spot in spots)
    times = [track.first + step * 0.37 for step in range(600)]
    for t in times:
        spot = track.at(t)
        if t < track.last and spot is not None:
            assert spot.moving is not any(stand.from_s <= t < stand.to_s for stand in stands)


def test_an_actor_is_there_from_its_first_keyframe_until_it_leaves() -> None:
    track = _track(**actor("a", "car", (10, 0, 0), leaves_s=20))
    assert track.at(9.99) is None
    assert track.at(10) is not None
    assert track.at(20) is None
    assert [(stand.from_s, stand.to_s) for stand in track.stands()] == [(10, 20)]


def test_who_drives_looks_ahead_and_keeps_that_when_it_stands() -> None:
    track = _track(**actor("a", "car", (0, 0, 0), (10, 5, 0), (20, 5, 0), (30, 5, -5)))
    headings = [track.at(t).heading for t in (5, 15, 25, 35)]  # type: ignore[union-attr]  # it never leaves
    assert headings == pytest.approx([math.pi / 2, math.pi / 2, math.pi, math.pi])


def test_a_stated_heading_holds_while_standing_and_yields_to_the_way_out() -> None:
    track = _track(
        id="a",
        kind="car",
        at=[
            {"s": 0, "x": 0, "y": 0, "heading_deg": 90},
            {"s": 10, "x": 0, "y": 0, "heading_deg": 90},
            {"s": 20, "x": 0, "y": 9},
        ],
    )
    assert [track.at(t).heading for t in (5, 15)] == pytest.approx([math.pi / 2, 0.0])  # type: ignore[union-attr]  # it never leaves


def test_a_turn_goes_the_shorter_way_round() -> None:
    frames = [{"s": 0, "x": 0, "y": 0, "heading_deg": 350}, {"s": 10, "x": 0, "y": 0, "heading_deg": 10}]
    spot = _track(id="a", kind="car", at=frames).at(5)
    assert spot is not None
    assert math.cos(spot.heading) == pytest.approx(1.0)


def test_what_grows_while_it_stands_has_a_spot_for_every_fifth_of_growth() -> None:
    frames = [{"s": 0, "x": 0, "y": 0}, {"s": 1000, "x": 0, "y": 0, "size": 3.0}]
    (stand,) = _track(id="a", kind="heap", at=frames).stands()
    sizes = [spot.size for _, spot in stand.spots]
    assert (stand.from_s, stand.to_s) == (0, 1000)
    assert sizes == sorted(sizes)
    assert len(sizes) >= 6
