"""Which rule speaks for a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places.geometry import ground_point
from detectors.places.rules import RuleBook, governing
from ingest.taxonomy import Category, ZonePurpose
from ingest.zones import Polygon, Zone
from tests.detectors.places.street import zone

LEFT: Polygon = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
VEHICLE = Category.PARKED_VEHICLE


def _bay(*rules_for: Category) -> Zone:
    plain = zone(60, *rules_for, name="bay", purpose=ZonePurpose.PARKING_BAY, polygon=LEFT)
    return plain if rules_for else plain.model_copy(update={"rules": ()})


def test_the_rule_that_fires_first_stands_in_front() -> None:
    zones = [zone(60, name="slow"), zone(20, name="quick"), zone(20, name="quick-too")]
    assert [item.zone.name for item in governing(zones, (0.2, 0.2), VEHICLE)] == ["quick", "quick-too", "slow"]


def test_a_category_without_a_rule_raises_nothing() -> None:
    assert governing([zone(20)], (0.2, 0.2), Category.GARBAGE) == []
    assert RuleBook([zone(20)]).at((0.2, 0.2), None) == []


@pytest.mark.parametrize(("x", "allowed"), [(0.2, True), (0.8, False)])
def test_a_bay_permits_what_the_zone_around_it_forbids(x: float, allowed: bool) -> None:
    assert (governing([zone(20), _bay()], (x, 0.5), VEHICLE) == []) is allowed


def test_a_bay_with_a_rule_of_its_own_does_not_permit() -> None:
    names = [item.zone.name for item in governing([zone(20), _bay(VEHICLE)], (0.2, 0.5), VEHICLE)]
    assert names == ["kerb", "bay"]


def test_a_bay_that_forbids_garbage_still_permits_cars() -> None:
    assert governing([zone(20), _bay(Category.GARBAGE)], (0.2, 0.5), VEHICLE) == []


@given(
    foot=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    width=st.floats(0.001, 0.9),
    height=st.floats(0.001, 0.9),
)
def test_the_size_of_a_box_never_changes_the_zone_it_stands_in(
    foot: tuple[float, float], width: float, height: float
) -> None:
    x, y = foot
    thin = ground_point((x - 1e-6, y - 1e-6, x + 1e-6, y))
    wide = ground_point((x - width / 2, y - height, x + width / 2, y))
    assert wide == pytest.approx(thin, abs=1e-9)


def test_a_box_cut_off_by_the_lower_edge_still_stands_in_the_zone() -> None:
    assert governing([zone(20)], ground_point((0.4, 0.8, 0.6, 1.0)), VEHICLE)


def test_a_box_whose_foot_is_outside_is_outside_however_much_of_it_overlaps() -> None:
    upper: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
    assert governing([zone(20, polygon=upper)], ground_point((0.2, 0.0, 0.8, 0.55)), VEHICLE) == []


def test_remembered_answers_stay_bounded_and_right() -> None:
    book = RuleBook([zone(20, polygon=LEFT)])
    for step in range(10_000):
        x = step / 10_000
        assert bool(book.at((x, 0.5), VEHICLE)) is (x <= 0.5)
    assert len(book._answers) <= book._LIMIT
