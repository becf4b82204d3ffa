"""Scoring one scenario (评分): what a system said, held against the truth. Pure: the same input, the same score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from scenarios.language.claims import Subject
from scenarios.report import Report, SaidIncident
from scenarios.scoring.blindness import blind_at, blind_outcomes, false_blind_s, within
from scenarios.scoring.cases import case_of_incident, case_outcome, ordinary
from scenarios.scoring.markets import market_outcomes
from scenarios.scoring.matching import Fit, Judgement, judge, tolerance_s
from scenarios.scoring.scores import (
    CaseOutcome,
    IncidentOutcome,
    Outcome,
    ProblemOutcome,
    ScenarioScore,
    Tally,
)
from scenarios.scoring.stays import dwell_error_s, is_split, longest, true_stay_s, wrongly_closed
from scenarios.scoring.tallies import tally
from scenarios.truth import TrueProblem, Truth, TruthCamera

LATE_S = 60.0
"""A case is late when it comes this long after it was due, or one more dwell where that is shorter."""


def score(truth: Truth, report: Report) -> ScenarioScore:
    """Scores a report; raises ValueError where it contradicts itself or names a camera the truth does not have."""
    _check_cameras(truth, report)
    belongs = case_of_incident(report)
    judgements = {incident.id: judge(incident, truth) for incident in report.incidents}
    members: dict[str | None, list[Judgement]] = defaultdict(list)
    for incident, case in belongs.items():
        members[case].append(judgements[incident])
    cases = [case_outcome(case, members[case.id], truth) for case in ordinary(report)]
    problems = [_problem(one, cases, judgements.values(), belongs, truth) for one in truth.problems]
    markets, market_cases = market_outcomes(truth, report, cases)
    cameras = {camera.name: camera for camera in truth.cameras}
    incidents = [
        _incident(one, belongs[one.incident.id], cameras[one.incident.camera], truth)
        for one in judgements.values()
    ]
    return ScenarioScore(
        scenario=truth.scenario,
        family=truth.family,
        seed=truth.seed,
        tier=truth.tier,
        system=report.system,
        duration_s=truth.duration_s,
        look_interval_s=truth.look_interval_s,
        camera_s=truth.duration_s * len(truth.cameras),
        false_blind_s=false_blind_s(truth, report),
        problems=(*problems, *markets),
        cases=(*cases, *market_cases),
        incidents=tuple(incidents),
        blind=blind_outcomes(truth, report),
        overall=tally(problems, cases, incidents),
        categories=_by_category([*problems, *markets], [*cases, *market_cases], incidents),
    )


def _check_cameras(truth: Truth, report: Report) -> None:
    known = {camera.name for camera in truth.cameras}
    silent = {sensor.name for sensor in truth.sensors}
    said = {one.camera for one in report.incidents} | ({one.camera for one in report.blind} - silent)
    if said - known:
        raise ValueError(
            f"the report names cameras {sorted(said - known)}; scenario {truth.scenario!r} has {sorted(known)}: "
            "score it against the truth it was made from"
        )


def _by_category(
    problems: Sequence[ProblemOutcome], cases: Sequence[CaseOutcome], incidents: Sequence[IncidentOutcome]
) -> dict[Subject, Tally]:
    return {
        subject: tally(
            [one for one in problems if one.category is subject],
            [one for one in cases if one.category is subject],
            [one for one in incidents if one.category is subject],
        )
        for subject in Subject
    }


def _incident(judgement: Judgement, case: str | None, camera: TruthCamera, truth: Truth) -> IncidentOutcome:
    said, look = judgement.incident, truth.look_interval_s
    raised, ended = (blind_at(camera, box) for box in (said.boxes[0].box, said.boxes[-1].box))
    problem = judgement.problem
    wrong = problem is not None and wrongly_closed(said, problem, truth)
    return IncidentOutcome(
        id=said.id,
        case=case,
        category=said.category,
        problem=None if problem is None else problem.id,
        iou=None if judgement.fit is None else judgement.fit.iou,
        explanation=judgement.explanation,
        explained_by=judgement.explained_by,
        ended=said.ended_s is not None,
        wrongly_closed=wrong,
        closed_while_blind=wrong and said.ended_s is not None and within(said.ended_s, ended, look),
        raised_while_blind=within(said.raised_s, raised, look),
    )


def _problem(
    problem: TrueProblem,
    cases: Sequence[CaseOutcome],
    judgements: Collection[Judgement],
    belongs: Mapping[str, str | None],
    truth: Truth,
) -> ProblemOutcome:
    own = [one for one in cases if one.problem == problem.id]
    shown = [one for one in judgements if one.problem is not None and one.problem.id == problem.id]
    own_ids = {one.id for one in own}
    told = min((one.created_s for one in own if one.created_s is not None), default=None)
    took = None if told is None else round(told - problem.start_s, 3)
    lateness = None if told is None else round(told - problem.start_s - problem.dwell_s, 3)
    stay = _longest_stay(shown) if own else None
    shared = {case for one in shown if (case := belongs[one.incident.id]) is not None} - own_ids
    return ProblemOutcome(
        id=problem.id,
        category=problem.category,
        outcome=_outcome(lateness, bool(shared), problem, truth),
        cases=tuple(sorted(own_ids)),
        shared_cases=tuple(sorted(shared)),
        incidents=tuple(sorted(one.incident.id for one in shown)),
        time_to_case_s=took,
        lateness_s=lateness,
        dwell_error_s=None if stay is None else dwell_error_s(*stay, truth),
        stay_s=None if stay is None else round(true_stay_s(*stay, truth), 3),
        cameras=tuple(sorted({one.incident.camera for one in shown})),
        split_stay=is_split([one.incident for one in shown]),
    )


def _outcome(lateness_s: float | None, is_shared: bool, problem: TrueProblem, truth: Truth) -> Outcome:
    if lateness_s is None:
        return Outcome.MERGED if is_shared else Outcome.MISSED
    if lateness_s < -truth.look_interval_s:
        return Outcome.EARLY
    if lateness_s > min(LATE_S, max(problem.dwell_s, tolerance_s(truth))):
        return Outcome.LATE
    return Outcome.FOUND


def _longest_stay(shown: Sequence[Judgement]) -> tuple[SaidIncident, Fit] | None:
    """The longest stay told ended, and where it fits; what others said is not yet their stay."""
    ended = [one.incident for one in shown if one.incident.ended_s is not None]
    said = longest(ended) if ended else None
    fit = next((one.fit for one in shown if one.incident is said), None)
    return None if said is None or fit is None else (said, fit)
