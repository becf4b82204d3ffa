"""Comparing how a place looks with how it looked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places.likeness import SIDE, Presence, Scenery, blend, likeness, presence, unit_vector
from detectors.places.settings import MemorySettings
from tests.detectors.places.street import pattern

ALL = np.ones((SIDE, SIDE), bool)
FLAT = np.full((SIDE, SIDE), 120, np.uint8)
BARE = pattern(7)
OBJECT = pattern(8)


@given(gain=st.floats(0.5, 1.0), offset=st.integers(0, 20), seed=st.integers(0, 50))
def test_brighter_or_darker_light_does_not_change_how_alike_two_pictures_are(
    gain: float, offset: int, seed: int
) -> None:
    lit = np.clip(pattern(seed) * gain + offset, 0, 255).astype(np.uint8)
    assert likeness(pattern(seed), lit, ALL) == pytest.approx(1.0, abs=0.01)


def test_another_object_is_unlike() -> None:
    assert (likeness(BARE, OBJECT, ALL) or 0.0) < 0.5


def test_only_what_is_visible_is_compared() -> None:
    half = ALL.copy()
    half[:, : SIDE // 2] = False
    covered = np.where(half, OBJECT, 0).astype(np.uint8)
    assert likeness(OBJECT, covered, half) == pytest.approx(1.0)
    assert likeness(OBJECT, covered, ~ALL) is None


def test_a_flat_memory_proves_nothing() -> None:
    assert likeness(FLAT, OBJECT, ALL) is None
    assert presence(FLAT, FLAT, None, ALL, MemorySettings()) is Presence.ABSENT


@pytest.mark.parametrize(
    ("now", "expected"),
    [(OBJECT, Presence.PRESENT), (BARE, Presence.ABSENT), (pattern(9), Presence.UNCLEAR)],
)
def test_with_the_bare_place_known_the_nearer_picture_decides(now: np.ndarray, expected: Presence) -> None:
    assert presence(OBJECT, now, Scenery(BARE, now), ALL, MemorySettings()) is expected


@pytest.mark.parametrize(("now", "expected"), [(OBJECT, Presence.PRESENT), (BARE, Presence.ABSENT)])
def test_without_it_likeness_alone_decides(now: np.ndarray, expected: Presence) -> None:
    assert presence(OBJECT, now, None, ALL, MemorySettings()) is expected


def test_a_portrait_that_follows_the_light_settles_on_what_it_sees() -> None:
    portrait = pattern(1)
    for _ in range(60):
        portrait = blend(portrait, pattern(2))
    assert (likeness(portrait, pattern(2), ALL) or 0.0) > 0.99


def test_appearance_for_the_wire_has_length_one_and_none_when_flat() -> None:
    vector = unit_vector(OBJECT)
    assert len(vector) <= 256
    assert sum(value * value for value in vector) == pytest.approx(1.0, abs=1e-3)
    assert unit_vector(FLAT) == ()
