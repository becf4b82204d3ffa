"""95 % intervals (置信区间): Wilson for proportions, exact Poisson for rates, bootstrap for all else."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special  # type: ignore[import-untyped]  # scipy ships no types

Interval = tuple[float, float]
_Z = 1.959963984540054
_LOW, _HIGH = 0.025, 0.975
RESAMPLES = 1000
_SEED = 20_260_302
_CHUNK = 100


def wilson(hits: int, of: int) -> Interval | None:
    """Wilson's score interval of ``hits / of``; None without trials."""
    if of == 0:
        return None
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return (0.0 if hits == 0 else middle - half, 1.0 if hits == of else middle + half)


def poisson(events: int, exposure: float) -> Interval | None:
    """Garwood's exact interval of the rate ``events / exposure``; None without exposure."""
    if exposure <= 0:
        return None
    low = float(special.gammaincinv(events, _LOW)) if events else 0.0
    return low / exposure, float(special.gammaincinv(events + 1, _HIGH)) / exposure


def nearest_rank(values: Sequence[float], percent: int) -> float | None:
    """The smallest value that at least ``percent`` % of the values do not exceed; None without values."""
    if not values:
        return None
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


class Bootstrap:
    """Resamples whole scenarios, because the problems of one scenario are not independent (seeded).

    Intervals are the middle 95 % of the resampled figures; None where fewer than two scenarios have data.
    """

    def __init__(self, scenarios: int) -> None:
        rng = np.random.default_rng((_SEED, scenarios))
        even = np.full(scenarios, 1 / scenarios) if scenarios else np.empty(0)
        self._times: NDArray[np.int64] = rng.multinomial(scenarios, even, size=RESAMPLES)

    def ratio(self, above: Sequence[float], below: Sequence[float]) -> Interval | None:
        """Interval of sum(above) / sum(below), one item of each per scenario."""
        divisor = np.asarray(below, dtype=np.float64)
        if np.count_nonzero(divisor) < 2:
            return None
        sums = self._times @ divisor
        dividends = self._times @ np.asarray(above, dtype=np.float64)
        return _middle(dividends[sums > 0] / sums[sums > 0])

    def percentile(self, values: Sequence[Sequence[float]], percent: int) -> Interval | None:
        """Interval of the nearest-rank percentile of all values, one list per scenario."""
        if sum(bool(one) for one in values) < 2:
            return None
        flat = np.asarray([value for one in values for value in one], dtype=np.float64)
        owner = np.repeat(np.arange(len(values)), [len(one) for one in values])
        order = np.argsort(flat, kind="stable")
        parts = [
            _percentiles(flat[order], self._times[first : first + _CHUNK, owner[order]], percent)
            for first in range(0, RESAMPLES, _CHUNK)
        ]
        return _middle(np.concatenate(parts))


def _percentiles(ordered: NDArray[np.float64], times: NDArray[np.int64], percent: int) -> NDArray[np.float64]:
    """Percentile of every resample (row of ``times``: how often each of the ordered values is in it)."""
    counts = np.cumsum(times, axis=1)
    counts = counts[counts[:, -1] > 0]
    wanted = -(-counts[:, -1] * percent // 100)
    at: NDArray[np.intp] = np.argmax(counts >= wanted[:, None], axis=1)
    picked: NDArray[np.float64] = ordered[at]
    return picked


def _middle(figures: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(figures, [_LOW, _HIGH])
    return float(low), float(high)
