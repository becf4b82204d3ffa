"""Spans of seconds; their union and difference are those of ``ingest.intervals``."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.intervals import union

Span = tuple[float, float]


def within(spans: Iterable[Span], begin: float, end: float) -> list[Span]:
    """What of the spans lies between two moments."""
    return union((max(a, begin), min(b, end)) for a, b in spans)


def longest(spans: Iterable[Span]) -> float:
    """Seconds of the longest span; 0 where there is none."""
    return max((end - begin for begin, end in spans), default=0.0)
