"""How truly an incident told its stay (停留), and whether its end was one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ingest.boxes import iou
from scenarios.language.street import SeenBox
from scenarios.report import SaidIncident
from scenarios.scoring.matching import MIN_IOU, Fit, is_active, tolerance_s
from scenarios.truth import TrueProblem, Truth


def dwell_error_s(incident: SaidIncident, fit: Fit, truth: Truth) -> float:
    """Seconds by which the said stay differs from how long the problem stood at that place within the scenario."""
    here = [
        one for one in fit.claim.seen if one.camera == fit.seen.camera and iou(one.box, fit.seen.box) >= MIN_IOU
    ]
    begin = min(one.from_s for one in here)
    end = max(_left_s(one, truth) for one in here)
    return abs((incident.last_seen_s - incident.first_seen_s) - (end - begin))


def longest(incidents: Sequence[SaidIncident]) -> SaidIncident:
    """The incident with the longest said stay; the earlier of equals."""
    return min(
        incidents, key=lambda one: (one.first_seen_s - one.last_seen_s, one.first_seen_s, one.camera, one.id)
    )


def is_split(incidents: Sequence[SaidIncident]) -> bool:
    """Whether one camera told a problem as several incidents."""
    return any(count > 1 for count in Counter(one.camera for one in incidents).values())


def wrongly_closed(incident: SaidIncident, problem: TrueProblem, truth: Truth) -> bool:
    """Whether it was told ended while its problem went on standing there for longer than the tolerance."""
    if incident.ended_s is None:
        return False
    ended, slack = incident.ended_s, tolerance_s(truth)
    return any(
        seen.camera == incident.camera
        and is_active(seen, ended, 0.0)
        and _left_s(seen, truth) > ended + slack
        and any(iou(said.box, seen.box) >= MIN_IOU for said in incident.boxes)
        for seen in problem.seen
    )


def _left_s(seen: SeenBox, truth: Truth) -> float:
    return truth.duration_s if seen.to_s is None else min(seen.to_s, truth.duration_s)
