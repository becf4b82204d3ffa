"""A scenario on a time axis (时间线): what was true above, what each system said below. Geometry only, no drawing.

Lengths are units of the drawing, :data:`WIDTH` across; the page's template turns them into SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scenarios.evaluation.findings import clock, explain, second_cases
from scenarios.language.claims import Subject
from scenarios.report import Report, SaidCase, SaidIncident
from scenarios.scoring.scores import CaseOutcome, IncidentOutcome, ScenarioScore
from scenarios.truth import BlindSpan, TrueDecoy, TrueMarket, TrueProblem, Truth

WIDTH = 1200.0
LEFT = 250.0
RIGHT = 24.0
ROW = 17.0
BAR = 11.0
HEAD = 20.0
MAX_ROWS = 40
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_MOST_TICKS = 12


@dataclass(frozen=True)
class Bar:
    """A stretch of time. ``kind`` names its look, ``title`` is what a pointer or screen reader gets."""

    x: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True)
class Row:
    """One problem, decoy or case. ``marks``: moments (x, title) at which something was told."""

    y: float
    label: str
    bars: tuple[Bar, ...]
    marks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """Truth, or one system. ``more``: rows that are not drawn because there are too many."""

    title: str
    y: float
    rows: tuple[Row, ...]
    more: int


@dataclass(frozen=True)
class Timeline:
    """The drawing of one scenario. ``blind`` spans go behind everything."""

    height: float
    sections: tuple[Section, ...]
    blind: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    width: float = WIDTH
    left: float = LEFT
    bar: float = BAR


@dataclass(frozen=True)
class Said:
    """What a system said, and how it was judged."""

    title: str
    report: Report
    score: ScenarioScore


@dataclass(frozen=True)
class _Line:
    """A row that has no height yet."""

    label: str
    bars: tuple[Bar, ...]
    marks: tuple[tuple[float, str], ...] = ()


class _Axis:
    def __init__(self, duration_s: float) -> None:
        self.duration_s = duration_s
        self._scale = (WIDTH - LEFT - RIGHT) / duration_s

    def x(self, at_s: float) -> float:
        return round(LEFT + min(max(at_s, 0.0), self.duration_s) * self._scale, 1)

    def bar(self, from_s: float, to_s: float | None, kind: str, title: str) -> Bar:
        begin, end = self.x(from_s), self.x(self.duration_s if to_s is None else to_s)
        return Bar(begin, max(round(end - begin, 1), 1.0), kind, title)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        step = next((one for one in _STEPS if self.duration_s / one <= _MOST_TICKS), _STEPS[-1])
        return tuple((self.x(at), clock(at)) for at in range(0, int(self.duration_s) + 1, step))


def timeline(truth: Truth, said: Sequence[Said]) -> Timeline:
    """The drawing of a scenario and what each system said about it."""
    axis = _Axis(truth.duration_s)
    stacked = [("Truth", _truth_lines(truth, axis))]
    stacked += [(one.title, _said_lines(one, axis)) for one in said]
    sections: list[Section] = []
    y = HEAD
    for title, lines in stacked:
        drawn = lines[:MAX_ROWS]
        rows = tuple(Row(y + HEAD + n * ROW, line.label, line.bars, line.marks) for n, line in enumerate(drawn))
        sections.append(Section(title, y, rows, len(lines) - len(drawn)))
        y += HEAD + max(len(drawn), 1) * ROW + (ROW if len(lines) > len(drawn) else 0.0)
    return Timeline(y + 4.0, tuple(sections), _blind(truth, axis), axis.ticks())


def _blind(truth: Truth, axis: _Axis) -> tuple[Bar, ...]:
    return tuple(
        axis.bar(span.from_s, span.to_s, "blind", f"{camera.name} {_hindered(span)}")
        for camera in truth.cameras
        for span in camera.blind
    )


def _hindered(span: BlindSpan) -> str:
    can = "cannot" if span.certain else "can hardly"
    where = f" at {', '.join(span.zones)}" if span.zones else ""
    return f"{can} look{where}: {span.why}, {clock(span.from_s)} to {clock(span.to_s)}"


def _truth_lines(truth: Truth, axis: _Axis) -> list[_Line]:
    lines = [_problem_line(problem, axis) for problem in truth.problems]
    lines += [_market_line(market, axis) for market in truth.markets]
    return lines + [_decoy_line(decoy, axis) for decoy in truth.decoys]


def _problem_line(problem: TrueProblem, axis: _Axis) -> _Line:
    due = problem.start_s + problem.dwell_s
    what = f"{_words(problem.category)} {problem.id}"
    until = "the end" if problem.end_s is None else clock(problem.end_s)
    title = f"{what}: stands from {clock(problem.start_s)} to {until}, is one from {clock(due)}"
    bars = (
        axis.bar(problem.start_s, due, "dwell", f"{title} (dwell)"),
        axis.bar(due, problem.end_s, "problem", title),
    )
    return _Line(what, bars)


def _market_line(market: TrueMarket, axis: _Axis) -> _Line:
    title = f"market {market.id} of {', '.join(market.members)}"
    return _Line(f"market {market.id}", (axis.bar(market.start_s, market.end_s, "problem", title),))


def _decoy_line(decoy: TrueDecoy, axis: _Axis) -> _Line:
    title = f"not to be raised: {_words(decoy.category)} {decoy.id}, {_words(decoy.why)}"
    label = f"no {_words(decoy.category)}: {_words(decoy.why)}"
    return _Line(label, (axis.bar(decoy.start_s, decoy.end_s, "decoy", title),))


def _said_lines(said: Said, axis: _Axis) -> list[_Line]:
    incidents = {incident.id: incident for incident in said.report.incidents}
    outcomes = {outcome.id: outcome for outcome in said.score.incidents}
    verdicts = {outcome.id: outcome for outcome in said.score.cases}
    doubles = second_cases(said.score)
    lines = []
    for case in sorted(said.report.cases, key=lambda one: (one.created_s, one.id)):
        verdict = verdicts.get(case.id)
        kind = "double" if case.id in doubles else "right" if verdict and verdict.problem else "false"
        own = [incidents[name] for name in case.incidents]
        bars = tuple(bar for one in own for bar in _incident_bars(one, outcomes.get(one.id), verdict, kind, axis))
        lines.append(_Line(_case_label(case, verdict, kind), bars, _marks(case, own, axis)))
    muted = [one for one in said.report.incidents if one.case is None]
    return lines + [
        _Line(f"{_words(one.category)}: muted", (*_incident_bars(one, outcomes.get(one.id), None, "muted", axis),))
        for one in muted
    ]


def _case_label(case: SaidCase, verdict: CaseOutcome | None, kind: str) -> str:
    if kind == "right" and verdict is not None:
        return f"{_words(case.category)}: {verdict.problem}"
    if kind == "double" and verdict is not None:
        return f"{_words(case.category)}: {verdict.problem} again"
    return f"{_words(case.category)}: {explain(verdict) if verdict is not None else 'not judged'}"


def _incident_bars(
    incident: SaidIncident, outcome: IncidentOutcome | None, verdict: CaseOutcome | None, kind: str, axis: _Axis
) -> Iterator[Bar]:
    shown = None if outcome is None else outcome.problem
    if outcome is not None and shown is None and kind != "muted":
        kind = "false"
    elif verdict is not None and verdict.category is not Subject.STREET_MARKET and shown != verdict.problem:
        kind = "merged"
    end = "still there" if incident.ended_s is None else f"told as over at {clock(incident.ended_s)}"
    closed = " (wrongly)" if outcome is not None and outcome.wrongly_closed else ""
    title = (
        f"{kind}: {_words(incident.category)} on {incident.camera}, {clock(incident.first_seen_s)} to "
        f"{clock(incident.last_seen_s)}, told at {clock(incident.raised_s)}, {end}{closed}; "
        f"shows {shown or 'nothing true'}"
    )
    yield axis.bar(incident.first_seen_s, incident.last_seen_s, kind, title)
    if incident.ended_s is None and incident.last_seen_s < axis.duration_s:
        # Since it was told nothing was said of it: to the system it is still there.
        yield axis.bar(incident.last_seen_s, None, f"{kind} open", f"still there as far as was told: {title}")


def _marks(case: SaidCase, incidents: Iterable[SaidIncident], axis: _Axis) -> tuple[tuple[float, str], ...]:
    told = [(axis.x(one.raised_s), f"told at {clock(one.raised_s)}") for one in incidents]
    return tuple(told) or ((axis.x(case.created_s), f"told at {clock(case.created_s)}"),)


def _words(value: str) -> str:
    return str(value).replace("_", " ")
