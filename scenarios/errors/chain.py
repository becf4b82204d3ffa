"""The two-state chain of hits and misses (Gilbert-Elliott): its steps, and its fit to what was observed.

For each object the log-odds of a miss in the long run are ``x @ weights`` plus the object's own offset, drawn from a
normal distribution. Between two looks ``dt`` apart the state is kept with exp(-dt / burst_s), else drawn anew. The
fit maximises the likelihood with the offset integrated out (Gauss-Hermite); a weak prior keeps what the data say
nothing about near zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy ships no types

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_NODES = 7
_PRIOR_SD = 8.0
_BURST_PRIOR = (log(1.0), 1.5)
_SPREAD_PRIOR = (log(0.7), 0.4)
_TINY = 1e-9
_NEAR = 0.3
_ENOUGH_PAIRS = 20
_SHORTEST_S = 0.05


def kept(dt_s: float, burst_s: float) -> float:
    """How much of a state lasts over ``dt_s`` seconds: 1 at once, 0 long after."""
    return exp(-max(dt_s, 0.0) / burst_s)


def miss_probability(share: float, missed_before: bool | None, memory: float) -> float:
    """Of the next look, given the long-run ``share``, the look before (None: there was none) and :func:`kept`."""
    if missed_before is None:
        return share
    return share + (1.0 - share) * memory if missed_before else share * (1.0 - memory)


@dataclass(frozen=True, eq=False)
class Course:
    """One object's looks: ``times`` (N, growing), ``missed`` (N), ``features`` (N x F)."""

    times: Floats
    missed: Flags
    features: Floats


@dataclass(frozen=True, eq=False)
class ChainFit:
    """``weights`` (F) of the features, ``spread`` between objects in log-odds, ``burst_s`` seconds."""

    weights: Floats
    spread: float
    burst_s: float


class _Likelihood:
    """Minus the logarithm of the posterior, for all courses at once."""

    def __init__(
        self, courses: Sequence[Course], prior_means: Floats, floors: Floats, given_spread: float | None
    ) -> None:
        self._given_spread = given_spread
        self._x = np.concatenate([course.features for course in courses])
        self._missed = np.concatenate([course.missed for course in courses])
        self._owner = np.repeat(np.arange(len(courses)), [len(course.times) for course in courses])
        times = np.concatenate([course.times for course in courses])
        self._first = np.ones(len(times), bool)
        self._first[1:] = self._owner[1:] != self._owner[:-1]
        self._gap = np.where(self._first, 0.0, np.diff(times, prepend=times[0]))
        self._before = np.roll(self._missed, 1)
        self._starts = np.flatnonzero(self._first)
        self._means, self._floors = prior_means, floors
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        self._nodes, self._log_weights = nodes, np.log(weights / weights.sum())

    def unpack(self, values: Floats) -> tuple[Floats, float, float]:
        weights = np.maximum(values[:-2], self._floors)
        fitted = float(np.exp(np.clip(values[-2], -6, 2)))
        spread = fitted if self._given_spread is None else self._given_spread
        return weights, spread, float(np.exp(np.clip(values[-1], -4, 7)))

    def __call__(self, values: Floats) -> float:
        weights, spread, burst = self.unpack(values)
        log_odds = (self._x @ weights)[:, None] + spread * self._nodes[None, :]
        share = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30)))
        memory = np.where(self._first, 0.0, np.exp(-self._gap / burst))[:, None]
        missing = share * (1.0 - memory) + memory * self._before[:, None]
        chance = np.where(self._missed[:, None], missing, 1.0 - missing)
        per_object = np.add.reduceat(np.log(np.maximum(chance, _TINY)), self._starts, axis=0) + self._log_weights
        top = per_object.max(axis=1)
        total = float((top + np.log(np.exp(per_object - top[:, None]).sum(axis=1))).sum())
        prior = float((((values[:-2] - self._means) / _PRIOR_SD) ** 2).sum())
        prior += ((values[-2] - _SPREAD_PRIOR[0]) / _SPREAD_PRIOR[1]) ** 2
        prior += ((values[-1] - _BURST_PRIOR[0]) / _BURST_PRIOR[1]) ** 2
        return float(0.5 * prior - total)


def fit_chain(
    courses: Sequence[Course], *, floors: Floats, start: Floats, spread: float | None = None
) -> ChainFit:
    """The most probable chain. ``floors`` (F) are the least allowed weights, ``start`` (F) prior means.

    ``spread``: taken as given instead of fitted, where too few objects were seen to tell how they differ.

    Raises:
        ValueError: No looks, or features that do not fit together.
    """
    courses = [course for course in courses if len(course.times)]
    if not courses:
        raise ValueError("no looks to fit a chain to; give at least one course with a look")
    likelihood = _Likelihood(courses, start, floors, spread)
    first = np.concatenate([start, [_SPREAD_PRIOR[0], _BURST_PRIOR[0]]])
    found = minimize(likelihood, first, method="L-BFGS-B", options={"maxiter": 200})
    weights, spread, burst = likelihood.unpack(np.asarray(found.x, np.float64))
    return ChainFit(weights, spread, burst)


def simulate(shares: Floats, times: Floats, burst_s: float, rng: np.random.Generator) -> Flags:
    """Misses of one object at ``times`` (N) whose long-run shares are ``shares`` (N)."""
    draws = rng.random(len(times))
    missed = np.zeros(len(times), bool)
    before: bool | None = None
    for index in range(len(times)):
        memory = kept(float(times[index] - times[index - 1]), burst_s) if index else 0.0
        before = bool(draws[index] < miss_probability(float(shares[index]), before, memory))
        missed[index] = before
    return missed


def correlation_time(times: Sequence[Floats], values: Sequence[Floats], intervals: Sequence[float]) -> float:
    """Seconds in which the correlation of ``values`` (N each, centred, one array an object) falls to 1/e.

    Estimated from consecutive looks about as far apart as one of ``intervals``; at least 0.05 s.
    """
    gaps = np.concatenate([np.diff(item) for item in times])
    products = np.concatenate([item[1:] * item[:-1] for item in values])
    variance = float(np.mean(np.concatenate([item * item for item in values])))
    estimates, counts = [], []
    for interval in intervals:
        near = np.abs(gaps - interval) < _NEAR * interval
        if variance > 0 and near.sum() >= _ENOUGH_PAIRS:
            rho = float(np.clip(products[near].mean() / variance, 0.01, 0.99))
            estimates.append(-interval / log(rho))
            counts.append(float(near.sum()))
    return max(_SHORTEST_S, float(np.average(estimates, weights=counts))) if estimates else _SHORTEST_S
