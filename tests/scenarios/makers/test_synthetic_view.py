from __future__ import annotations

import numpy as np
import pytest

from detectors.places.likeness import (
    ALL_VISIBLE,
    SIDE,
    UNCHANGED,
    Presence,
    like_bare_street,
    likeness,
    presence,
)
from detectors.places.settings import MemorySettings
from scenarios.language.cast import ActorKind
from scenarios.makers.bare_street import BareStreet, Standing
from scenarios.makers.synthetic_view import Light, Painted, SceneView, Shade
from scenarios.world.world import Weather

BOX = (0.4, 0.4, 0.5, 0.5)
ALL = np.ones((SIDE, SIDE), bool)
DAY = Light(Weather())


def _car(seed: int, box: tuple[float, float, float, float] = BOX) -> Painted:
    return Painted(box, ActorKind.CAR, seed)


def _view(number: int, things: list[Painted], light: Light = DAY, **bare: object) -> SceneView:
    return SceneView(5, number, things, light, **bare)


def _alike(a: SceneView, b: SceneView) -> float:
    value = likeness(a.crop(BOX), b.crop(BOX), ALL)
    assert value is not None
    return value


def test_a_crop_is_a_thumbnail_and_the_same_every_time() -> None:
    view = _view(1, [_car(1)])
    crop = view.crop(BOX)
    assert (crop.shape, crop.dtype) == ((SIDE, SIDE), np.uint8)
    assert np.array_equal(crop, _view(1, [_car(1)]).crop(BOX))


@pytest.mark.parametrize(
    "weather", [Weather(), Weather(dusk=0.7), Weather(rain=1.0), Weather(dirty=0.5), Weather(night_ir=0.5)]
)
def test_the_same_car_stays_alike_through_the_weather(weather: Weather) -> None:
    settings = MemorySettings()
    alike = [_alike(_view(1, [_car(n)]), _view(2, [_car(n)], Light(weather))) for n in range(50)]
    assert np.median(alike) > settings.same_likeness
    assert np.percentile(alike, 10) > settings.same_after_gap


def test_another_car_on_the_same_place_looks_different() -> None:
    pairs = [_alike(_view(1, [_car(n)]), _view(2, [_car(n + 1000)])) for n in range(200)]
    assert np.median(pairs) < 0.35
    assert np.mean(np.array(pairs) > MemorySettings().same_likeness) < 0.08


def test_an_empty_place_is_told_from_the_car_that_left_it() -> None:
    verdicts = []
    for seed in range(50):
        portrait = _view(1, [_car(seed)]).crop(BOX)
        gone = _view(2, [], bare=(), unknown=[])
        scenery = gone.scenery(BOX)
        verdicts.append(presence(portrait, gone.crop(BOX), scenery, ALL, MemorySettings()))
    assert verdicts.count(Presence.PRESENT) == 0
    assert verdicts.count(Presence.ABSENT) > 45


def test_what_is_nearer_covers_what_is_farther() -> None:
    covered = _view(1, [_car(1), _car(2)])
    assert _alike(covered, _view(2, [_car(2)])) > 0.8


def test_a_shadow_darkens_the_ground_it_lies_on() -> None:
    around = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    shaded = _view(1, [], Light(Weather(), shades=(Shade(around, 1.0),)))
    assert shaded.crop(BOX).mean() < 0.6 * _view(1, []).crop(BOX).mean()
    beside = _view(1, [], Light(Weather(), shades=(Shade(((0.6, 0), (1, 0), (1, 1), (0.6, 1)), 1.0),)))
    assert np.array_equal(beside.crop(BOX), _view(1, []).crop(BOX))


def test_the_bare_street_is_known_only_after_learning_and_where_nothing_stood() -> None:
    street = BareStreet()
    for _ in range(9):
        assert street.unknown is None
        street.looked([Standing(1, _car(1))], {1})
    assert street.unknown == [BOX]
    view = _view(10, [], bare=street.contains, unknown=street.unknown)
    assert view.scenery(BOX) is None
    assert view.scenery((0.1, 0.4, 0.2, 0.5)) is not None
    for _ in range(6):
        street.looked([], set())
    assert street.unknown == []


def test_what_the_detector_missed_during_learning_is_part_of_the_street() -> None:
    street = BareStreet()
    for _ in range(9):
        street.looked([Standing(1, _car(1))], set())
    scenery = _view(10, [_car(1)], bare=street.contains, unknown=street.unknown).scenery(BOX)
    assert scenery is not None
    assert like_bare_street(scenery, ALL_VISIBLE) >= UNCHANGED
