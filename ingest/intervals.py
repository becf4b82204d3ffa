"""Sets of times as lists of (from, to), in order and apart from one another: moments, or seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

Time = TypeVar("Time", datetime, float)


def union(spans: Iterable[tuple[Time, Time]]) -> list[tuple[Time, Time]]:
    """All times that lie in some span; empty spans vanish."""
    found: list[tuple[Time, Time]] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def without(spans: Iterable[tuple[Time, Time]], taken: Iterable[tuple[Time, Time]]) -> list[tuple[Time, Time]]:
    """The times in ``spans`` that lie in no span of ``taken``."""
    holes = union(taken)
    found: list[tuple[Time, Time]] = []
    for begin, end in union(spans):
        here = begin
        for first, last in holes:
            if last <= here or first >= end:
                continue
            if first > here:
                found.append((here, first))
            here = last
        if here < end:
            found.append((here, end))
    return found
