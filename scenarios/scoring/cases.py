"""Which true problem a case belongs to (归属): the one most of its incidents show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from scenarios.language.claims import Subject
from scenarios.report import Report, SaidCase
from scenarios.scoring.matching import Judgement, end_of, rank, tolerance_s
from scenarios.scoring.scores import CaseOutcome, WhyFalse
from scenarios.truth import TrueDecoy, TrueProblem, Truth

SENSOR_TOLERANCE_S = 120.0
"""Sensors report every minute by default: an alarm may come two readings after its cause has gone."""


def ordinary(report: Report) -> list[SaidCase]:
    """The cases about problems; market cases only group others and are judged apart."""
    return [case for case in report.cases if case.category is not Subject.STREET_MARKET]


def case_of_incident(report: Report) -> dict[str, str | None]:
    """The case of every incident, by id; raises ValueError where incidents and cases contradict each other."""
    known = {case.id for case in report.cases}
    belongs = {incident.id: incident.case for incident in report.incidents}
    for incident, case in belongs.items():
        if case is not None and case not in known:
            raise ValueError(f"incident {incident}: its case {case} is not in the report; add it")
    for one in report.cases:
        for incident in one.incidents:
            if belongs[incident] not in (None, one.id):
                raise ValueError(
                    f"case {one.id} lists incident {incident}, whose case is {belongs[incident]}; keep one of them"
                )
            belongs[incident] = one.id
    return belongs


def case_outcome(case: SaidCase, judgements: Sequence[Judgement], truth: Truth) -> CaseOutcome:
    """Judges a case by its incidents, or, without any, by its sensor."""
    if case.sensor is not None:
        return _sensor_outcome(case, truth)
    problem = _shown(case, judgements, truth)
    if problem is not None:
        return _outcome(case, problem.id)
    if not judgements:
        return _outcome(case, None, WhyFalse.NO_INCIDENT.value)
    first = min(judgements, key=_earliness)
    if first.problem is not None:
        return _outcome(case, None, WhyFalse.WRONG_CATEGORY.value, first.problem.id)
    return _outcome(case, None, first.explanation, first.explained_by)


def _outcome(
    case: SaidCase, problem: str | None, explanation: str | None = None, by: str | None = None
) -> CaseOutcome:
    return CaseOutcome(
        id=case.id,
        category=case.category,
        created_s=case.created_s,
        problem=problem,
        explanation=explanation,
        explained_by=by,
    )


def _earliness(judgement: Judgement) -> tuple[object, ...]:
    said = judgement.incident
    return said.first_seen_s, said.raised_s, said.camera, said.boxes[0].box, said.id


def _shown(case: SaidCase, judgements: Sequence[Judgement], truth: Truth) -> TrueProblem | None:
    """The problem of the case's category with most of its incidents; ties: the one told first."""
    votes: dict[str, list[float]] = defaultdict(list)
    problems: dict[str, TrueProblem] = {}
    for one in judgements:
        if one.problem is not None and one.problem.category is case.category:
            votes[one.problem.id].append(one.incident.first_seen_s)
            problems[one.problem.id] = one.problem
    if not votes:
        return None
    return problems[min(votes, key=lambda id_: (-len(votes[id_]), min(votes[id_]), rank(problems[id_], truth)))]


def _sensor_outcome(case: SaidCase, truth: Truth) -> CaseOutcome:
    problems = [one for one in truth.problems if _alarms(case, one, truth)]
    if problems:
        # The alarm is due when the dwell has passed, so the nearest such moment is the cause.
        nearest = min(
            problems, key=lambda one: (abs(case.created_s - one.start_s - one.dwell_s), rank(one, truth))
        )
        return _outcome(case, nearest.id)
    for decoy in sorted(truth.decoys, key=lambda one: rank(one, truth)):
        if _alarms(case, decoy, truth):
            return _outcome(case, None, decoy.why.value, decoy.id)
    return _outcome(case, None, WhyFalse.UNEXPLAINED.value)


def _alarms(case: SaidCase, claim: TrueProblem | TrueDecoy, truth: Truth) -> bool:
    """Whether a sensor's case may be about this claim: same category and sensor, and raised while it lasted."""
    if claim.category is not case.category or claim.sensor not in (None, case.sensor):
        return False
    begin = claim.start_s - tolerance_s(truth)
    return begin <= case.created_s <= end_of(claim, truth) + max(tolerance_s(truth), SENSOR_TOLERANCE_S)
