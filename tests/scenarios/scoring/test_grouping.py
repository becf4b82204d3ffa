"""Pairwise and B-cubed figures against sums done by hand."""

from __future__ import annotations

import pytest

from scenarios.language.claims import Subject
from scenarios.scoring import IncidentOutcome
from scenarios.scoring.grouping import grouping


def shows(name: str, case: str | None, problem: str | None) -> IncidentOutcome:
    return IncidentOutcome(id=name, case=case, category=Subject.GARBAGE, problem=problem)


def test_two_cases_that_swapped_one_incident_each() -> None:
    # c holds p, p, q; d holds p, q, q.
    got = grouping(
        [
            shows("1", "c", "p"),
            shows("2", "c", "p"),
            shows("3", "c", "q"),
            shows("4", "d", "p"),
            shows("5", "d", "q"),
            shows("6", "d", "q"),
        ]
    )
    assert (got.agreed_pairs, got.case_pairs, got.problem_pairs) == (2, 6, 6)
    # In each case two incidents agree with 2 of 3 and one with 1 of 3; by problem the same.
    assert got.precision / got.incidents == pytest.approx((4 * 2 / 3 + 2 * 1 / 3) / 6)
    assert got.recall / got.incidents == pytest.approx((4 * 2 / 3 + 2 * 1 / 3) / 6)


def test_a_false_incident_dilutes_the_case_it_is_in() -> None:
    got = grouping([shows("1", "c", "p"), shows("2", "c", "p"), shows("3", "c", None)])
    assert (got.agreed_pairs, got.case_pairs, got.problem_pairs) == (1, 3, 1)
    assert got.precision == pytest.approx(2 / 3 + 2 / 3 + 1 / 3)
    assert got.recall == 3


def test_false_incidents_among_themselves_are_no_matter_of_grouping() -> None:
    assert grouping([shows("1", "c", None), shows("2", "c", None), shows("3", None, None)]).incidents == 0


def test_incidents_without_a_case_are_split_from_each_other() -> None:
    got = grouping([shows("1", None, "p"), shows("2", None, "p")])
    assert (got.agreed_pairs, got.case_pairs, got.problem_pairs) == (0, 0, 1)
    assert (got.precision, got.recall) == (2, 1)
