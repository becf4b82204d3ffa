"""Pseudo-labels, augmentation and composites keep boxes true to the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.augment import Augment, Labelled, cut_to, mosaic, moved_boxes, place, random_view
from models.training.boxes import Detections, letterbox
from models.training.compose import compose, ground_of
from models.training.reference import GARBAGE, PERSON, VEHICLE
from models.training.teacher import STREET, Trust, judge

NO_ROWS = np.zeros((0, 5), np.float32)
NO_BOXES = np.zeros((0, 4), np.float32)


def finds(kind: int, score: float, box: tuple[float, float, float, float]) -> Detections:
    return Detections(np.array([box], np.float32), np.array([score], np.float32), np.array([kind], np.int64))


NOBODY = Detections(NO_BOXES, np.zeros(0, np.float32), np.zeros(0, np.int64))


@pytest.mark.parametrize(("score", "labels", "doubts"), [(0.9, 1, 0), (0.5, 0, 1), (0.2, 0, 1), (0.1, 0, 0)])
def test_a_sure_person_is_a_label_and_an_unsure_one_an_ignore_region(
    score: float, labels: int, doubts: int
) -> None:
    new, ignore = judge([finds(PERSON, score, (0, 0, 10, 30)), NOBODY], NO_ROWS, STREET, Trust())
    assert (len(new), len(ignore)) == (labels, doubts)


def test_two_half_sure_teachers_make_one_label() -> None:
    seen = [finds(PERSON, 0.4, (0, 0, 10, 30)), finds(PERSON, 0.4, (0, 1, 10, 30))]
    new, ignore = judge(seen, NO_ROWS, STREET, Trust())
    assert new[:, 0].tolist() == [PERSON]
    assert len(ignore) == 0


def test_an_unlabelled_vehicle_is_doubt_where_vehicles_are_labelled_by_hand() -> None:
    new, ignore = judge([finds(VEHICLE, 0.99, (0, 0, 30, 20))], NO_ROWS, STREET, Trust())
    assert (len(new), len(ignore)) == (0, 1)


def test_a_find_that_a_label_explains_adds_nothing() -> None:
    known = np.array([[VEHICLE, 0, 0, 30, 20]], np.float32)
    new, ignore = judge([finds(VEHICLE, 0.99, (1, 0, 30, 20))], known, STREET, Trust())
    assert (len(new), len(ignore)) == (0, 0)


def painted(box: tuple[int, int, int, int]) -> Labelled:
    picture = np.zeros((180, 320, 3), np.uint8)
    picture[box[1] : box[3], box[0] : box[2]] = 255
    return Labelled(picture, np.array([[VEHICLE, *box]], np.float32), NO_BOXES)


@given(st.integers(0, 2**32 - 1))
def test_a_label_still_surrounds_its_object_in_every_random_view(seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = random_view(rng, (320, 180), (256, 160), (0.8, 1.2), Augment())
    seen = place(painted((120, 70, 200, 110)), view, (256, 160))
    if not len(seen.boxes):
        return
    ys, xs = np.nonzero((seen.picture > 200).all(2))
    _, x1, y1, x2, y2 = seen.boxes[0]
    # The box of a turned rectangle is exact; interpolation blurs by a pixel or two.
    assert xs.min() == pytest.approx(x1, abs=3)
    assert xs.max() + 1 == pytest.approx(x2, abs=3)
    assert ys.min() == pytest.approx(y1, abs=3)
    assert ys.max() + 1 == pytest.approx(y2, abs=3)


@given(st.integers(0, 2**32 - 1))
def test_a_mosaic_keeps_every_box_inside_its_canvas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seen = mosaic(rng, [painted((20, 20, 300, 160))] * 4, (256, 160), Augment())
    assert seen.picture.shape == (160, 256, 3)
    for boxes in (seen.boxes[:, 1:], seen.ignore):
        assert (boxes >= 0).all()
        assert (boxes[:, 2] <= 256).all()
        assert (boxes[:, 3] <= 160).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_an_object_mostly_out_of_view_becomes_an_ignore_region() -> None:
    rows = np.array([[VEHICLE, -80, 10, 20, 40], [VEHICLE, 10, 10, 40, 40]], np.float32)
    kept, doubt = cut_to(rows, NO_BOXES, 100, 100)
    assert kept[:, 1:].tolist() == [[10, 10, 40, 40]]
    assert doubt.tolist() == [[0, 10, 20, 40]]


def test_the_identity_moves_no_box() -> None:
    boxes = np.array([[1, 2, 3, 4]], np.float32)
    assert moved_boxes(boxes, np.eye(3)) == pytest.approx(boxes)


@given(st.integers(1, 900), st.integers(1, 900))
def test_a_letterbox_fits_and_keeps_the_aspect(width: int, height: int) -> None:
    canvas, scale = letterbox(np.full((height, width, 3), 255, np.uint8), 512, 288)
    assert canvas.shape == (288, 512, 3)
    inside = (canvas == 255).all(2)
    assert inside.any(0).sum() == pytest.approx(width * scale, abs=1)
    assert inside.any(1).sum() == pytest.approx(height * scale, abs=1)


def street() -> Labelled:
    """A street whose persons grow with their distance from the horizon at row 100."""
    rows = [
        (PERSON, 40 + i * 90, foot - (foot - 100) * 0.5, 60 + i * 90, foot)
        for i, foot in enumerate((160, 220, 300))
    ]
    return Labelled(np.full((360, 640, 3), 120, np.uint8), np.array(rows, np.float32), NO_BOXES)


def test_the_ground_is_found_from_the_people_who_stand_on_it() -> None:
    ground = ground_of(street().boxes)
    assert ground is not None
    assert ground.horizon == pytest.approx(100, abs=1)
    assert ground.pixels_per_metre(300) == pytest.approx(100 / 1.65, rel=0.02)


def test_a_street_without_references_has_no_scale() -> None:
    assert ground_of(street().boxes[:1]) is None


@given(st.integers(0, 2**32 - 1))
def test_a_composite_changes_the_picture_where_its_labels_say(seed: int) -> None:
    bag = np.full((40, 30, 4), 255, np.uint8)
    before = street()
    after = compose(np.random.default_rng(seed), before, [bag])
    if after is None:
        return
    bags = after.boxes[after.boxes[:, 0] == GARBAGE, 1:].astype(int)
    assert len(bags) == len(after.boxes) - len(before.boxes) >= 1
    changed = (after.picture.astype(int) - before.picture > 3).all(2)
    explained = np.zeros_like(changed)
    for x1, y1, x2, y2 in bags:
        explained[y1:y2, x1:x2] = True
        assert changed[y1:y2, x1:x2].mean() > 0.3
    assert not (changed & ~explained).any()
