"""Dwell arithmetic: watched, bridged and bare time add up, whatever the looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.places.dwell import Dwell, short_gap_s

START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
gaps = st.lists(st.integers(1, 20_000_000), min_size=1, max_size=60)


@pytest.mark.parametrize(("interval", "expected"), [(0.2, 3.0), (1.0, 3.0), (2.0, 6.0), (30.0, 90.0)])
def test_short_gap_is_three_looks_but_never_under_three_seconds(interval: float, expected: float) -> None:
    assert short_gap_s(interval) == expected


@given(gaps)
def test_observed_and_bridged_together_are_the_whole_visit(millis: list[int]) -> None:
    at, dwell = START, Dwell(START)
    for gap in millis:
        at += timedelta(milliseconds=gap)
        dwell.seen(at, 3.0)
    assert dwell.total_s == pytest.approx((at - START).total_seconds())
    assert dwell.observed_s == pytest.approx(sum(gap for gap in millis if gap <= 3000) / 1000)


@given(gaps)
def test_more_looks_in_between_never_shorten_the_dwell(millis: list[int]) -> None:
    coarse, fine, at = Dwell(START), Dwell(START), START
    for gap in millis:
        fine.seen(at + timedelta(milliseconds=gap) / 2, 3.0)
        at += timedelta(milliseconds=gap)
        coarse.seen(at, 3.0)
        fine.seen(at, 3.0)
    assert fine.total_s == pytest.approx(coarse.total_s)
    assert fine.observed_s >= coarse.observed_s - 1e-6


def test_time_in_which_the_place_was_bare_is_not_bridged() -> None:
    dwell = Dwell(START)
    for _ in range(4):
        dwell.absent(1.0)
    dwell.seen(START + timedelta(seconds=10), 3.0)
    assert (dwell.observed_s, dwell.bridged_s, dwell.bare_s) == (0.0, 6.0, 0.0)
