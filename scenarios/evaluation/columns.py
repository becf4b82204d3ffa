"""Which figures are shown, in which order and how: shared by the terminal and the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scenarios.language.claims import Subject
from scenarios.scoring import Figures, Spread, TierSummary

NOTHING = "–"
BASE = "base"
"""Heading of the baseline's column, right of the figure of ours that it belongs to."""


@dataclass(frozen=True)
class Shown:
    """One table: ``heads`` of the columns after the category, ``base`` the indices of the baseline's among them."""

    title: str
    heads: tuple[str, ...]
    base: frozenset[int]
    rows: tuple[Line, ...]


@dataclass(frozen=True)
class Line:
    """One row; a cell for each head."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class _Column:
    """A figure: ``ours`` in full, ``base`` in short; no ``base``: the baseline has nothing of the kind."""

    head: str
    ours: Callable[[Figures], str]
    base: Callable[[Figures], str] | None = None


def tables(ours: TierSummary, baseline: TierSummary | None) -> tuple[Shown, ...]:
    """What is found, invented and doubled, by cameras and by cases; what happens to stays, groups, blind cameras."""
    return (
        _table("Incidents", _INCIDENTS, ours, baseline),
        _table("Problems and cases", _MAIN, ours, baseline),
        _table("Stays, grouping and blindness", _SECOND, ours, baseline),
    )


def shown_categories(*summaries: TierSummary | None) -> list[Subject]:
    """The categories in which there was anything to find or anything said."""
    return [
        subject
        for subject in Subject
        if any(one and (one.categories[subject].problems or one.categories[subject].cases) for one in summaries)
    ]


def _table(title: str, columns: tuple[_Column, ...], ours: TierSummary, baseline: TierSummary | None) -> Shown:
    heads: list[str] = []
    base: set[int] = set()
    for column in columns:
        heads.append(column.head)
        if baseline is not None and column.base is not None:
            base.add(len(heads))
            heads.append(BASE)
    rows = [_line("overall", columns, ours.overall, baseline.overall if baseline else None)]
    for subject in shown_categories(ours, baseline):
        other = baseline.categories[subject] if baseline else None
        rows.append(_line(subject.value, columns, ours.categories[subject], other))
    return Shown(title, tuple(heads), frozenset(base), tuple(rows))


def _line(label: str, columns: tuple[_Column, ...], ours: Figures, baseline: Figures | None) -> Line:
    cells: list[str] = []
    for column in columns:
        cells.append(column.ours(ours))
        if baseline is not None and column.base is not None:
            cells.append(column.base(baseline))
    return Line(label.replace("_", " "), tuple(cells))


def _number(value: float | None, digits: int = 2) -> str:
    # Adding nothing turns a minus zero into a zero.
    return NOTHING if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def _with_interval(name: str, digits: int = 2) -> Callable[[Figures], str]:
    def text(figures: Figures) -> str:
        value, interval = getattr(figures, name), getattr(figures, f"{name}_interval")
        if value is None or interval is None:
            return _number(value, digits)
        return f"{value:.{digits}f} [{interval[0]:.{digits}f} {interval[1]:.{digits}f}]"

    return text


def _plain(name: str, digits: int = 2) -> Callable[[Figures], str]:
    return lambda figures: _number(getattr(figures, name), digits)


def _count(name: str) -> Callable[[Figures], str]:
    return lambda figures: str(getattr(figures, name))


def _spread(name: str) -> Callable[[Figures], str]:
    def text(figures: Figures) -> str:
        spread: Spread = getattr(figures, name)
        return NOTHING if spread.median is None else f"{_number(spread.median, 0)} / {_number(spread.p95, 0)}"

    return text


def _pair(first: str, second: str) -> Callable[[Figures], str]:
    return lambda figures: f"{_number(getattr(figures, first))} / {_number(getattr(figures, second))}"


_PAIRWISE = _pair("pairwise_precision", "pairwise_recall")
_BCUBED = _pair("bcubed_precision", "bcubed_recall")
_MAIN = (
    _Column("problems", lambda figures: str(figures.problems)),
    _Column("recall", _with_interval("recall"), _plain("recall")),
    _Column("precision", _with_interval("precision"), _plain("precision")),
    _Column("cases/\nproblem", _plain("cases_per_problem"), _plain("cases_per_problem")),
    _Column("s to case\np50 / p95", _spread("time_to_case_s"), _spread("time_to_case_s")),
    _Column("s after dwell\np50 / p95", _spread("lateness_s"), _spread("lateness_s")),
    _Column(
        "false/\ncamera-day",
        _with_interval("false_cases_per_camera_day", 1),
        _plain("false_cases_per_camera_day", 1),
    ),
)
_INCIDENTS = (
    _Column("problems", lambda figures: str(figures.problems)),
    _Column("recall", _with_interval("incident_recall"), _plain("incident_recall")),
    _Column("precision", _with_interval("incident_precision"), _plain("incident_precision")),
    _Column("per problem\nand camera", _with_interval("incidents_per_problem"), _plain("incidents_per_problem")),
    _Column(
        "false/\ncamera-day",
        _with_interval("false_incidents_per_camera_day", 1),
        _plain("false_incidents_per_camera_day", 1),
    ),
)
_SECOND = (
    _Column("s dwell error\np50 / p95", _spread("dwell_error_s"), _spread("dwell_error_s")),
    _Column("wrongly\nclosed", _with_interval("wrongly_closed"), _plain("wrongly_closed")),
    _Column("closed\nblind", _count("closed_while_blind_count"), _count("closed_while_blind_count")),
    _Column("raised\nblind", _plain("raised_while_blind"), _plain("raised_while_blind")),
    _Column("blindness\ntold", _with_interval("blindness_told")),
    _Column("pairwise\nP / R", _PAIRWISE, _PAIRWISE),
    _Column("B-cubed\nP / R", _BCUBED, _BCUBED),
)
