"""A frozen stream is told from a quiet street by what a sensor and an encoder always change."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.condition.stillness import Stillness
from tests.detectors.places.street import moment

STREET = np.random.default_rng(3).integers(0, 256, (90, 160)).astype(np.uint8)


def _told(pictures: list[np.ndarray]) -> list[int]:
    still = Stillness()
    return [at for at, picture in enumerate(pictures) if still.looked(moment(at), picture) is not None]


def test_a_repeated_picture_is_no_look_after_a_few_seconds_and_a_new_one_is() -> None:
    assert _told([STREET] * 12 + [255 - STREET] * 2 + [STREET]) == [*range(5, 12)]


def test_a_key_frame_that_encodes_the_same_picture_anew_changes_nothing() -> None:
    again = np.where(STREET < 250, STREET + 3, STREET).astype(np.uint8)
    assert _told([STREET] * 10 + [again] * 10 + [STREET] * 10) == [*range(5, 30)]


@given(st.integers(0, 2**30), st.floats(0.3, 4))
def test_the_noise_of_a_sensor_is_enough_to_be_a_living_picture(seed: int, strength: float) -> None:
    noise = np.random.default_rng(seed).normal(0, strength, (20, *STREET.shape))
    assert _told([np.clip(STREET + part, 0, 255).astype(np.uint8) for part in noise]) == []


def test_state_goes_there_and_back() -> None:
    still = Stillness()
    for at in range(4):
        still.looked(moment(at), STREET)
    again = Stillness.load(*still.dump())
    for at in range(4, 9):
        assert again.looked(moment(at), STREET) == still.looked(moment(at), STREET)


def test_a_camera_that_renews_its_picture_more_seldom_than_it_is_looked_at_is_not_frozen() -> None:
    pictures = []
    for renewal in range(6):
        street = STREET.copy()
        street[30:50, 20 * renewal : 20 * renewal + 12] = 255 * (renewal % 2)
        pictures += [street] * 4
    assert _told(pictures) == []


def test_a_picture_that_comes_again_after_a_long_gap_in_the_looks_is_not_frozen_since_then() -> None:
    still = Stillness(longest_gap_s=3.0)
    assert still.looked(moment(0), STREET) is None
    assert [still.looked(moment(at), STREET) for at in (100, 101, 104)] == [None] * 3
    assert still.looked(moment(105), STREET) == moment(100)


def test_two_slow_looks_at_one_picture_are_enough() -> None:
    still = Stillness(longest_gap_s=60.0)
    assert [still.looked(moment(at), STREET) for at in (0, 20)] == [None, moment(0)]
