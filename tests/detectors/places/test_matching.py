"""Sightings to places: one to one, by proportion, kind and best overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places.geometry import median_box, visible_cells
from detectors.places.matching import assign, one_per_object, same_place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting, may_be_one
from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from tests.detectors.places.street import CAR, moved

SETTINGS = MemorySettings()
boxes = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(20, 400), st.integers(20, 400)).map(
    lambda b: (b[0] / 1000, b[1] / 1000, (b[0] + b[2]) / 1000, (b[1] + b[3]) / 1000)
)


@given(boxes, boxes, st.sampled_from([0.125, 0.5, 2.0]), st.integers(-3, 3))
def test_same_place_depends_on_neither_scale_nor_position(a: Box, b: Box, scale: float, shift: int) -> None:
    def put(box: Box) -> Box:
        x1, y1, x2, y2 = (side * scale for side in box)
        return x1 + shift, y1 - shift, x2 + shift, y2 - shift

    if abs(iou(a, b) - SETTINGS.match_iou) > 1e-6:
        near_limit = same_place(a, b, SETTINGS) != same_place(put(a), put(b), SETTINGS)
        assert not near_limit


@given(boxes, boxes)
def test_overlap_is_symmetric_and_bounded(a: Box, b: Box) -> None:
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0.0 <= iou(a, b) <= 1.0
    assert iou(a, a) == pytest.approx(1.0)


def test_one_wild_box_does_not_move_the_anchor() -> None:
    assert median_box([CAR, CAR, moved(CAR, 0.3), CAR, CAR]) == CAR


def test_a_place_gets_one_sighting_and_a_sighting_one_place() -> None:
    chosen = assign([(0, 0), (0, 1), (1, 0), (1, 1)], lambda _place, _sighting: True)
    assert chosen == {0: 0, 1: 1}


def test_a_sighting_refused_for_its_looks_goes_to_the_next_place() -> None:
    chosen = assign([(0, 0), (1, 0)], lambda place, _sighting: place == 1)
    assert chosen == {1: 0}


def test_two_names_for_one_object_become_one_sighting() -> None:
    stall = Sighting(CAR, 0.5, ObjectClass.STALL)
    vehicle = Sighting(moved(CAR, 0.005), 0.6, ObjectClass.VEHICLE)
    beside = Sighting(moved(CAR, 0.25), 0.4, ObjectClass.VEHICLE)
    assert one_per_object([stall, vehicle, beside]) == [vehicle, beside]


def test_a_named_sighting_outranks_an_unnamed_one() -> None:
    unnamed = Sighting(CAR, 1.0, ObjectClass.UNKNOWN)
    garbage = Sighting(CAR, 0.3, ObjectClass.GARBAGE)
    assert one_per_object([unnamed, garbage]) == [garbage]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (ObjectClass.VEHICLE, ObjectClass.TWO_WHEELER, True),
        (ObjectClass.GARBAGE, ObjectClass.STALL, True),
        (ObjectClass.UNKNOWN, ObjectClass.VEHICLE, True),
        (ObjectClass.VEHICLE, ObjectClass.GARBAGE, False),
        (ObjectClass.UNKNOWN, ObjectClass.PERSON, False),
        (ObjectClass.STALL, ObjectClass.PERSON, False),
    ],
)
def test_which_names_one_object_may_get(a: ObjectClass, b: ObjectClass, expected: bool) -> None:
    assert may_be_one(a, b) is may_be_one(b, a) is expected


def test_a_cover_over_the_left_half_leaves_the_right_half_visible() -> None:
    visible = visible_cells((0.2, 0.2, 0.6, 0.6), [(0.0, 0.0, 0.4, 1.0)], 8)
    assert not visible[:, :4].any()
    assert visible[:, 4:].all()
