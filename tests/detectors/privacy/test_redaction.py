"""What is covered, how, and when a picture is withheld instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.privacy import (
    Redacted,
    RedactionPolicy,
    Region,
    Withheld,
    WithholdReason,
    encode_jpeg,
    redact,
    redact_with,
    regions_to_cover,
)
from detectors.runtime import open_detector
from detectors.types import Detections, DetectorError, FailureReason
from ingest.taxonomy import ObjectClass
from models.catalogue import resolve

POLICY = RedactionPolicy()
PERSON, VEHICLE, BIKE = ObjectClass.PERSON, ObjectClass.VEHICLE, ObjectClass.TWO_WHEELER
WIDTH, HEIGHT = 160, 120

Row = tuple[ObjectClass, float, tuple[float, float, float, float]]


def seen(*rows: Row) -> Detections:
    """Rows of class, score, box in pixels of 160 x 120."""
    boxes = np.array([row[2] for row in rows], np.float32).reshape(-1, 4)
    boxes = np.clip(boxes / np.array([WIDTH, HEIGHT, WIDTH, HEIGHT], np.float32), 0, 1)
    return Detections(
        boxes.astype(np.float32), np.array([row[1] for row in rows], np.float32), tuple(r[0] for r in rows)
    )


def noise(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def shown(outcome: Redacted | Withheld) -> Redacted:
    assert isinstance(outcome, Redacted)
    return outcome


def covered(regions: Sequence[Region], width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.bool_]:
    mask = np.zeros((height, width), bool)
    for r in regions:
        mask[r.top : r.bottom, r.left : r.right] = True
    return mask


boxes = st.builds(
    lambda x, y, w, h: (float(x), float(y), float(min(WIDTH, x + w)), float(min(HEIGHT, y + h))),
    st.integers(0, WIDTH - 4),
    st.integers(0, HEIGHT - 4),
    st.integers(2, 90),
    st.integers(2, 110),
)
row = st.tuples(st.sampled_from([PERSON, VEHICLE, BIKE, ObjectClass.STALL]), st.sampled_from([0.1, 0.9]), boxes)
rows = st.lists(row, max_size=6)


@settings(max_examples=60)
@given(rows, st.integers(0, 999))
def test_pixels_outside_the_regions_stay_and_the_frame_is_never_changed(given_rows: list[Row], seed: int) -> None:
    frame = noise(seed)
    before = frame.copy()
    result = shown(redact(frame, seen(*given_rows), POLICY))
    outside = ~covered(result.regions)
    np.testing.assert_array_equal(result.image[outside], frame[outside])
    np.testing.assert_array_equal(frame, before)


@settings(max_examples=60)
@given(boxes, st.integers(0, 999))
def test_every_block_within_a_person_has_one_colour(box: tuple[float, float, float, float], seed: int) -> None:
    result = shown(redact(noise(seed), seen((PERSON, 0.5, box)), POLICY))
    (region,) = result.regions
    assert region.block >= POLICY.min_block_px
    assert region.block * POLICY.blocks_per_person >= box[3] - box[1] - 1e-3
    for top in range(region.top, region.bottom, region.block):
        for left in range(region.left, region.right, region.block):
            bottom, right = min(top + region.block, region.bottom), min(left + region.block, region.right)
            block = result.image[top:bottom, left:right].reshape(-1, 3)
            assert (block == block[0]).all()


@settings(max_examples=60)
@given(rows, st.integers(0, 999))
def test_pictures_that_differ_only_by_moving_pixels_within_blocks_become_equal(
    given_rows: list[Row], seed: int
) -> None:
    """What a block held beyond its mean is gone, also where regions overlap: nothing can bring it back."""
    frame = noise(seed)
    found = seen(*given_rows)
    once = shown(redact(frame, found, POLICY))
    shuffled, shuffler = frame.copy(), np.random.default_rng(seed)
    for region in isolated(once.regions):
        for top in range(region.top, region.bottom, region.block):
            for left in range(region.left, region.right, region.block):
                bottom, right = min(top + region.block, region.bottom), min(left + region.block, region.right)
                block = shuffled[top:bottom, left:right]
                block[:] = shuffler.permutation(block.reshape(-1, 3)).reshape(block.shape)
    np.testing.assert_array_equal(shown(redact(shuffled, found, POLICY)).image, once.image)


def isolated(regions: Sequence[Region]) -> list[Region]:
    return [r for i, r in enumerate(regions) if not any(r.touches(o) for j, o in enumerate(regions) if i != j)]


@settings(max_examples=60)
@given(rows, st.integers(0, 999))
def test_redacting_again_changes_nothing_so_overlaps_share_one_grid(given_rows: list[Row], seed: int) -> None:
    found = seen(*given_rows)
    once = shown(redact(noise(seed), found, POLICY)).image
    np.testing.assert_array_equal(shown(redact(once, found, POLICY)).image, once)


@given(rows)
def test_people_are_wholly_covered_and_vehicles_at_their_plate(given_rows: list[Row]) -> None:
    unmistaken = [(kind, 0.5, box) for kind, _, box in given_rows]
    mask = covered(regions_to_cover(seen(*unmistaken), WIDTH, HEIGHT, POLICY))
    for kind, _, (x1, y1, x2, y2) in unmistaken:
        if kind is PERSON:
            assert mask[int(y1) : int(y2), int(x1) : int(x2)].all()
        elif kind is VEHICLE:
            assert mask[int(np.ceil(y1 + 0.5 * (y2 - y1))) : int(y2), int(x1) : int(x2)].all()
        elif kind is BIKE:
            assert mask[max(0, int(y1 - 0.3 * (y2 - y1))) : int(y1 + 0.5 * (y2 - y1)), int(x1) : int(x2)].all()


def test_a_small_vehicle_keeps_its_upper_part_for_the_operator_and_a_large_one_loses_its_glass() -> None:
    small = covered(regions_to_cover(seen((VEHICLE, 0.9, (24, 20, 88, 64))), WIDTH, HEIGHT, POLICY))
    assert not small[20:32, 25:85].any()
    large = covered(regions_to_cover(seen((VEHICLE, 0.9, (20, 5, 150, 110))), WIDTH, HEIGHT, POLICY))
    assert large[12:50, 25:145].all()


def test_a_large_two_wheeler_is_wholly_covered_because_its_plate_could_be_read() -> None:
    far = covered(regions_to_cover(seen((BIKE, 0.9, (20, 30, 90, 110))), WIDTH, HEIGHT, POLICY))
    assert not far[96:110, 30:80].any()
    near = covered(regions_to_cover(seen((BIKE, 0.9, (20, 10, 90, 110))), WIDTH, HEIGHT, POLICY))
    assert near[80:110, 30:80].all()


def test_a_faint_person_that_is_a_vehicle_under_a_second_name_does_not_hide_the_vehicle() -> None:
    car: Row = (VEHICLE, 0.73, (60, 20, 132, 76))
    double: Row = (PERSON, 0.11, (60, 21, 133, 76))
    alone = regions_to_cover(seen(car), WIDTH, HEIGHT, POLICY)
    assert regions_to_cover(seen(car, double), WIDTH, HEIGHT, POLICY) == alone
    surer: Row = (PERSON, 0.3, (60, 21, 133, 76))
    beside: Row = (PERSON, 0.11, (60, 21, 80, 76))
    for person in (surer, beside):
        assert len(regions_to_cover(seen(car, person), WIDTH, HEIGHT, POLICY)) == len(alone) + 1


def test_nothing_seen_shows_the_picture_as_it_is() -> None:
    frame = noise(1)
    result = shown(redact(frame, Detections.empty(), POLICY))
    assert result.regions == ()
    np.testing.assert_array_equal(result.image, frame)
    assert not np.shares_memory(result.image, frame)


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1)])
def test_tiny_and_narrow_pictures_can_be_redacted(shape: tuple[int, int]) -> None:
    frame = np.full((*shape, 3), 200, np.uint8)
    assert isinstance(redact(frame, seen((PERSON, 0.5, (0, 0, WIDTH, HEIGHT))), POLICY), Redacted)


def test_a_picture_too_dark_to_find_people_in_is_withheld_but_a_lit_night_is_not() -> None:
    dark = noise(1) // 10
    outcome = redact(dark, Detections.empty(), POLICY)
    assert isinstance(outcome, Withheld)
    assert outcome.reason is WithholdReason.TOO_DARK
    dark[:30] = 200
    assert isinstance(redact(dark, Detections.empty(), POLICY), Redacted)


@pytest.mark.parametrize("frame", [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3))])
def test_what_is_no_picture_is_withheld(frame: Any) -> None:
    for outcome in (redact(frame, Detections.empty(), POLICY), redact_with(FakeDetector(), frame, POLICY)):
        assert isinstance(outcome, Withheld)
        assert outcome.reason is WithholdReason.BAD_FRAME


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_score", 0.0),
        ("blocks_per_person", 0),
        ("blocks_per_shoulders", 0),
        ("min_block_px", 0),
        ("vehicle_score", 1.5),
    ],
)
def test_a_policy_that_covers_nothing_cannot_be_made(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}; give"):
        replace(POLICY, **{field: value})


class FakeDetector:
    """Sees whatever is pure green, as a person; or fails."""

    def __init__(self, failure: DetectorError | None = None) -> None:
        self.failure = failure
        self.knows = {0: ObjectClass.PERSON, 1: ObjectClass.VEHICLE}
        self.floors: list[float | None] = []
        self.views: list[tuple[int, ...]] = []

    @property
    def card(self) -> Any:
        # Redaction has its own floor: of the card only what the model knows matters.
        return SimpleNamespace(name="fake", classes=self.knows, input=SimpleNamespace(width=512, height=288))

    def detect(self, frames: Sequence[NDArray[np.uint8]], *, min_score: float | None = None) -> list[Detections]:
        self.floors.append(min_score)
        self.views += [frame.shape for frame in frames]
        if self.failure is not None:
            raise self.failure
        return [self._look(frame) for frame in frames]

    def close(self) -> None:
        raise AssertionError("the caller's detector is not ours to close")

    @staticmethod
    def _look(frame: NDArray[np.uint8]) -> Detections:
        ys, xs = np.nonzero((frame == (0, 255, 0)).all(axis=2))
        if not len(ys) or frame.shape[0] >= HEIGHT:  # too small for the full view
            return Detections.empty()
        high, wide = frame.shape[:2]
        box = [[xs.min() / wide, ys.min() / high, (xs.max() + 1) / wide, (ys.max() + 1) / high]]
        return Detections(np.array(box, np.float32), np.array([0.2], np.float32), (PERSON,))


def test_a_detector_that_fails_withholds_the_picture() -> None:
    failing = FakeDetector(DetectorError(FailureReason.ENGINE_FAILED, "no memory"))
    outcome = redact_with(failing, noise(1), POLICY)
    assert isinstance(outcome, Withheld)
    assert outcome.reason is WithholdReason.DETECTOR_FAILED
    assert "no memory" in outcome.detail


@pytest.mark.parametrize("known", [ObjectClass.PERSON, ObjectClass.VEHICLE])
def test_a_model_that_knows_no_people_or_no_vehicles_withholds_the_picture(known: ObjectClass) -> None:
    detector = FakeDetector()
    detector.knows = {0: known}
    outcome = redact_with(detector, noise(1), POLICY)
    assert isinstance(outcome, Withheld)
    assert outcome.reason is WithholdReason.MODEL_UNSUITABLE


def test_a_jpeg_carries_pixels_and_nothing_else() -> None:
    content = encode_jpeg(shown(redact(noise(3), Detections.empty(), POLICY)), quality=70)
    assert content[:2] == b"\xff\xd8"
    markers, position = [], 2
    while content[position + 1] != 0xDA:
        markers.append(content[position + 1])
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    assert not {marker for marker in markers if 0xE1 <= marker <= 0xEF or marker == 0xFE}


@pytest.mark.footage
def test_people_of_the_real_street_whom_a_stronger_model_sees_are_covered(
    footage: Path, street_frames: list[NDArray[np.uint8]]
) -> None:
    omz = footage / "weights" / "omz"
    own = open_detector(resolve("omz-2004", weights=omz / "person-vehicle-bike-detection-2004"))
    judge = open_detector(resolve("omz-2003", weights=omz / "person-vehicle-bike-detection-2003"))
    people = hidden = 0
    for frame in street_frames:
        high, wide = frame.shape[:2]
        mask = covered(shown(redact_with(own, frame, POLICY)).regions, wide, high)
        assert mask.mean() < 0.3
        for x1, y1, x2, y2 in judge.detect([frame])[0].of({PERSON}).pixels(wide, high).astype(int).tolist():
            people += 1
            hidden += bool(mask[y1:y2, x1:x2].mean() >= 0.9)
    assert people >= 50
    assert hidden / people >= 0.98


@pytest.mark.parametrize(
    "error", [MemoryError("frame"), ValueError("shape"), TimeoutError("engine"), KeyError("x")]
)
def test_whatever_breaks_while_covering_withholds_the_picture(error: Exception) -> None:
    class Breaking(FakeDetector):
        def detect(self, frames: Any, *, min_score: float | None = None) -> list[Detections]:
            raise error

    outcome = redact_with(Breaking(), noise(1), POLICY)
    assert isinstance(outcome, Withheld)
    assert outcome.reason is WithholdReason.REDACTION_FAILED
    assert type(error).__name__ in outcome.detail


def test_answers_for_fewer_views_than_asked_withhold_the_picture() -> None:
    class Forgetful(FakeDetector):
        def detect(self, frames: Any, *, min_score: float | None = None) -> list[Detections]:
            return super().detect(frames)[:-1]

    outcome = redact_with(Forgetful(), noise(1), POLICY)
    assert isinstance(outcome, Withheld)
    assert outcome.reason is WithholdReason.REDACTION_FAILED
