"""A lens that was out of focus from the first look is told by the picture alone, and no sharp picture is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detectors.condition.focus import IN_FOCUS, OUT_OF_FOCUS, edge_width
from detectors.incidents import BlindReason, SeesAgain, WentBlind
from detectors.observer import Observer
from detectors.reference import shrink
from tests.detectors.condition.drawn import Condition, shots
from tests.detectors.condition.test_bad_starts import Picture, eyes_on, noise, restored, street, watch
from tests.detectors.pixel_street import WIDTH
from tests.detectors.places.street import moment

BAD, END = 30, 60


def _soft(look: int) -> Picture:
    """The same street out of focus, and its sensor's noise."""
    blurred = cv2.GaussianBlur(street(0), (0, 0), 9.0).astype(np.float32)
    return np.asarray(np.clip(blurred + street(look) - street(0).astype(np.float32), 0, 255), np.uint8)


def _dim(look: int) -> Picture:
    """The glow of a far lamp in a night without any outlines."""
    glow = np.linspace(8, 50, WIDTH, dtype=np.float32)[None, :, None]
    return np.asarray(np.clip(glow + noise(look), 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("bad", "reason", "words"),
    [
        (_soft, BlindReason.BLURRED, "out of focus since the start"),
        (_dim, BlindReason.DARK, "too dark to see any outlines since the start"),
    ],
)
def test_a_start_out_of_focus_or_in_the_dark_is_told_and_the_view_learnt_once_it_can_be_seen(
    bad: object, reason: BlindReason, words: str
) -> None:
    eyes = eyes_on()
    (told,) = watch(eyes, range(BAD), bad)  # type: ignore[arg-type]
    assert isinstance(told, WentBlind)
    assert (told.zone, told.reason, told.since) == ("kerb", reason, moment(0))
    assert told.at <= moment(12)
    assert eyes.condition == words
    (again,) = watch(eyes, range(BAD, END), street)
    assert isinstance(again, SeesAgain)
    assert again.at <= moment(BAD + 5)
    assert (eyes.condition, eyes.counters["views_given_up"]) == ("", 1)
    (moved,) = watch(eyes, range(END, END + 20), lambda look: street(look, seed=8))
    assert isinstance(moved, WentBlind)
    assert moved.reason is BlindReason.CAMERA_MOVED, "the new view judges"


def test_a_restart_forgets_nothing_of_a_lens_that_was_never_in_focus() -> None:
    eyes = eyes_on()
    watch(eyes, range(8), _soft)
    again: Observer = restored(eyes.snapshot(), eyes._zones[0])
    assert watch(again, range(8, BAD), _soft) == watch(eyes, range(8, BAD), _soft) != []
    assert again.condition == eyes.condition == "out of focus since the start"


def _learnt(pictures: Sequence[Picture]) -> float | None:
    return edge_width(shrink(np.asarray(np.median(np.stack(pictures), axis=0), np.uint8)).grey)


@pytest.mark.parametrize(
    "weather",
    [
        {"kind": "rain", "amount": 0.9},
        {"kind": "dusk", "amount": 1.0},
        {"kind": "night_ir", "amount": 0.8},
        {"kind": "dirty", "amount": 0.6},
        {"kind": "defocus", "amount": 0.3},
    ],
    ids=lambda weather: weather["kind"],
)
def test_weather_night_and_dirt_are_far_from_a_lens_out_of_focus(weather: Condition) -> None:
    pictures = [np.asarray(shot.image) for shot in shots({**weather, "from_s": 0.0}, looks=5)]
    width = _learnt(pictures)
    assert width is not None
    assert width < IN_FOCUS - 0.5


def test_a_drawn_lens_out_of_focus_is_told_from_a_sharp_one() -> None:
    sharp = [np.asarray(shot.image) for shot in shots(looks=5)]
    soft = [np.asarray(shot.image) for shot in shots({"kind": "defocus", "amount": 1.0}, looks=5)]
    assert (_learnt(sharp) or 0) < IN_FOCUS - 1
    assert (_learnt(soft) or 0) > OUT_OF_FOCUS


def test_hardly_any_outlines_say_nothing_of_the_focus() -> None:
    assert edge_width(np.full((180, 320), 90, np.uint8)) is None


@pytest.mark.footage
@pytest.mark.parametrize("name", ["vtest.avi", "car-detection.mp4"])
def test_real_streets_are_in_focus_and_blurred_ones_are_not(footage: Path, name: str) -> None:
    pictures: list[Picture] = []
    with av.open(str(footage / "videos" / name)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 10 == 0:
                pictures.append(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
            if len(pictures) == 9:
                break
    plain = _learnt(pictures)
    radius = round(0.02 * pictures[0].shape[1])
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
    blurred = _learnt([np.asarray(cv2.filter2D(one, -1, disc / disc.sum()), np.uint8) for one in pictures])
    assert plain is not None
    assert blurred is not None
    assert plain < IN_FOCUS - 1
    assert blurred > OUT_OF_FOCUS + 1
