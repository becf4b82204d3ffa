"""What a system did while a camera could not look (失明), and whether it said so."""

from __future__ import annotations

from collections.abc import Iterable

from scenarios.language.conditions import ConditionKind
from scenarios.report import Report, SaidBlind
from scenarios.scoring.matching import tolerance_s
from scenarios.scoring.scores import BlindOutcome
from scenarios.truth import BlindSpan, Truth, TruthCamera

MUST_TELL_FROM_S = 20.0
"""Blind spans longer than this must be told."""
TELL_WITHIN_S = 60.0
"""Seconds from the beginning of a blind span (of a power cut: from its end) within which it must be told."""
OCCLUDED = "occluded"
"""The reason code for a zone hidden behind a bus or a crowd; the truth states no such spans, so it cannot be judged."""
Span = tuple[float, float]


def within(at_s: float, spans: Iterable[BlindSpan], slack_s: float) -> bool:
    """Whether a moment lies inside a blind span, at least ``slack_s`` from both its ends."""
    return any(span.from_s + slack_s < at_s < span.to_s - slack_s for span in spans)


def blind_outcomes(truth: Truth, report: Report) -> tuple[BlindOutcome, ...]:
    """Which of the true blind spans were told, by camera and time."""
    outcomes = [
        _outcome(camera.name, span, report.blind)
        for camera in truth.cameras
        for span in camera.blind
        if min(span.to_s, truth.duration_s) - span.from_s > MUST_TELL_FROM_S
    ]
    return tuple(sorted(outcomes, key=lambda one: (one.camera, one.from_s, one.to_s)))


def _outcome(camera: str, span: BlindSpan, said: Iterable[SaidBlind]) -> BlindOutcome:
    told = [
        one.told_s
        for one in said
        if one.camera == camera and one.from_s < span.to_s and (one.to_s is None or one.to_s > span.from_s)
    ]
    first = min(told, default=None)
    # A node without power tells nobody: it must say so once it runs again.
    due_from_s = span.to_s if span.why == ConditionKind.POWER_CUT else span.from_s
    in_time = first is not None and first <= due_from_s + TELL_WITHIN_S
    return BlindOutcome(camera=camera, from_s=span.from_s, to_s=span.to_s, told_s=first, told_in_time=in_time)


def false_blind_s(truth: Truth, report: Report) -> float:
    """Seconds, summed over cameras, in which blindness was said of a camera that could look.

    Zones said blind at once count once; the tolerance around every true blind span is free.
    """
    return sum(_false_blind_s(camera, truth, report) for camera in truth.cameras)


def _false_blind_s(camera: TruthCamera, truth: Truth, report: Report) -> float:
    slack = tolerance_s(truth)
    said = [
        (max(0.0, one.from_s), min(truth.duration_s, truth.duration_s if one.to_s is None else one.to_s))
        for one in report.blind
        if one.camera == camera.name and one.reason != OCCLUDED
    ]
    free = [(span.from_s - slack, span.to_s + slack) for span in camera.blind]
    return _length([*said, *free]) - _length(free)


def _length(spans: list[Span]) -> float:
    """Length of the union of spans."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        if end > max(begin, reached):
            total += end - max(begin, reached)
            reached = end
    return total
