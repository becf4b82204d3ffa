"""Counting outcomes (计数): what of a scenario's score is added up over scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scenarios.scoring.grouping import grouping
from scenarios.scoring.scores import (
    HAS_CASE,
    CaseOutcome,
    IncidentOutcome,
    Outcome,
    ProblemOutcome,
    Tally,
)


def tally(
    problems: Sequence[ProblemOutcome], cases: Sequence[CaseOutcome], incidents: Sequence[IncidentOutcome]
) -> Tally:
    """Counts one category, or all of them."""
    found = [one for one in problems if one.outcome in HAS_CASE]
    groups = grouping(incidents)
    return Tally(
        problems=len(problems),
        found=len(found),
        merged=_how_many(problems, Outcome.MERGED),
        early=_how_many(problems, Outcome.EARLY),
        late=_how_many(problems, Outcome.LATE),
        split_stays=sum(one.split_stay for one in found),
        cases=len(cases),
        false_cases=sum(one.problem is None for one in cases),
        cases_of_found=sum(len(one.cases) + len(one.shared_cases) for one in found),
        shown=sum(bool(one.incidents) for one in problems),
        told=sum(len(one.cameras) for one in problems),
        incidents=len(incidents),
        true_incidents=sum(one.problem is not None for one in incidents),
        ended=sum(one.ended and one.problem is not None for one in incidents),
        wrongly_closed=sum(one.wrongly_closed for one in incidents),
        closed_while_blind=sum(one.closed_while_blind for one in incidents),
        raised_while_blind=sum(one.raised_while_blind for one in incidents),
        grouped=groups.incidents,
        agreed_pairs=groups.agreed_pairs,
        case_pairs=groups.case_pairs,
        problem_pairs=groups.problem_pairs,
        bcubed_precision=groups.precision,
        bcubed_recall=groups.recall,
        time_to_case_s=_values(one.time_to_case_s for one in found),
        lateness_s=_values(one.lateness_s for one in found),
        dwell_error_s=_values(one.dwell_error_s for one in found),
    )


def _how_many(problems: Iterable[ProblemOutcome], outcome: Outcome) -> int:
    return sum(one.outcome is outcome for one in problems)


def _values(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(sorted(value for value in values if value is not None))
