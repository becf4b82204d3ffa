"""What went wrong, one by one (差错): the sentences beside the figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, zip_longest

from scenarios.language.claims import Subject
from scenarios.scoring.scores import CaseOutcome, Outcome, ProblemOutcome, ScenarioScore


class Wrong(StrEnum):
    """A kind of mistake; the worst first."""

    MISSED = "missed"
    MERGED = "merged"
    DOUBLED = "doubled"
    INVENTED = "invented"
    WRONGLY_CLOSED = "wrongly closed"
    EARLY = "early"
    LATE = "late"


@dataclass(frozen=True)
class Finding:
    """One mistake: in which scenario, about what, and what is known about the cause."""

    wrong: Wrong
    tier: str
    scenario: str
    category: str
    about: str
    explanation: str


_OF_OUTCOME = {
    Outcome.MISSED: Wrong.MISSED,
    Outcome.MERGED: Wrong.MERGED,
    Outcome.EARLY: Wrong.EARLY,
    Outcome.LATE: Wrong.LATE,
}


def findings(score: ScenarioScore) -> list[Finding]:
    """All mistakes of one system in one scenario."""
    told = chain(_of_problems(score), _of_cases(score), _of_incidents(score))
    return [
        Finding(wrong, score.tier, score.scenario, category, about, why) for wrong, category, about, why in told
    ]


def worst(all_findings: Iterable[Finding], count: int) -> list[Finding]:
    """The first ``count``, taken in turn from every kind so that no kind hides the others."""
    by_kind: dict[Wrong, list[Finding]] = defaultdict(list)
    for finding in all_findings:
        by_kind[finding.wrong].append(finding)
    rounds = zip_longest(*(by_kind[wrong] for wrong in Wrong))
    taken = [finding for one in rounds for finding in one if finding is not None][:count]
    return sorted(taken, key=lambda finding: list(Wrong).index(finding.wrong))


def second_cases(score: ScenarioScore) -> set[str]:
    """The ids of cases of a problem that has an earlier one."""
    created = {case.id: case.created_s for case in score.cases}
    doubles: set[str] = set()
    for problem in score.problems:
        ordered = sorted(problem.cases, key=lambda case: (created.get(case) or 0.0, case))
        doubles.update(ordered[1:])
    return doubles


def clock(seconds: float) -> str:
    """``1:02:03``, or ``2:03`` below an hour."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


_WITHOUT_INCIDENTS = frozenset({Subject.SENSOR_ALARM, Subject.STREET_MARKET})
_Told = tuple[Wrong, str, str, str]


def _of_problems(score: ScenarioScore) -> Iterator[_Told]:
    for problem in score.problems:
        wrong = _OF_OUTCOME.get(problem.outcome)
        if wrong is not None:
            yield wrong, problem.category.value, problem.id, _why(problem)
        if len(problem.cases) > 1:
            yield Wrong.DOUBLED, problem.category.value, problem.id, f"{len(problem.cases)} cases of one problem"


def _why(problem: ProblemOutcome) -> str:
    if problem.outcome is Outcome.MISSED and problem.category in _WITHOUT_INCIDENTS:
        return "no case is its own"
    if problem.outcome is Outcome.MISSED:
        count = len(problem.incidents)
        return f"{count} incident(s) show it, no case is its own" if count else "no incident shows it"
    if problem.outcome is Outcome.MERGED:
        return "it is only in the case of another problem"
    if problem.lateness_s is None:
        return "the moment is not known"
    way = "after" if problem.lateness_s >= 0 else "before"
    return f"{abs(problem.lateness_s):.0f} s {way} its dwell had passed"


def _of_cases(score: ScenarioScore) -> Iterator[_Told]:
    for case in score.cases:
        if case.problem is None:
            yield Wrong.INVENTED, case.category.value, _moment(case), explain(case)


def _moment(case: CaseOutcome) -> str:
    """Which case it is, for somebody who looks at the scenario: ids are random."""
    return "a case" if case.created_s is None else f"the case told at {clock(case.created_s)}"


def explain(case: CaseOutcome) -> str:
    """Why a case is false, in words."""
    words = (case.explanation or "unexplained").replace("_", " ")
    return f"{words} ({case.explained_by})" if case.explained_by else words


def _of_incidents(score: ScenarioScore) -> Iterator[_Told]:
    for incident in score.incidents:
        if incident.wrongly_closed:
            how = "while the camera was blind" if incident.closed_while_blind else "although it still stood there"
            which = incident.problem or incident.id
            yield Wrong.WRONGLY_CLOSED, incident.category.value, which, f"told as over {how}"
