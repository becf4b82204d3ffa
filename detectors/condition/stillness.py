"""A stream that repeats its last picture (画面冻结): alike to the last grey level for longer than any street is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.condition.outlines import COLUMNS, ROWS, Grey

_ALIKE = 0.02
"""Mean difference of two small greys, grey levels, up to which they are one picture. A sensor's noise alone makes at
least five times as much, also after H.264 and at night; a picture encoded again makes a tenth of it."""
_ANOTHER = 4.0
"""Mean difference from which it is another picture; one frozen picture encoded anew differs by less than three."""
_SOMETHING_MOVED = 12.0
"""Mean difference of one block from which something moved there: a frozen picture encoded anew stays below five at 150
kbit/s, a street with people in it, seconds apart, is above fifty. Without this, a camera that renews its picture more
seldom than it is looked at would count as frozen."""
_SAVED_BLOCK = 16
"""Pixels of the small picture that are saved as one: nobody can be recognised in that."""
_NOTHING_NEW_S = 5.0
"""So long a repeated picture is still taken for a look: quiet streets in H.264 may decode alike for a moment."""


@dataclass
class Stillness:
    """Since when every picture is the same one, the first of them included. An encoder's key frame in between, one
    picture that is a little different, changes nothing; two do.

    The picture itself is kept in memory only. What is saved is ``coarse``, which is enough for the first look after a
    restart to tell that a picture that stood still goes on to; that it begins to is told from the next one on. After
    more than ``longest_gap_s`` without a look nothing is known of the time in between.
    """

    since: datetime | None = None
    odd: int = 0
    last_at: datetime | None = None
    last: Grey | None = None
    coarse: Grey | None = None
    longest_gap_s: float = math.inf

    def looked(self, at: datetime, grey: Grey) -> datetime | None:
        """One look at a small grey (uint8 H x W); since when nothing new has come, once that is long enough."""
        before, now = (self.coarse, _coarse(grey)) if self.last is None else (self.last, grey)
        known = before is not None and before.shape == now.shape
        off = _difference(before, now) if known and before is not None else _ANOTHER
        began = None if self.last is None else self.last_at
        if began is not None and (at - began).total_seconds() > self.longest_gap_s:
            began = at
        self.last, self.coarse, self.last_at = grey.copy(), None, at
        if off <= _ALIKE and (began or self.since) is not None:
            self.odd = 0
            self.since = self.since or began
        else:
            self.odd += 1
            if self.odd > 1 or off >= _ANOTHER or (known and before is not None and _moved(before, now)):
                self.since = None
        if self.since is None or (at - self.since).total_seconds() < _NOTHING_NEW_S:
            return None
        return self.since

    def clock_set(self, step: timedelta) -> None:
        """The clock was set: what lasts began as long ago as before."""
        self.since = None if self.since is None else self.since + step
        self.last_at = None if self.last_at is None else self.last_at + step

    def dump(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """All state: JSON types, and uint8 arrays."""
        plain = {
            "since": self.since.isoformat() if self.since else None,
            "odd": self.odd,
            "last_at": self.last_at.isoformat() if self.last_at else None,
        }
        coarse = self.coarse if self.last is None else _coarse(self.last)
        return plain, {} if coarse is None else {"coarse": coarse}

    @classmethod
    def load(
        cls, plain: dict[str, Any], arrays: dict[str, NDArray[Any]], longest_gap_s: float = math.inf
    ) -> Stillness:
        """The opposite of :meth:`dump`. Raises KeyError, TypeError or ValueError."""
        since, last_at = (
            None if plain[name] is None else datetime.fromisoformat(plain[name]) for name in ("since", "last_at")
        )
        return cls(since, int(plain["odd"]), last_at, None, arrays.get("coarse"), longest_gap_s)


def _coarse(grey: Grey) -> Grey:
    size = (max(1, grey.shape[1] // _SAVED_BLOCK), max(1, grey.shape[0] // _SAVED_BLOCK))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _difference(a: Grey, b: Grey) -> float:
    return float(np.abs(a.astype(np.int16) - b).mean())


def _moved(a: Grey, b: Grey) -> bool:
    off = cv2.resize(cv2.absdiff(a, b), (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return float(off.max()) >= _SOMETHING_MOVED
