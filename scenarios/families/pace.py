"""How fast things happen in a scenario: dwell, looks, stays, all drawn from its profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Profile = Literal["short", "long"]


def tenth(value: float) -> float:
    """Times and places are written with one decimal."""
    return round(float(value), 1)


@dataclass(frozen=True)
class Pace:
    """The tempo of one scenario; all values in seconds.

    ``sure_s`` is a stay that any sound system must notice: well beyond the dwell, with looks to spare.
    """

    profile: Profile
    rng: np.random.Generator
    look_s: float
    dwell_s: float
    least_s: float

    @classmethod
    def drawn(cls, profile: Profile, rng: np.random.Generator) -> Pace:
        """A tempo at random."""
        if profile == "short":
            return cls(profile, rng, 1.0, float(rng.integers(10, 15)), tenth(rng.uniform(60, 75)))
        look = float(rng.choice((2.0, 3.0, 5.0)))
        return cls(profile, rng, look, float(rng.integers(12, 31) * 10), tenth(rng.uniform(1200, 2400)))

    @property
    def short(self) -> bool:
        return self.profile == "short"

    @property
    def sure_s(self) -> float:
        return self.dwell_s * 1.3 + 5 + 3 * self.look_s

    def first(self) -> float:
        """When the first thing has come to stand."""
        return tenth(self.rng.uniform(17, 21) if self.short else self.rng.uniform(90, 240))

    def stay(self) -> float:
        """A stay clearly longer than the dwell."""
        return tenth(self.sure_s + (self.rng.uniform(3, 9) if self.short else self.rng.uniform(60, 600)))

    def brief(self) -> float:
        """A stay clearly shorter than the dwell."""
        return tenth(self.dwell_s * self.rng.uniform(0.3, 0.6))

    def gap(self) -> float:
        """Time in which a place is bare between two visits: clearly enough looks to see it."""
        return tenth(self.rng.uniform(10, 14) if self.short else self.rng.uniform(90, 420))

    def soon(self) -> float:
        """A little later."""
        return tenth(self.rng.uniform(4, 9) if self.short else self.rng.uniform(30, 180))
