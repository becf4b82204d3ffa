"""Cases beside the truth: every true problem exactly one case, and no other case.

Pure: takes what was true and what was found, says what fits what and why not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import Category

MIN_OVERLAP = 0.3
"""Intersection over union from which a case's box shows the true problem and not its neighbour."""


class Finding(StrEnum):
    """How a true problem or a case fared."""

    FOUND_ONCE = "found once"
    MISSED = "missed"
    DOUBLED = "doubled"
    INVENTED = "invented"


@dataclass(frozen=True)
class TrueProblem:
    """A problem that is really there. ``start_s``: seconds after the clip's start."""

    node: str
    camera: str
    identity: str
    category: Category
    box: Box
    start_s: float


@dataclass(frozen=True)
class FoundCase:
    """A case the centre holds."""

    number: str
    node: str
    camera: str
    category: Category
    box: Box


@dataclass(frozen=True)
class Row:
    """One line of the comparison."""

    finding: Finding
    problem: TrueProblem | None
    cases: tuple[FoundCase, ...]


@dataclass(frozen=True)
class Verdict:
    """The whole comparison."""

    rows: tuple[Row, ...]

    @property
    def exact(self) -> bool:
        """Every true problem became exactly one case and no other case exists."""
        return all(row.finding is Finding.FOUND_ONCE for row in self.rows)


def judge(problems: Sequence[TrueProblem], cases: Sequence[FoundCase]) -> Verdict:
    """Put each case beside the true problem it shows best."""
    shown: dict[int, list[FoundCase]] = {index: [] for index in range(len(problems))}
    invented: list[FoundCase] = []
    for case in cases:
        index = _best_fit(problems, case)
        if index is None:
            invented.append(case)
        else:
            shown[index].append(case)
    rows = [_row(problem, shown[index]) for index, problem in enumerate(problems)]
    rows += [Row(Finding.INVENTED, None, (case,)) for case in invented]
    return Verdict(tuple(rows))


def _row(problem: TrueProblem, cases: list[FoundCase]) -> Row:
    findings = {0: Finding.MISSED, 1: Finding.FOUND_ONCE}
    return Row(findings.get(len(cases), Finding.DOUBLED), problem, tuple(cases))


def _best_fit(problems: Sequence[TrueProblem], case: FoundCase) -> int | None:
    fits = [
        (iou(problem.box, case.box), index)
        for index, problem in enumerate(problems)
        if (problem.node, problem.camera, problem.category) == (case.node, case.camera, case.category)
    ]
    score, index = max(fits, default=(0.0, -1))
    return index if score >= MIN_OVERLAP else None
