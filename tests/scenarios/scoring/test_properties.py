"""What must hold for every truth and every report."""

from __future__ import annotations

from random import Random
from typing import NamedTuple, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.language.base import Box
from scenarios.language.claims import Subject
from scenarios.report import Report, SaidCase, SaidIncident
from scenarios.scoring import score, summarise
from scenarios.scoring.figures import Figures, TierSummary
from scenarios.truth import TrueProblem, Truth
from tests.scenarios.scoring.hand_made import (
    CAR,
    DWELL_S,
    GARBAGE,
    A,
    C,
    D,
    camera,
    case,
    decoy,
    problem,
    report,
    said,
    truth,
)

TIMES = st.integers(0, 5).map(lambda step: step * 90.0)
LENGTHS = st.integers(1, 5).map(lambda step: step * 180.0)
NEAR_A: Box = (0.11, 0.1, 0.21, 0.2)
PLACES = st.sampled_from([A, A, NEAR_A, C])
CATEGORIES = st.sampled_from([CAR, CAR, GARBAGE])
EVENTS = st.lists(st.tuples(PLACES, TIMES, LENGTHS, CATEGORIES), max_size=6)
ORDERS = st.randoms(use_true_random=False)

Item = TypeVar("Item")


class Made(NamedTuple):
    truth: Truth
    report: Report

    def summary(self) -> TierSummary:
        (only,) = summarise([score(*self)])
        return only


@st.composite
def made(draw: st.DrawFn) -> Made:
    problems = [
        problem(f"p{number}", box, begin, begin + length, category)
        for number, (box, begin, length, category) in enumerate(draw(EVENTS))
    ]
    incidents = [
        said(
            f"i{number}",
            box,
            begin,
            begin + length,
            category=category,
            raised_s=begin + draw(st.sampled_from([0.0, DWELL_S, 300.0])),
            ended_s=draw(st.sampled_from([None, begin + length])),
        )
        for number, (box, begin, length, category) in enumerate(draw(EVENTS))
    ]
    cases: dict[str, list[SaidIncident]] = {}
    for one in incidents:
        holder = draw(st.sampled_from(["none", "c0", "c1", "c2"]))
        if holder != "none":
            cases.setdefault(f"{holder}-{one.category}", []).append(one)
    street = truth(*problems, decoys=[decoy("d", C)], cameras=[camera(blind=[(200, 400)])])
    return Made(street, report(*(case(name, *held) for name, held in cases.items()), incidents=incidents))


