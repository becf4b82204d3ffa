"""Effects: repeatable, harmless at strength 0, and doing what their strength says."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.effects.headlights import Beam, Glare, beam_pool, headlit
from scenarios.effects.lens import cover_mask, covered, defocused, dirty
from scenarios.effects.mounting import shake_offset, shifted
from scenarios.effects.night import Lamp, darkened, glowing, infrared, infrared_reach, lamplight
from scenarios.effects.rain import rained
from scenarios.effects.shadows import shaded, shadow_mask
from scenarios.effects.surroundings import FAR_M, surroundings
from scenarios.scene.camera import Camera, Image

_WIDE, _TALL = 160, 90
_CAMERA = Camera(0.0, 0.0, 6.0, 0.0, math.radians(20), 140.0, width=_WIDE, frame_height=_TALL)
_AROUND = surroundings(_CAMERA, -9.0, 9.0)
_LAMPS = np.array([[4.0, 12.0, 7.0], [-4.0, 24.0, 7.0]])
_SHINE = lamplight(_AROUND.points, _LAMPS)
_REACH = infrared_reach(_AROUND.distance)
_GROUND = np.array([[-3.0, 8.0], [3.0, 8.0], [3.0, 16.0], [-3.0, 16.0]])


def _frame(seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(20, 236, (_TALL, _WIDE, 3), dtype=np.uint8)


def _rain(frame: Image, amount: float) -> Image:
    return rained(frame, amount, _AROUND, (5, 0), np.random.default_rng(3))


def _headlights(frame: Image, amount: float) -> Image:
    pool = beam_pool(_CAMERA, [Beam(0.0, 20.0, math.pi, 1.8)])
    return headlit(frame, frame, amount, 0.8, pool, [Glare(80.0, 40.0, 3.0, 0.9)])


def _shadow(frame: Image, amount: float) -> Image:
    return shaded(frame, amount, shadow_mask(_CAMERA, _GROUND), np.ones((_TALL, _WIDE), bool))


_EFFECTS: dict[str, Callable[[Image, float], Image]] = {
    "rain": _rain,
    "dusk": lambda frame, amount: darkened(frame, amount, _SHINE),
    "infrared": lambda frame, amount: infrared(frame, amount, _REACH),
    "glow": lambda frame, amount: glowing(frame, [Lamp(50.0, 20.0, 2.0, (150, 215, 255))], amount),
    "headlights": _headlights,
    "shadow": _shadow,
    "cover": lambda frame, amount: covered(frame, amount, 4),
    "dirt": lambda frame, amount: dirty(frame, amount, 4),
    "defocus": defocused,
}


@pytest.mark.parametrize("effect", _EFFECTS.values(), ids=_EFFECTS)
def test_an_effect_of_strength_nought_changes_nothing(effect: Callable[[Image, float], Image]) -> None:
    assert np.array_equal(effect(_frame(), 0.0), _frame())


@pytest.mark.parametrize("effect", _EFFECTS.values(), ids=_EFFECTS)
def test_an_effect_is_repeatable_leaves_its_input_alone_and_keeps_the_shape(
    effect: Callable[[Image, float], Image],
) -> None:
    given_frame = _frame()
    first, again = effect(given_frame, 0.8), effect(_frame(), 0.8)
    assert np.array_equal(first, again)
    assert np.array_equal(given_frame, _frame())
    assert first.shape == given_frame.shape
    assert first.dtype == np.uint8
    assert not np.array_equal(first, given_frame)


@settings(max_examples=40, deadline=None)
@given(amount=st.floats(0, 1), seed=st.integers(0, 50))
def test_a_cover_hides_the_share_it_says(amount: float, seed: int) -> None:
    assert float(cover_mask(_TALL, _WIDE, amount, seed).mean()) == pytest.approx(amount, abs=0.06)


def test_a_growing_cover_uncovers_nothing() -> None:
    masks = [cover_mask(_TALL, _WIDE, amount, 3) for amount in (0.1, 0.4, 0.7, 1.0)]
    assert all((after >= before).all() for before, after in pairwise(masks))


def test_behind_a_whole_cover_no_detail_is_left() -> None:
    assert covered(_frame(), 1.0, 2).std(axis=(0, 1)).max() < 4


def test_dusk_leaves_most_light_under_the_lamps() -> None:
    grey = np.full((_TALL, _WIDE, 3), 120, np.uint8)
    dark = darkened(grey, 1.0, _SHINE)
    assert dark.mean() < 0.75 * grey.mean()
    near, far = _AROUND.points[..., 1] < 20, _AROUND.points[..., 1] > 45
    ground = _AROUND.ground
    assert dark[near & ground].mean() > dark[far & ground].mean()


def test_an_infrared_picture_is_grey_and_dark_at_the_far_end() -> None:
    picture = infrared(_frame(), 1.0, _REACH)
    assert np.array_equal(picture[..., 0], picture[..., 2])
    middle = np.abs(np.arange(_WIDE) - _WIDE / 2) < 20
    far, near = _AROUND.distance > 50, _AROUND.distance < 14
    assert picture[far & middle].mean() < 0.5 * picture[near & middle].mean()


def test_rain_hides_the_distance_more_than_the_foreground() -> None:
    frame = np.zeros((_TALL, _WIDE, 3), np.uint8)
    frame[::4] = 255
    wet = rained(frame, 1.0, _AROUND, (1,), np.random.default_rng(0))
    far = int(np.flatnonzero(_AROUND.distance[:, 80] > 60)[-1])
    assert wet[far - 4 : far, 70:90].std() < 0.75 * wet[-8:, 70:90].std()


@settings(max_examples=30, deadline=None)
@given(amount=st.floats(0, 1), seed=st.integers(0, 1000))
def test_shaking_stays_within_one_hundredth_of_the_width(amount: float, seed: int) -> None:
    right, down = shake_offset(amount, _WIDE, np.random.default_rng(seed))
    assert max(abs(right), abs(down)) <= 0.01 * _WIDE * amount + 1e-9


def test_a_shifted_picture_moves_and_leaves_no_black_border() -> None:
    frame = np.full((_TALL, _WIDE, 3), 90, np.uint8)
    frame[40:50, 70:80] = 250
    moved = shifted(frame, (3.0, -2.0))
    assert np.array_equal(moved[38:48, 73:83], frame[40:50, 70:80])
    assert moved.min() >= 89


def test_a_shadow_falls_where_its_ground_is_and_only_there() -> None:
    grey = np.full((_TALL, _WIDE, 3), 200, np.uint8)
    dark = _shadow(grey, 1.0)
    inside = _CAMERA.ground_polygon(np.array([[0.0, 12.0]]))[0] * (_WIDE, _TALL)
    outside = _CAMERA.ground_polygon(np.array([[6.0, 12.0]]))[0] * (_WIDE, _TALL)
    assert dark[int(inside[1]), int(inside[0])].mean() < 100
    assert dark[int(outside[1]), int(outside[0])].mean() == 200


def test_a_shadow_that_reaches_behind_the_camera_is_cut_not_turned_inside_out() -> None:
    mask = shadow_mask(_CAMERA, np.array([[-2.0, -30.0], [2.0, -30.0], [2.0, 9.0], [-2.0, 9.0]]))
    beyond = _CAMERA.ground_polygon(np.array([[0.0, 14.0]]))[0] * (_WIDE, _TALL)
    assert mask[_TALL - 2, _WIDE // 2] > 0.9
    assert mask[int(beyond[1]), int(beyond[0])] == 0
    assert not shadow_mask(_CAMERA, np.array([[-2.0, -9.0], [2.0, -9.0], [0.0, -4.0]])).any()


def test_every_pixel_of_the_surroundings_projects_back_onto_itself() -> None:
    shown = ~_AROUND.sky
    uv, depth = _CAMERA.project(_AROUND.points[shown].astype(np.float64))
    rows, columns = np.nonzero(shown)
    assert depth.min() > 0
    assert np.abs(uv - np.column_stack([columns + 0.5, rows + 0.5])).max() < 0.01
    met = _AROUND.ground & (_AROUND.distance < FAR_M)
    assert np.allclose(_AROUND.points[met][:, 2], 0, atol=1e-3)
    assert _AROUND.distance.max() <= FAR_M
