"""Sets of times as lists of (from, to) spans, in order and apart from one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def union(spans: Iterable[Span]) -> list[Span]:
    """All times that lie in some span."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def within(spans: Iterable[Span], begin: float, end: float) -> list[Span]:
    """What of the spans lies between two moments."""
    return union((max(a, begin), min(b, end)) for a, b in spans)


def without(spans: Iterable[Span], taken: Sequence[Span]) -> list[Span]:
    """The times in ``spans`` that lie in no span of ``taken``."""
    holes = union(taken)
    found: list[Span] = []
    for begin, end in union(spans):
        here = begin
        for a, b in holes:
            if b <= here or a >= end:
                continue
            if a > here:
                found.append((here, a))
            here = b
        if here < end:
            found.append((here, end))
    return found


def longest(spans: Iterable[Span]) -> float:
    """Seconds of the longest span; 0 where there is none."""
    return max((end - begin for begin, end in spans), default=0.0)
