"""Whether vendors that are one market (集市) were grouped under one parent case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from scenarios.language.claims import Subject
from scenarios.report import Report
from scenarios.scoring.scores import CaseOutcome, Outcome, ProblemOutcome, WhyFalse
from scenarios.truth import TrueMarket, Truth


def market_outcomes(
    truth: Truth, report: Report, cases: Sequence[CaseOutcome]
) -> tuple[list[ProblemOutcome], list[CaseOutcome]]:
    """Judges markets and market cases; ``cases`` are the judged ordinary ones."""
    held = _held_problems(report, {one.id: one.problem for one in cases})
    created = {case.id: case.created_s for case in report.cases}
    belongs = {parent: _market_of(problems, truth) for parent, problems in held.items()}
    judged = [_case(parent, created.get(parent), market) for parent, market in belongs.items()]
    return [_problem(market, judged) for market in truth.markets], judged


def _held_problems(report: Report, problem_of: Mapping[str, str | None]) -> dict[str, set[str]]:
    """The problems whose cases each market case holds, by its id."""
    held: dict[str, set[str]] = defaultdict(set)
    for case in report.cases:
        if case.category is Subject.STREET_MARKET:
            held[case.id].update()
        if case.parent is not None:
            # A parent that is a vendor's own case holds that vendor, too.
            held[case.parent].update(_known(case.id, problem_of), _known(case.parent, problem_of))
    return held


def _known(case: str, problem_of: Mapping[str, str | None]) -> set[str]:
    problem = problem_of.get(case)
    return set() if problem is None else {problem}


def _market_of(problems: set[str], truth: Truth) -> TrueMarket | None:
    """The market of whose members at least two thirds are held; of several the one held most completely."""
    shares = [
        (len(problems & set(market.members)) / len(set(market.members)), market)
        for market in truth.markets
        if 3 * len(problems & set(market.members)) >= 2 * len(set(market.members))
    ]
    return min(shares, key=lambda one: (-one[0], one[1].start_s, one[1].id), default=(0.0, None))[1]


def _case(parent: str, created_s: float | None, market: TrueMarket | None) -> CaseOutcome:
    return CaseOutcome(
        id=parent,
        category=Subject.STREET_MARKET,
        created_s=created_s,
        problem=None if market is None else market.id,
        explanation=WhyFalse.UNEXPLAINED.value if market is None else None,
    )


def _problem(market: TrueMarket, judged: Sequence[CaseOutcome]) -> ProblemOutcome:
    own = [one for one in judged if one.problem == market.id]
    told = min((one.created_s for one in own if one.created_s is not None), default=None)
    return ProblemOutcome(
        id=market.id,
        category=Subject.STREET_MARKET,
        outcome=Outcome.FOUND if own else Outcome.MISSED,
        cases=tuple(sorted(one.id for one in own)),
        time_to_case_s=None if told is None else told - market.start_s,
    )
