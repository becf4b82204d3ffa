"""Which rule speaks for a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places.rules import BAY_SHARE, RuleBook, ruling, standing_in
from ingest.messages import Box
from ingest.taxonomy import Category, ZonePurpose
from ingest.zones import Polygon, Zone
from tests.detectors.places.street import zone

LEFT: Polygon = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
VEHICLE = Category.PARKED_VEHICLE


def at(x: float, y: float) -> Box:
    """A small thing whose foot is there."""
    return x - 0.01, y - 0.02, x + 0.01, y


def names(zones: list[Zone], box: Box, category: Category = VEHICLE) -> list[str]:
    return [item.zone.name for item in ruling(zones, box, category).rules]


def place(*rules_for: Category, purpose: ZonePurpose = ZonePurpose.PARKING_BAY, name: str = "bay") -> Zone:
    plain = zone(60, *rules_for, name=name, purpose=purpose, polygon=LEFT)
    return plain if rules_for else plain.model_copy(update={"rules": ()})


def test_the_rule_that_fires_first_stands_in_front() -> None:
    zones = [zone(60, name="slow"), zone(20, name="quick"), zone(20, name="quick-too")]
    assert names(zones, at(0.2, 0.2)) == ["quick", "quick-too", "slow"]


def test_a_category_without_a_rule_raises_nothing() -> None:
    assert names([zone(20)], at(0.2, 0.2), Category.GARBAGE) == []
    assert RuleBook([zone(20)]).at(at(0.2, 0.2), None).rules == ()


@pytest.mark.parametrize(("x", "allowed"), [(0.2, True), (0.8, False)])
def test_a_bay_permits_what_the_zone_around_it_forbids(x: float, allowed: bool) -> None:
    assert (names([zone(20), place()], at(x, 0.5)) == []) is allowed


def test_a_bay_with_a_rule_of_its_own_permits_until_that_rule_fires() -> None:
    held = ruling([zone(20), place(VEHICLE)], at(0.2, 0.5), VEHICLE)
    assert [item.zone.name for item in held.rules] == ["bay"]
    assert held.counted_after_s == 20


def test_in_two_bays_the_shorter_rule_stands_in_front_and_none_frees_from_the_other() -> None:
    assert names([zone(20), place(VEHICLE), place(name="free")], at(0.2, 0.5)) == ["bay"]


def test_a_bay_with_hours_of_its_own_decides_by_them_against_every_zone() -> None:
    permit = {"category": VEHICLE, "from": "18:00", "to": "07:00"}
    bay = Zone.model_validate({**place(VEHICLE).model_dump(), "permits": [permit]})
    assert names([zone(20), bay], at(0.2, 0.5)) == ["kerb", "bay"]


def test_a_bay_that_forbids_garbage_still_permits_cars() -> None:
    assert names([zone(20), place(Category.GARBAGE)], at(0.2, 0.5)) == []


@pytest.mark.parametrize(
    ("purpose", "category", "allowed"),
    [
        (ZonePurpose.PARKING_BAY, Category.STREET_VENDOR, False),
        (ZonePurpose.RELIEF_POINT, Category.STREET_VENDOR, True),
        (ZonePurpose.RELIEF_POINT, Category.GARBAGE, False),
        (ZonePurpose.GARBAGE_POINT, Category.GARBAGE, True),
        (ZonePurpose.GARBAGE_POINT, Category.STREET_VENDOR, False),
        (ZonePurpose.SIGNAL_QUEUE, Category.PARKED_VEHICLE, False),
    ],
)
def test_a_purpose_allows_what_it_is_for_and_nothing_else(
    purpose: ZonePurpose, category: Category, allowed: bool
) -> None:
    held = ruling([zone(20, category), place(purpose=purpose)], at(0.2, 0.5), category)
    assert (held.rules == ()) is allowed
    assert (held.counted_after_s == 20) is allowed


def test_goods_in_front_of_a_shop_are_its_keepers_trade_whatever_they_are() -> None:
    front = place(Category.STREET_VENDOR, purpose=ZonePurpose.SHOP_FRONT, name="front")
    (item,) = ruling([front], at(0.2, 0.5), Category.STATIC_OBJECT).rules
    assert item.category is Category.STREET_VENDOR
    assert names([place(Category.STREET_VENDOR, purpose=ZonePurpose.PAVEMENT)], at(0.2, 0.5)) == []


@given(left=st.floats(0.0, 0.9), width=st.floats(0.02, 0.4))
def test_a_car_stands_in_a_bay_by_the_share_of_its_foot_in_it(left: float, width: float) -> None:
    inside = max(0.0, min(0.5, left + width) - left) / width
    stands = bool(standing_in([place()], (left, 0.4, left + width, 0.6)))
    if abs(inside - BAY_SHARE) > 0.06:  # eleven columns are counted
        assert stands is (inside > BAY_SHARE)


def test_a_car_across_two_bays_stands_in_both() -> None:
    right = place(name="right").model_copy(update={"polygon": ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))})
    assert [bay.name for bay in standing_in([place(), right], (0.3, 0.4, 0.7, 0.6))] == ["bay", "right"]


def test_a_car_mostly_outside_its_bay_is_not_in_it_though_its_middle_is() -> None:
    narrow = place().model_copy(update={"polygon": ((0.45, 0.0), (0.55, 0.0), (0.55, 1.0), (0.45, 1.0))})
    assert names([zone(20), narrow], (0.3, 0.4, 0.7, 0.6)) == ["kerb"]


@given(
    foot=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    width=st.floats(0.001, 0.9),
    height=st.floats(0.001, 0.9),
)
def test_the_size_of_a_box_never_changes_the_zone_it_stands_in(
    foot: tuple[float, float], width: float, height: float
) -> None:
    x, y = foot
    thin = (x - width / 4, y - height / 4, x + width / 4, y)
    wide = (x - width / 2, y - height, x + width / 2, y)
    if abs((thin[0] + thin[2]) / 2 - 0.5) > 1e-9:
        assert names([zone(20, polygon=LEFT)], thin) == names([zone(20, polygon=LEFT)], wide)


def test_a_box_whose_foot_is_outside_is_outside_however_much_of_it_overlaps() -> None:
    upper: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
    assert names([zone(20, polygon=upper)], (0.2, 0.0, 0.8, 0.55)) == []
    assert names([zone(20)], (0.4, 0.8, 0.6, 1.0)) == ["kerb"]


def test_remembered_answers_stay_bounded_and_right() -> None:
    book = RuleBook([zone(20, polygon=LEFT)])
    for step in range(10_000):
        x = step / 10_000
        assert bool(book.at((x, 0.4, x, 0.5), VEHICLE).rules) is (x <= 0.5)
    assert len(book._answers) <= book._LIMIT
