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
    """Seconds by which the said stay differs from the true one."""
    return abs(said_stay_s(incident) - true_stay_s(incident, fit, truth))


def said_stay_s(incident: SaidIncident) -> float:
    """Observed and bridged seconds together; of who does not keep them apart the time from first to last seen."""
    counted = incident.observed_s + incident.bridged_s
    return counted if counted > 0 else incident.last_seen_s - incident.first_seen_s


def true_stay_s(incident: SaidIncident, fit: Fit, truth: Truth) -> float:
    """Seconds from when to when the problem stood, within the scenario, at the places that the incident names."""
    places = [fit.seen.box, *(said.box for said in incident.boxes)]
    here = [
        one
        for one in fit.claim.seen
        if one.camera == fit.seen.camera and any(iou(one.box, place) >= MIN_IOU for place in places)
    ]
    return max(_left_s(one, truth) for one in here) - min(one.from_s for one in here)


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
