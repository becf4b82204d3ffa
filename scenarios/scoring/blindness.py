"""What a system did while a camera could not look (失明), and whether it said so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from detectors.places.geometry import ground_point
from ingest.intervals import union, without
from scenarios.language.base import Box
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


def blind_at(camera: TruthCamera, box: Box) -> tuple[BlindSpan, ...]:
    """When nobody could look at what stands in ``box``: at no zone of the camera, or at none in which its foot is."""
    foot = ground_point(box)
    zones = [item.told.name for item in camera.zones if item.told.contains(foot)]
    return tuple(
        span
        for span in camera.blind
        if span.certain and (not span.zones or (zones and all(span.about(zone) for zone in zones)))
    )


def blind_outcomes(truth: Truth, report: Report) -> tuple[BlindOutcome, ...]:
    """Which of the true blind spans that are certain were told, by camera and time."""
    outcomes = [
        _outcome(camera.name, span, report.blind)
        for camera in truth.cameras
        for span in camera.blind
        if span.certain and min(span.to_s, truth.duration_s) - span.from_s > MUST_TELL_FROM_S
    ]
    return tuple(sorted(outcomes, key=lambda one: (one.camera, one.from_s, one.to_s, one.zones)))


def _outcome(camera: str, span: BlindSpan, said: Sequence[SaidBlind]) -> BlindOutcome:
    told = [
        one
        for one in said
        if one.camera == camera and one.from_s < span.to_s and (one.to_s is None or one.to_s > span.from_s)
    ]
    if span.zones:  # each of them must be told
        firsts = [min((one.told_s for one in told if one.zone == zone), default=None) for zone in span.zones]
        known = [one for one in firsts if one is not None]
        first = max(known) if len(known) == len(firsts) else None
    else:
        first = min((one.told_s for one in told), default=None)
    # A node without power tells nobody: it must say so once it runs again.
    due_from_s = span.to_s if span.why == ConditionKind.POWER_CUT else span.from_s
    in_time = first is not None and first <= due_from_s + TELL_WITHIN_S
    return BlindOutcome(
        camera=camera, from_s=span.from_s, to_s=span.to_s, zones=span.zones, told_s=first, told_in_time=in_time
    )


def false_blind_s(truth: Truth, report: Report) -> float:
    """Seconds, summed over cameras, in which blindness was said of a camera that could look.

    Zones said blind at once count once; the tolerance around every true blind span of a zone is free.
    """
    return sum(_false_blind_s(camera, truth, report) for camera in truth.cameras)


def _false_blind_s(camera: TruthCamera, truth: Truth, report: Report) -> float:
    slack = tolerance_s(truth)
    false: list[Span] = []
    for one in report.blind:
        if one.camera == camera.name and one.reason != OCCLUDED:
            end = truth.duration_s if one.to_s is None else one.to_s
            said = (max(0.0, one.from_s), min(truth.duration_s, end))
            free = [(span.from_s - slack, span.to_s + slack) for span in camera.blind if span.about(one.zone)]
            false += without([said], free)
    return sum(end - begin for begin, end in union(false))
