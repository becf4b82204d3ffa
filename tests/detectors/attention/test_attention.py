"""Gating saves looks and loses nothing: not a still thing, not a slow one, whatever the change test says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.attention.attention import Attention, Why
from detectors.attention.change import Change, Grey, small_grey
from detectors.attention.evidence import Interest
from detectors.attention.looking import AttentiveLook
from detectors.attention.merge import WHOLE, to_frame
from detectors.attention.settings import AttentionSettings
from detectors.types import Detections, DetectorError, FailureReason, Frame
from ingest.messages import Box
from ingest.taxonomy import Category
from ingest.zones import Zone
from tests.detectors.attention.pictures import SquareDetector, bare, moment, noisy, put
from tests.detectors.places.street import zone

STREET = bare()
NEAR: Box = (0.3, 0.5, 0.45, 0.7)
FAR: Box = (0.7, 0.3, 0.75, 0.35)
LEFT: Zone = zone(20, Category.PARKED_VEHICLE, polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
ALL: Zone = zone(20, Category.PARKED_VEHICLE)


def nothing(_answer: Detections) -> Interest:
    return Interest()


class Camera:
    """An attentive look with its detector; one look a second."""

    def __init__(self, where: Zone = ALL, **changes: object) -> None:
        self.detector = SquareDetector()
        chosen = AttentionSettings(**{"sweep_interval_s": 30.0, **changes})  # type: ignore[arg-type]  # the caller's
        self.attentive = AttentiveLook(self.detector, chosen, [where])
        self.second = -1.0

    def look(self, *boxes: Box, seed: int = 0, interest: Interest | None = None) -> Detections:
        self.second += 1
        picture = noisy(put(STREET, boxes), seed or int(self.second) + 1, 1.5)
        for x1, y1, x2, y2 in boxes:  # the detector knows its mark, noise or not
            picture[round(y1 * 360) : round(y2 * 360), round(x1 * 640) : round(x2 * 640)] = (0, 255, 255)
        return self.attentive.look(picture, moment(self.second), lambda _: interest or Interest()).found


def boxes_of(found: Detections) -> set[tuple[float, ...]]:
    return {tuple(round(float(side), 2) for side in box) for box in found.boxes}


def test_a_still_street_costs_one_inference_per_sweep_and_its_answer_stands() -> None:
    camera = Camera()
    answers = [camera.look(NEAR) for _ in range(61)]
    assert camera.detector.looks == 3
    assert all(boxes_of(answer) == {NEAR} for answer in answers)
    assert [bool(answer.carried.all()) for answer in answers].count(False) == 3
    counters = camera.attentive.counters
    assert counters == {
        "looks_unchanged": 58,
        "looks_partial": 0,
        "looks_full": 1,
        "looks_swept": 2,
        "tiles_inferred": 0,
        "looks_closely": 0,
    }


def test_what_comes_and_goes_is_known_in_the_same_look() -> None:
    camera = Camera()
    camera.look()
    assert boxes_of(camera.look(NEAR)) == {NEAR}
    assert boxes_of(camera.look(NEAR)) == {NEAR}
    assert boxes_of(camera.look()) == set()
    assert camera.detector.looks == 3


def test_who_passes_outside_every_zone_costs_nothing() -> None:
    camera = Camera(LEFT)
    camera.look()
    camera.look(FAR)
    assert camera.detector.looks == 1


def test_a_remembered_place_is_watched_though_it_rises_above_its_zone() -> None:
    camera = Camera(LEFT)
    camera.look()
    camera.look(FAR, interest=Interest(watched=(FAR,)))
    assert camera.detector.looks == 2


def test_a_zone_without_rules_is_not_watched() -> None:
    camera = Camera(ALL.model_copy(update={"rules": ()}))
    camera.look()
    camera.look(NEAR)
    assert camera.detector.looks == 1


def test_wanted_evidence_is_fetched_from_an_unchanged_picture() -> None:
    camera = Camera()
    camera.look(NEAR)
    found = camera.look(NEAR, interest=Interest(wanted=(NEAR,)))
    assert not found.carried.any()
    assert camera.detector.looks == 2


def test_without_gating_every_look_infers() -> None:
    camera = Camera(gating=False)
    for _ in range(5):
        assert not camera.look(NEAR).carried.any()
    assert camera.detector.looks == 5


def test_after_blindness_the_next_look_is_a_full_one() -> None:
    camera = Camera()
    camera.look(NEAR)
    camera.attentive.forget()
    assert not camera.look(NEAR).carried.any()


def test_a_failed_inference_is_told_and_tried_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Camera()
    camera.look()
    with monkeypatch.context() as broken:
        broken.setattr(camera.detector, "detect", _fail)
        with pytest.raises(DetectorError):
            camera.look(NEAR)
    assert boxes_of(camera.look(NEAR)) == {NEAR}


def _fail(_frames: object, **_options: object) -> list[Detections]:
    raise DetectorError(FailureReason.ENGINE_FAILED, "broken by the test")


def test_another_picture_size_or_a_clock_set_back_starts_anew() -> None:
    camera = Camera()
    camera.look(NEAR)
    camera.second = -1
    assert not camera.look(NEAR).carried.any()
    smaller: Frame = np.ascontiguousarray(STREET[:180, :320])
    assert not camera.attentive.look(smaller, moment(20), nothing).found.carried.any()


def test_the_light_of_the_whole_picture_forces_a_full_look() -> None:
    attention = Attention(AttentionSettings(), [ALL])
    grey = small_grey(STREET)
    plan = attention.plan(grey, moment(0), Interest())
    attention.settle(plan, grey, moment(0), [Detections.empty()])
    dusk = np.clip(grey * 0.6, 0, 255).astype(np.uint8)
    assert attention.plan(dusk, moment(1), Interest()).why == {WHOLE: Why.LIGHT}


# -- tiles ----------------------------------------------------------------------------------------

TILE: Box = (0.6, 0.2, 0.9, 0.5)


def test_a_change_within_a_tile_infers_the_tile_alone() -> None:
    camera = Camera(tiles=(TILE,))
    camera.look(NEAR)
    assert camera.detector.looks == 2
    found = camera.look(NEAR, FAR)
    assert camera.detector.sizes[2:] == [(192, 108)]
    assert boxes_of(found) == {NEAR, FAR}
    carried = {round(float(box[0]), 2): bool(flag) for box, flag in zip(found.boxes, found.carried, strict=True)}
    assert carried == {0.3: True, 0.7: False}
    assert camera.attentive.counters["looks_partial"] == 1


def test_what_left_a_tile_is_gone_though_the_whole_picture_had_seen_it_too() -> None:
    camera = Camera(tiles=(TILE,))
    camera.look(NEAR, FAR)
    assert boxes_of(camera.look(NEAR)) == {NEAR}


def test_a_change_outside_the_tiles_infers_the_whole_picture_and_not_the_tile() -> None:
    camera = Camera(tiles=(TILE,))
    camera.look(FAR)
    found = camera.look(FAR, NEAR)
    assert camera.detector.sizes[2:] == [(640, 360)]
    assert boxes_of(found) == {NEAR, FAR}


def test_tiles_are_left_out_where_the_picture_has_no_more_pixels_than_the_model_takes() -> None:
    detector = SquareDetector(640, 360)
    attentive = AttentiveLook(detector, AttentionSettings(tiles=(TILE,)), [ALL])
    attentive.look(STREET, moment(0), nothing)
    assert attentive.tiles == ()
    assert detector.looks == 1


# -- nothing is lost ------------------------------------------------------------------------------


class LyingTest:
    """A change test that says whatever the dice say."""

    def __init__(self, seed: int, share: float) -> None:
        self._rng, self._share = np.random.default_rng(seed), share

    def __call__(self, before: Grey, now: Grey) -> Change:
        shape = (-(-now.shape[0] // 8), -(-now.shape[1] // 8))
        return Change(self._rng.random(shape) < self._share * self._rng.integers(0, 2), light=False)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    share=st.sampled_from([0.0, 0.001, 0.05]),
    sweep_s=st.sampled_from([5.0, 12.0]),
    stays=st.lists(st.tuples(st.integers(0, 60), st.integers(15, 60)), min_size=1, max_size=4),
    tiled=st.booleans(),
)
def test_a_still_thing_is_known_within_one_sweep_even_if_the_change_test_lies(
    seed: int, share: float, sweep_s: float, stays: list[tuple[int, int]], tiled: bool
) -> None:
    places: list[Box] = [(0.1 + 0.2 * n, 0.25, 0.15 + 0.2 * n, 0.35) for n in range(4)]
    detector = SquareDetector()
    attention = Attention(
        AttentionSettings(sweep_interval_s=sweep_s),
        [ALL],
        [TILE] if tiled else [],
        change_test=LyingTest(seed, share),
    )
    pictures: dict[frozenset[int], Frame] = {}
    for second in range(90):
        there = frozenset(n for n, (start, length) in enumerate(stays) if start <= second < start + length)
        if there not in pictures:
            pictures[there] = put(STREET, [places[n] for n in there])
        found = boxes_of(_look(attention, detector, pictures[there], second))
        for number, (start, length) in enumerate(stays):
            box = tuple(round(side, 2) for side in places[number])
            if start + sweep_s <= second < start + length:
                assert box in found
            if second < start or second >= start + length + sweep_s:
                assert box not in found


def _look(attention: Attention, detector: SquareDetector, picture: Frame, second: int) -> Detections:
    grey = small_grey(picture)
    plan = attention.plan(grey, moment(second), Interest())
    answers = []
    for region in plan.regions:
        left, top, right, bottom = (
            round(side * length) for side, length in zip(region, (640, 360) * 2, strict=True)
        )
        answers.append(to_frame(detector.detect([picture[top:bottom, left:right]])[0], region))
    return attention.settle(plan, grey, moment(second), answers).found


@pytest.fixture(scope="module")
def fading() -> list[Frame]:
    """Something that fades in too slowly for two looks to differ, until the detector knows it."""
    target = put(STREET, [NEAR]).astype(np.float32)
    rest = STREET.astype(np.float32)
    faint = [np.clip(rest + (target - rest) * second / 120, 0, 255).astype(np.uint8) for second in range(100)]
    return faint + [put(STREET, [NEAR])] * 30


def test_what_fades_in_over_minutes_is_found_long_before_a_slow_sweep(fading: list[Frame]) -> None:
    camera = Camera(sweep_interval_s=3600.0)
    looked = []
    for second, picture in enumerate(fading):
        before = camera.detector.looks
        found = camera.attentive.look(picture, moment(second), nothing).found
        looked += [second] if camera.detector.looks > before else []
    assert len([second for second in looked if 0 < second < 100]) >= 3
    assert boxes_of(found) == {NEAR}
