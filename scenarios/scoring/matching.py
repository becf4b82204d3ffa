"""Which true problem an incident shows (匹配), or what it took for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.boxes import intersection, iou
from scenarios.language.street import SeenBox
from scenarios.report import SaidBox, SaidIncident
from scenarios.scoring.scores import WhyFalse
from scenarios.truth import TrueDecoy, TrueProblem, Truth

MIN_IOU = 0.3
"""Intersection over union from which two boxes mean the same place."""
Claim = TrueProblem | TrueDecoy


@dataclass(frozen=True)
class Fit:
    """How an incident fits a claim: the seen box that agrees best, and for how long both stood."""

    claim: Claim
    seen: SeenBox
    iou: float
    shared_s: float


@dataclass(frozen=True)
class Judgement:
    """What an incident shows: a problem, or (false) the reason and the claim it was taken for."""

    incident: SaidIncident
    problem: TrueProblem | None
    fit: Fit | None = None
    explanation: str | None = None
    explained_by: str | None = None


def tolerance_s(truth: Truth) -> float:
    """Seconds by which times may differ and still agree: two looks, three seconds at least."""
    return max(2 * truth.look_interval_s, 3.0)


def end_of(claim: Claim, truth: Truth) -> float:
    """Second in which a claim ends: its own end, or the scenario's."""
    return truth.duration_s if claim.end_s is None else claim.end_s


def rank(claim: Claim, truth: Truth) -> tuple[object, ...]:
    """Order of claims for ties: the earlier start first; the id decides only between equals."""
    boxes = tuple(sorted((one.camera, one.box, one.from_s) for one in claim.seen))
    return claim.start_s, end_of(claim, truth), boxes, claim.id


def is_active(seen: SeenBox, at_s: float, slack_s: float) -> bool:
    """Whether something stood at that place at a moment, give or take ``slack_s``."""
    return seen.from_s - slack_s <= at_s and (seen.to_s is None or at_s <= seen.to_s + slack_s)


def judge(incident: SaidIncident, truth: Truth) -> Judgement:
    """Says which problem of ``truth`` an incident shows, or why it is false."""
    fits = _fits(incident, truth.problems, truth)
    own = [one for one in fits if one.claim.category is incident.category]
    if own:
        best = _best(own, truth)
        assert isinstance(best.claim, TrueProblem)
        return Judgement(incident, best.claim, best)
    explanation, claim = _explain(incident, fits, truth)
    return Judgement(incident, None, None, explanation, claim)


def _explain(incident: SaidIncident, fits: list[Fit], truth: Truth) -> tuple[str, str | None]:
    decoys = _fits(incident, truth.decoys, truth)
    if decoys:
        decoy = _best(decoys, truth).claim
        assert isinstance(decoy, TrueDecoy)
        return decoy.why.value, decoy.id
    if fits:
        return WhyFalse.WRONG_CATEGORY.value, _best(fits, truth).claim.id
    for decoy in sorted(truth.decoys, key=lambda one: rank(one, truth)):
        if _fits_in_time(incident, decoy, truth):
            return decoy.why.value, decoy.id
    return WhyFalse.UNEXPLAINED.value, None


def _fits_in_time(incident: SaidIncident, decoy: TrueDecoy, truth: Truth) -> bool:
    """Decoys such as a queue have no boxes of their own: their category and time must do."""
    if decoy.seen or decoy.sensor or decoy.category is not incident.category:
        return False
    return _shared_s(incident, decoy, truth) >= 0


def _fits(incident: SaidIncident, claims: Iterable[Claim], truth: Truth) -> list[Fit]:
    left, top, right, bottom = zip(*(one.box for one in incident.boxes), strict=True)
    around = (min(left), min(top), max(right), max(bottom))
    # Most claims lie elsewhere; that is cheaper to see from one box than from all.
    near = (claim for claim in claims if any(intersection(around, one.box) > 0 for one in claim.seen))
    found = (_fit(incident, claim, truth) for claim in near)
    return [one for one in found if one is not None]


def _fit(incident: SaidIncident, claim: Claim, truth: Truth) -> Fit | None:
    shared = _shared_s(incident, claim, truth)
    if shared < 0:
        return None
    slack = tolerance_s(truth)
    agreements = [
        (overlap, seen)
        for seen in claim.seen
        if seen.camera == incident.camera and (overlap := agreement(incident.boxes, seen, slack)) >= MIN_IOU
    ]
    if not agreements:
        return None
    overlap, seen = max(agreements, key=lambda one: (one[0], -one[1].from_s, one[1].box))
    return Fit(claim, seen, overlap, shared)


def agreement(said: Iterable[SaidBox], seen: SeenBox, slack_s: float) -> float:
    """Best IoU (0..1) of a seen box with what was said while something stood there."""
    return max((iou(one.box, seen.box) for one in said if is_active(seen, one.at_s, slack_s)), default=0.0)


def _shared_s(incident: SaidIncident, claim: Claim, truth: Truth) -> float:
    """Seconds that the said stay, widened by the tolerance, shares with the claim's time; negative: none."""
    slack = tolerance_s(truth)
    end = min(incident.last_seen_s + slack, end_of(claim, truth))
    return end - max(incident.first_seen_s - slack, claim.start_s)


def _best(fits: list[Fit], truth: Truth) -> Fit:
    return min(fits, key=lambda one: (-one.shared_s * one.iou, *rank(one.claim, truth)))
