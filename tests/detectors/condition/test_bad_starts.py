"""A reference view learnt from a bad look, or lost for good, is not kept for ever; one odd look costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.condition.registration import Registration
from detectors.incidents import BlindReason, SeesAgain, Transition, WentBlind
from detectors.observer import Observer
from detectors.types import Detections
from ingest.zones import Zone
from tests.detectors.pixel_street import HEIGHT, WIDTH, ground
from tests.detectors.places.street import Ids, moment, zone

Picture = NDArray[np.uint8]
KERB = zone(20)
REDRAWN = zone(20, polygon=((0.1, 0.1), (0.6, 0.1), (0.6, 0.9), (0.1, 0.9)))


def street(number: int, seed: int = 5, *, gain: float = 1.0, offset: float = 0.0) -> Picture:
    """Look ``number`` at one of many streets full of outlines, with a sensor's noise."""
    return np.asarray(np.clip(bare(seed) * gain + offset + noise(number), 0, 255), np.uint8)


@cache
def bare(seed: int) -> NDArray[np.float32]:
    tiles = np.random.default_rng(seed).uniform(20, 235, (18, 32, 3))
    plain = cv2.resize(tiles, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    return np.asarray(0.7 * plain + 0.3 * ground(seed), np.float32)


def noise(number: int) -> NDArray[np.float32]:
    """A sensor's, of look ``number``; it comes again after seven looks, and never twice in a row."""
    return np.asarray(_drawn_noise()[number % 7], np.float32)


@cache
def _drawn_noise() -> NDArray[np.float32]:
    return np.asarray(np.random.default_rng(9).normal(0, 2, (7, HEIGHT, WIDTH, 3)), np.float32)


def cloth(number: int) -> Picture:
    """Something soft over the lens: blotches of light, and the sensor's noise."""
    blotches = np.random.default_rng(4).uniform(60, 170, (9, 16, 3))
    plain = cv2.resize(blotches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(plain + noise(number), 0, 255), np.uint8)


def eyes_on(watched: Zone = KERB) -> Observer:
    return Observer("north", [watched], static_objects=True, look_interval_s=1.0, new_id=Ids())


def restored(data: bytes, watched: Zone) -> Observer:
    return Observer.restore(data, "north", [watched], static_objects=True, look_interval_s=1.0, new_id=Ids())


def watch(eyes: Observer, looks: range, picture: Callable[[int], Picture]) -> list[Transition]:
    events: list[Transition] = []
    for look in looks:
        events += eyes.look(picture(look), moment(look), Detections.empty())
    return events


def test_a_cover_that_was_there_at_the_start_is_not_the_view_for_ever() -> None:
    eyes = eyes_on()
    watch(eyes, range(75), cloth)
    watch(eyes, range(75, 120), street)
    assert (eyes.condition, eyes.blind_zones) == ("", frozenset())
    assert eyes.counters["views_given_up"] == 1


@pytest.mark.parametrize(("gain", "offset"), [(0.0, 4.0), (0.03, 20.0)])
def test_a_start_in_the_dark_gives_a_view_as_soon_as_there_is_one(gain: float, offset: float) -> None:
    eyes = eyes_on()
    watch(eyes, range(40), lambda look: street(look, gain=gain, offset=offset))
    watch(eyes, range(40, 110), street)
    assert eyes._condition.judges
    events = watch(eyes, range(110, 125), lambda look: street(look, seed=8))
    assert [event.reason for event in events if isinstance(event, WentBlind)] == [BlindReason.CAMERA_MOVED]


def test_one_picture_of_another_shape_does_not_cost_the_view_but_a_lasting_one_is_the_new_view() -> None:
    def square(look: int) -> Picture:
        return np.asarray(cv2.resize(street(look), (HEIGHT, HEIGHT)), np.uint8)

    eyes = eyes_on()
    watch(eyes, range(20), street)
    watch(eyes, range(20, 22), square)
    watch(eyes, range(22, 24), street)
    assert eyes.background() is not None
    assert (eyes.counters.get("views_given_up", 0), eyes.condition) == (0, "")
    events = watch(eyes, range(24, 60), square)
    assert (eyes.counters["views_given_up"], eyes.condition, events) == (1, "", [])


def test_a_camera_aimed_anew_for_good_sees_again_once_its_zones_are_drawn_anew() -> None:
    eyes = eyes_on()
    watch(eyes, range(75), street)
    events = watch(eyes, range(75, 110), lambda look: street(look, seed=8))
    assert [event.reason for event in events if isinstance(event, WentBlind)] == [BlindReason.CAMERA_MOVED]
    same, redrawn = restored(eyes.snapshot(), KERB), restored(eyes.snapshot(), REDRAWN)
    assert same.blind_zones == {"kerb"}
    assert watch(same, range(110, 130), lambda look: street(look, seed=8)) == []
    events = watch(redrawn, range(110, 130), lambda look: street(look, seed=8))
    assert [type(event) for event in events] == [SeesAgain]
    assert redrawn.counters["views_given_up"] == 1


def test_zones_drawn_anew_while_the_camera_hangs_as_ever_cost_nothing_learnt() -> None:
    eyes = eyes_on()
    watch(eyes, range(30), street)
    redrawn = restored(eyes.snapshot(), REDRAWN)
    assert redrawn.background() is not None
    assert redrawn.counters.get("views_given_up", 0) == 0


def test_a_clock_set_forward_does_not_make_a_quiet_picture_a_frozen_one() -> None:
    eyes = eyes_on()
    for look in range(4):
        eyes.look(street(0), moment(look), Detections.empty(), steady_s=100.0 + look)
    ahead = moment(4) + timedelta(hours=2)
    assert eyes.look(street(0), ahead, Detections.empty(), steady_s=104.0) == []
    assert eyes.condition == ""
    assert eyes.counters["clock_stepped"] == 1


def test_the_pictures_kept_of_one_view_are_few_however_often_it_looks_different() -> None:
    view, free = Registration(), np.ones((HEIGHT // 2, WIDTH // 2), bool)
    plain = cv2.resize(cv2.cvtColor(street(0), cv2.COLOR_BGR2GRAY), (WIDTH // 2, HEIGHT // 2))
    rng = np.random.default_rng(2)
    view.keep_first(np.asarray(plain, np.uint8))
    kept = []
    for _ in range(8):
        view._since_kept = 1000
        grey = np.clip(plain + rng.normal(0, 60, plain.shape), 0, 255).astype(np.uint8)
        view.find(grey, free, grey)
        kept.append(len(view.dump()[1]))
    assert kept[0] == 2
    assert max(kept) == 4
