"""An estimate grows with what has to be looked at, and shrinks with the cores that do it."""

from __future__ import annotations

import pytest

from scenarios.evaluation.estimate import estimate_s
from scenarios.evaluation.item import TIERS, Item
from scenarios.families import build


def test_two_jobs_take_half_as_long_and_every_tier_costs_something() -> None:
    short = build("parked_alone", 1, "short")
    for tier in TIERS:
        items = [Item(short, tier)] * 4
        assert 0 < estimate_s(items, 2) == pytest.approx(estimate_s(items, 1) / 2)
    assert estimate_s([], 2) == 0


def test_a_long_scenario_takes_longer_than_a_short_one() -> None:
    short, long = build("parked_alone", 1, "short"), build("parked_alone", 1, "long")
    assert estimate_s([Item(long, "detections")], 1) > estimate_s([Item(short, "detections")], 1)
