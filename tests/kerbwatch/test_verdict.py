"""The demo's judge against outcomes made by hand."""

from __future__ import annotations

import pytest

from ingest.messages import Box
from ingest.taxonomy import Category
from kerbwatch.demo.verdict import Finding, FoundCase, TrueProblem, judge

CAR: Box = (0.1, 0.1, 0.3, 0.3)
BAG: Box = (0.6, 0.6, 0.7, 0.7)


def problem(box: Box = CAR, category: Category = Category.PARKED_VEHICLE) -> TrueProblem:
    return TrueProblem("n", "c", "p", category, box, 5.0)


def case(box: Box = CAR, category: Category = Category.PARKED_VEHICLE, node: str = "n") -> FoundCase:
    return FoundCase("1", node, "c", category, box)


@pytest.mark.parametrize(
    ("problems", "cases", "findings"),
    [
        ([], [], []),
        ([problem()], [case()], [Finding.FOUND_ONCE]),
        ([problem()], [], [Finding.MISSED]),
        ([problem()], [case(), case((0.1, 0.1, 0.28, 0.3))], [Finding.DOUBLED]),
        ([problem()], [case(BAG)], [Finding.MISSED, Finding.INVENTED]),
        ([problem()], [case(category=Category.GARBAGE)], [Finding.MISSED, Finding.INVENTED]),
        ([problem()], [case(node="other")], [Finding.MISSED, Finding.INVENTED]),
        ([], [case()], [Finding.INVENTED]),
        (
            [problem(), problem(BAG, Category.GARBAGE)],
            [case(BAG, Category.GARBAGE), case()],
            [Finding.FOUND_ONCE, Finding.FOUND_ONCE],
        ),
    ],
)
def test_each_outcome_is_named(
    problems: list[TrueProblem], cases: list[FoundCase], findings: list[Finding]
) -> None:
    verdict = judge(problems, cases)
    assert [row.finding for row in verdict.rows] == findings
    assert verdict.exact == all(finding is Finding.FOUND_ONCE for finding in findings)
