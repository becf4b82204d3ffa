"""Night darkens, rain adds streaks, both leave size and kind of the picture; recipes without them are unchanged."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.training.augment import Augment, spoil
from models.training.boxes import Picture
from models.training.weather import night, rain


def street() -> Picture:
    return np.random.default_rng(3).integers(60, 200, (90, 160, 3), dtype=np.uint8)


@given(st.integers(0, 2**32 - 1))
def test_night_is_darker_than_day(seed: int) -> None:
    dark = night(np.random.default_rng(seed), street())
    assert dark.shape == street().shape
    assert dark.dtype == np.uint8
    assert np.median(dark) < 0.8 * np.median(street())


@given(st.integers(0, 2**32 - 1))
def test_rain_changes_the_picture_and_hides_little_of_it(seed: int) -> None:
    wet = rain(np.random.default_rng(seed), street())
    assert wet.shape == street().shape
    assert (wet != street()).any()
    kept = np.corrcoef(wet.ravel().astype(float), street().ravel().astype(float))[0, 1]
    assert kept > 0.5


def test_the_same_seed_spoils_alike_and_other_weather_does_not() -> None:
    def once(how: Augment) -> Picture:
        return spoil(np.random.default_rng(7), street(), how)

    assert np.array_equal(once(Augment(night=1.0, rain=1.0)), once(Augment(night=1.0, rain=1.0)))
    assert not np.array_equal(once(Augment()), once(Augment(night=1.0)))


def test_a_recipe_without_weather_draws_the_same_numbers_as_before_there_was_any() -> None:
    drawn = []
    for how in (Augment(), Augment(night=0.0, rain=0.0)):
        rng = np.random.default_rng(5)
        spoil(rng, street(), how)
        drawn.append(rng.random())
    assert drawn[0] == drawn[1]
