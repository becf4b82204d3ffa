"""Intervals against published or hand-computed values."""

from __future__ import annotations

import pytest
from scipy import stats  # type: ignore[import-untyped]  # scipy ships no types

from scenarios.scoring.intervals import Bootstrap, nearest_rank, poisson, wilson


def test_wilson_agrees_with_scipys() -> None:
    for hits, of in ((0, 10), (8, 10), (10, 10), (1, 1000)):
        expected = stats.binomtest(hits, of).proportion_ci(method="wilson")
        assert wilson(hits, of) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert wilson(0, 0) is None


def test_poisson_is_garwoods_exact_interval() -> None:
    for events in (1, 3, 40):
        low, high = stats.chi2.ppf(0.025, 2 * events) / 2, stats.chi2.ppf(0.975, 2 * events + 2) / 2
        assert poisson(events, 2.0) == pytest.approx((low / 2, high / 2))
    assert poisson(0, 1.0) == pytest.approx((0, 3.688879))
    assert poisson(3, 0.0) is None


def test_percentiles_are_values_that_occurred() -> None:
    assert [nearest_rank([4, 1, 3, 2], percent) for percent in (50, 95)] == [2, 4]
    assert nearest_rank([7.0], 50) == 7
    assert nearest_rank(list(range(1, 101)), 95) == 95
    assert nearest_rank([], 50) is None


def test_one_scenario_gives_no_bootstrap_interval() -> None:
    assert Bootstrap(1).ratio([1], [2]) is None
    assert Bootstrap(3).ratio([1, 0, 0], [2, 0, 0]) is None
    assert Bootstrap(2).percentile([[1.0, 2.0], []], 50) is None


def test_equal_scenarios_leave_nothing_uncertain() -> None:
    again = Bootstrap(5)
    assert again.ratio([1] * 5, [2] * 5) == (0.5, 0.5)
    assert again.percentile([[1.0, 2.0, 3.0]] * 5, 50) == (2, 2)


def test_the_bootstrap_covers_what_two_unlike_scenarios_allow() -> None:
    again = Bootstrap(2)
    # Resamples are (a, a), (a, b), (b, b): ratios 1, 1/2, 0; medians 1, 1 (the lower middle), 9.
    assert again.ratio([1, 0], [1, 1]) == (0, 1)
    assert again.percentile([[1.0], [9.0]], 50) == (1, 9)


def test_the_bootstrap_is_the_same_every_time() -> None:
    values = [[float(i * j % 7) for j in range(i)] for i in range(20)]
    assert Bootstrap(20).percentile(values, 95) == Bootstrap(20).percentile(values, 95)
