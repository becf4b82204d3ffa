"""The change test sees what comes, goes or creeps, and neither noise nor light nor compression."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.attention.change import BLOCK, blocks_of, compare, noise, small_grey, touched, uncovered
from tests.detectors.attention.pictures import bare, compressed, noisy

STREET = bare(1280, 720)


def with_thing(picture: NDArray[np.uint8], grey_levels: float, side: int = 40) -> NDArray[np.uint8]:
    """Something ``side`` pixels wide, that much brighter than the ground, at (400, 300)."""
    drawn = picture.astype(np.int16)
    drawn[300 : 300 + side, 400 : 400 + side] += round(grey_levels)
    return np.clip(drawn, 0, 255).astype(np.uint8)


THING = (400 / 1280, 300 / 720, 440 / 1280, 340 / 720)


def changed(before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return compare(small_grey(before), small_grey(now)).blocks


@pytest.mark.parametrize("sigma", [2.0, 8.0, 20.0])
def test_sensor_noise_is_no_change(sigma: float) -> None:
    assert not changed(noisy(STREET, 1, sigma), noisy(STREET, 2, sigma)).any()


@pytest.mark.parametrize("quality", [95, 60, 30])
def test_compression_is_no_change(quality: int) -> None:
    before, now = (compressed(noisy(STREET, seed, 3.0), quality) for seed in (1, 2))
    assert not changed(before, now).any()


@pytest.mark.parametrize(("gain", "offset"), [(1.15, 0), (0.85, 0), (1.0, 14), (0.9, 8)])
def test_gain_and_offset_are_no_change(gain: float, offset: float) -> None:
    other = np.clip(STREET * gain + offset, 0, 255).astype(np.uint8)
    assert not changed(STREET, other).any()


@pytest.mark.parametrize("sigma", [0.0, 3.0, 8.0])
@pytest.mark.parametrize("levels", [-40.0, 40.0])
def test_a_small_thing_is_seen_where_it_lies_and_nowhere_else(sigma: float, levels: float) -> None:
    before, now = noisy(STREET, 1, sigma), noisy(with_thing(STREET, levels), 2, sigma)
    blocks = changed(before, now)
    shape = small_grey(STREET).shape
    assert touched(THING, blocks, shape)
    around = (THING[0] - 0.05, THING[1] - 0.08, THING[2] + 0.05, THING[3] + 0.08)
    assert not uncovered([around], blocks, shape)


def test_a_thing_is_seen_even_when_the_light_changes_in_the_same_moment() -> None:
    now = np.clip(with_thing(STREET, 40) * 0.88 + 5, 0, 255).astype(np.uint8)
    blocks = changed(STREET, now)
    assert touched(THING, blocks, small_grey(STREET).shape)
    assert blocks.mean() < 0.05


def test_what_fades_in_too_slowly_for_any_two_looks_shows_against_the_last_inference() -> None:
    looks = [with_thing(STREET, levels) for levels in np.arange(0, 41, 1.0)]
    assert not any(changed(a, b).any() for a, b in pairwise(looks))
    assert changed(looks[0], looks[-1]).any()


def test_dusk_shows_as_light_though_no_part_of_the_picture_changes() -> None:
    dusk = np.clip(STREET * 0.6, 0, 255).astype(np.uint8)
    change = compare(small_grey(STREET), small_grey(dusk))
    assert change.light
    assert not compare(small_grey(STREET), small_grey(noisy(STREET, 4, 3.0))).light


def test_a_wholly_different_picture_changes_nearly_everywhere() -> None:
    assert changed(STREET, bare(1280, 720, seed=9)).mean() > 0.5


def test_noise_is_measured_in_grey_levels_whatever_the_street_looks_like() -> None:
    grey = np.full((180, 320), 120, np.float32)
    rng = np.random.default_rng(1)
    assert noise(grey) == 0
    assert noise(grey + rng.normal(0, 4, grey.shape).astype(np.float32)) == pytest.approx(4, rel=0.1)


def test_pictures_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(small_grey(STREET), small_grey(STREET[:600]))


def test_attended_blocks_touch_the_polygon_and_their_neighbours_only() -> None:
    shape = (180, 320)
    blocks = blocks_of([((0.5, 0.5), (0.6, 0.5), (0.6, 0.6), (0.5, 0.6))], [], shape)
    rows, columns = np.nonzero(blocks)
    assert (rows.min() * BLOCK) / 180 <= 0.5
    assert (columns.min() * BLOCK) / 320 <= 0.5
    assert (rows.max() + 1) * BLOCK / 180 == pytest.approx(0.6, abs=0.1)
    assert blocks.mean() < 0.06
    assert not blocks_of([], [], shape).any()
    assert blocks_of([], [(0.0, 0.0, 1.0, 1.0)], shape).all()