def shuffled(one: Made, order: Random) -> Made:
    def mix(items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(order.sample(list(items), len(items)))

    return Made(
        one.truth.model_copy(update={"problems": mix(one.truth.problems)}),
        one.report.model_copy(update={"cases": mix(one.report.cases), "incidents": mix(one.report.incidents)}),
    )


@given(made(), ORDERS)
def test_the_order_of_problems_cases_and_incidents_does_not_matter(one: Made, order: Random) -> None:
    assert shuffled(one, order).summary() == one.summary()


def renamed(one: Made, order: Random) -> Made:
    """The same with new ids, whose alphabetical order is another one."""
    old = [each.id for each in (*one.truth.problems, *one.report.incidents, *one.report.cases)]
    new = dict(zip(old, order.sample([f"x{n}" for n in range(len(old))], len(old)), strict=True))

    def problem_named(each: TrueProblem) -> TrueProblem:
        return each.model_copy(update={"id": new[each.id]})

    def incident_named(each: SaidIncident) -> SaidIncident:
        return each.model_copy(update={"id": new[each.id]})

    def case_named(each: SaidCase) -> SaidCase:
        held = tuple(new[incident] for incident in each.incidents)
        return each.model_copy(update={"id": new[each.id], "incidents": held})

    return Made(
        one.truth.model_copy(update={"problems": tuple(map(problem_named, one.truth.problems))}),
        one.report.model_copy(
            update={
                "cases": tuple(map(case_named, one.report.cases)),
                "incidents": tuple(map(incident_named, one.report.incidents)),
            }
        ),
    )


@given(made(), ORDERS)
def test_names_do_not_matter(one: Made, order: Random) -> None:
    assert renamed(one, order).summary() == one.summary()


@settings(max_examples=30)
@given(st.lists(made(), min_size=2, max_size=5), ORDERS)
def test_the_order_of_the_scores_does_not_matter(several: list[Made], order: Random) -> None:
    scores = [score(*one) for one in several]
    assert summarise(order.sample(scores, len(scores))) == summarise(scores)


@given(made(), st.booleans())
def test_another_false_case_never_raises_precision(one: Made, is_empty: bool) -> None:
    nowhere = said("false", D)
    more = one.report.model_copy(
        update={
            "cases": (*one.report.cases, case("false") if is_empty else case("false", nowhere)),
            "incidents": (*one.report.incidents, nowhere),
        }
    )
    before, after = one.summary().overall, Made(one.truth, more).summary().overall
    assert after.false_cases == before.false_cases + 1
    assert after.recall == before.recall
    assert after.precision is not None
    assert before.precision is None or after.precision <= before.precision


@given(made(), st.data())
def test_a_case_less_never_raises_recall(one: Made, data: st.DataObject) -> None:
    if not one.report.cases:
        return
    gone = data.draw(st.sampled_from(one.report.cases))
    fewer = one.report.model_copy(update={"cases": tuple(each for each in one.report.cases if each.id != gone.id)})
    before, after = one.summary().overall, Made(one.truth, fewer).summary().overall
    assert after.found <= before.found


PROPORTIONS = (
    "recall", "precision", "cases_per_problem", "incidents_per_problem", "false_cases_per_camera_day",
    "wrongly_closed", "raised_while_blind", "blindness_told", "pairwise_precision", "pairwise_recall",
    "bcubed_precision", "bcubed_recall",
)  # fmt: skip


def proportions(figures: Figures) -> list[float | None]:
    spreads = (figures.time_to_case_s, figures.lateness_s, figures.dwell_error_s)
    values = [getattr(figures, name) for name in PROPORTIONS]
    values += [value for one in spreads for value in (one.median, one.p95, one.worst)]
    return [None if value is None else round(value, 9) for value in values]


@given(made())
def test_the_same_scenario_twice_keeps_every_proportion(one: Made) -> None:
    scored = score(*one)
    (once,), (twice,) = summarise([scored]), summarise([scored, scored])
    assert proportions(twice.overall) == proportions(once.overall)
    for subject in Subject:
        assert proportions(twice.categories[subject]) == proportions(once.categories[subject])


@given(made())
def test_shares_lie_between_none_and_all_within_their_intervals(one: Made) -> None:
    got = one.summary().overall
    for name in ("recall", "precision", "wrongly_closed", "raised_while_blind"):
        value, interval = getattr(got, name), getattr(got, f"{name}_interval")
        assert (value is None) is (interval is None)
        assert value is None or 0 <= interval[0] <= value <= interval[1] <= 1
    assert got.found + got.merged <= got.problems
    assert got.cases_per_problem is None or got.cases_per_problem >= 1


@given(made())
def test_a_report_of_the_truth_itself_is_perfect(one: Made) -> None:
    """Whatever the truth: an incident and a case for each problem, told when due, leave nothing to wish for."""
    # Two problems of a category at one place and time are one and the same to any observer.
    told, street = [], one.truth.model_copy(update={"problems": distinct(one.truth.problems)})
    for each in street.problems:
        end = street.duration_s if each.end_s is None else each.end_s
        told.append(said(f"i-{each.id}", each.seen[0].box, each.start_s, end, category=each.category))
    got = Made(street, report(*(case(f"c-{one.id}", one) for one in told), incidents=told)).summary().overall
    assert (got.found, got.false_cases) == (got.problems, 0)
    assert got.recall in (None, 1)
    assert got.cases_per_problem in (None, 1)
    assert got.dwell_error_s.worst in (None, 0)
    assert got.bcubed_precision in (None, 1)


def distinct(problems: tuple[TrueProblem, ...]) -> tuple[TrueProblem, ...]:
    """One problem for each place and category."""
    place = {NEAR_A: A}
    kept = {(place.get(one.seen[0].box, one.seen[0].box), one.category): one for one in problems}
    return tuple(kept.values())
