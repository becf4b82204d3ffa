from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.errors.chain import Course, correlation_time, fit_chain, kept, miss_probability, simulate


def _bursts(missed: np.ndarray) -> list[int]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missed.astype(int), [0]])))
    return [int(length) for length in edges[1::2] - edges[::2]]


@given(
    share=st.floats(0.05, 0.6),
    burst_s=st.floats(0.3, 8.0),
    interval=st.sampled_from([0.2, 1.0, 2.0]),
    seed=st.integers(0, 9999),
)
@settings(max_examples=20, deadline=None)
def test_simulated_misses_come_as_often_and_in_bursts_as_long_as_the_chain_says(
    share: float, burst_s: float, interval: float, seed: int
) -> None:
    times = np.arange(20_000) * interval
    missed = simulate(np.full(len(times), share), times, burst_s, np.random.default_rng(seed))
    memory = kept(interval, burst_s)
    miss_to_miss = share + (1 - share) * memory
    independent = len(times) * (1 - memory) / (1 + memory)
    assert missed.mean() == pytest.approx(share, abs=5 * (share * (1 - share) / independent) ** 0.5)
    bursts = _bursts(missed)
    assert np.mean(bursts) == pytest.approx(1 / (1 - miss_to_miss), rel=5 / len(bursts) ** 0.5)


@given(share=st.floats(0, 1), memory=st.floats(0, 1))
def test_a_chain_in_its_long_run_stays_there(share: float, memory: float) -> None:
    after = share * miss_probability(share, True, memory) + (1 - share) * miss_probability(share, False, memory)
    assert after == pytest.approx(share)


@pytest.mark.parametrize(
    ("base", "slope", "spread", "burst_s", "seed"), [(-1.0, 1.5, 0.8, 1.5, 1), (-2.0, 0.7, 0.4, 4.0, 2)]
)
def test_fit_recovers_what_the_chain_was_made_with(
    base: float, slope: float, spread: float, burst_s: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    courses = []
    for _ in range(250):
        size = rng.uniform(-1, 2)
        times = np.cumsum(rng.choice([0.2, 1.0, 2.0], 60))
        log_odds = base + slope * size + spread * rng.standard_normal()
        shares = np.full(len(times), 1 / (1 + exp(-log_odds)))
        features = np.column_stack([np.ones(len(times)), np.full(len(times), size)])
        courses.append(Course(times, simulate(shares, times, burst_s, rng), features))
    fit = fit_chain(courses, floors=np.array([-12.0, 0.0]), start=np.array([-2.0, 0.5]))
    assert fit.weights == pytest.approx([base, slope], abs=0.2)
    assert fit.spread == pytest.approx(spread, abs=0.2)
    assert fit.burst_s == pytest.approx(burst_s, rel=0.25)


def test_fit_refuses_to_guess_from_nothing() -> None:
    with pytest.raises(ValueError, match="no looks"):
        fit_chain([], floors=np.zeros(1), start=np.zeros(1))


@given(tau=st.floats(0.3, 3.0), seed=st.integers(0, 999))
@settings(max_examples=10, deadline=None)
def test_correlation_time_of_a_known_process_is_found(tau: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    memory = exp(-0.2 / tau)
    values = [0.0]
    for draw in rng.standard_normal(6000):
        values.append(memory * values[-1] + (1 - memory**2) ** 0.5 * float(draw))
    found = correlation_time([np.arange(6001) * 0.2], [np.array(values)], [0.2])
    assert found == pytest.approx(tau, rel=0.35)


def test_a_given_spread_is_not_fitted() -> None:
    rng = np.random.default_rng(5)
    times = np.linspace(0, 39, 40)
    courses = [
        Course(times, simulate(np.full(40, share), times, 0.5, rng), np.ones((40, 1)))
        for share in (0.02, 0.98) * 4
    ]
    floors, start = np.array([-12.0]), np.array([-2.0])
    assert fit_chain(courses, floors=floors, start=start).spread > 2
    assert fit_chain(courses, floors=floors, start=start, spread=0.9).spread == 0.9
