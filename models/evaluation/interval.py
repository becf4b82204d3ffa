"""How sure an average precision is (自助法): a bootstrap over pictures, as boxes of one picture hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.training.boxes import Floats
from models.training.evaluate import Judged

_DRAWS = 400
_SEED = 20


@dataclass(frozen=True)
class Estimate:
    """AP50 over all pictures, with the 2.5 and 97.5 percent points of the bootstrap; NaN without labels."""

    value: float
    low: float
    high: float


class _Ranked:
    """All finds of one class, best score first, each with the number of its picture."""

    def __init__(self, pictures: Sequence[Judged]) -> None:
        counts = [len(picture.scores) for picture in pictures]
        scores = np.concatenate([picture.scores for picture in pictures]) if pictures else np.zeros(0)
        order = np.argsort(-scores, kind="stable")
        self.right = np.concatenate([picture.right for picture in pictures])[order].astype(float)
        self.picture = np.repeat(np.arange(len(pictures)), counts)[order]
        self.labelled = np.array([picture.labelled for picture in pictures], float)

    def average_precision(self, weights: Floats) -> float:
        """Average precision when picture i counts `weights[i]` times."""
        labelled = float((self.labelled * weights).sum())
        if labelled == 0:
            return float("nan")
        each = weights[self.picture]
        hits, seen = np.cumsum(self.right * each), np.cumsum(each)
        precision = hits / np.maximum(seen, 1e-9)
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        return float((envelope * np.diff(np.concatenate(([0.0], hits / labelled)))).sum())


def estimate(pictures: Sequence[Judged], draws: int = _DRAWS, seed: int = _SEED) -> Estimate:
    """AP50 of one class over `pictures` with its interval; the same input gives the same answer."""
    if not any(picture.labelled for picture in pictures):
        return Estimate(float("nan"), float("nan"), float("nan"))
    ranked = _Ranked(pictures)
    count = len(pictures)
    value = ranked.average_precision(np.ones(count))
    rng = np.random.default_rng(seed)
    shares = np.full(count, 1 / count)
    drawn = [ranked.average_precision(rng.multinomial(count, shares).astype(float)) for _ in range(draws)]
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Estimate(value, float(low), float(high))
