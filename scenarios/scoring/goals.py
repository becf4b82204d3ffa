"""Detection's goals (目标): what must be shown for each category of a tier, the figure, and whether it is reached.

Judged are incidents, per camera: what several cameras or the centre make of them is judged elsewhere. A goal is
reached only where enough was tried; an empty or small sample reaches nothing. Pure arithmetic over scores.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from scenarios.language.claims import Subject
from scenarios.language.street import Tier
from scenarios.scoring.intervals import Bootstrap, Interval, nearest_rank, poisson, wilson
from scenarios.scoring.scores import IncidentOutcome, ProblemOutcome, ScenarioScore

DETECTED = (
    Subject.PARKED_VEHICLE,
    Subject.PARKED_TWO_WHEELER,
    Subject.STREET_VENDOR,
    Subject.GARBAGE,
    Subject.STATIC_OBJECT,
)
"""The categories that a camera detects; sensors' alarms and markets have goals of their own elsewhere."""
JUDGED_TIERS: tuple[Tier, ...] = ("detections", "composed", "rendered")
PROBLEMS_NEEDED: dict[Tier, int] = {"detections": 300, "composed": 50, "rendered": 50, "real": 0}
NEGATIVE_HOURS_NEEDED = 1000.0
LONG_STAY_S = 8 * 3600.0
LONG_STAYS_NEEDED = 10
DWELL_SLACK_S = 2.0
_HOURS = 24.0
Row = Literal["overall"] | Subject


class State(StrEnum):
    """How a goal stands."""

    REACHED = "reached"
    MISSED = "missed"
    TOO_FEW = "too_few"  # not enough was tried to say so
    REPORTED = "reported"  # without a limit in this tier


@dataclass(frozen=True)
class Target:
    """What is asked: ``figure`` at least, or at most, ``limit`` over at least ``needed`` of ``counted``."""

    name: str
    at_least: bool
    limit: float | None
    counted: str
    needed: float


@dataclass(frozen=True)
class Goal:
    """One goal of one row: the figure with its 95 % interval, None without data, and over how many trials."""

    target: Target
    figure: float | None
    interval: Interval | None
    trials: float
    state: State


@dataclass(frozen=True)
class GoalRow:
    """The goals of a category, or of all five; ``problems`` and ``negative_camera_hours`` are behind them.

    ``dwell_p50_s``, ``dwell_p95_s`` and ``dwell_worst_s`` are the errors of stays of eight hours and more.
    """

    row: Row
    problems: int
    negative_camera_hours: float
    goals: tuple[Goal, ...]
    dwell_p50_s: float | None
    dwell_p95_s: float | None
    dwell_worst_s: float | None


def goal_rows(scores: Sequence[ScenarioScore]) -> tuple[GoalRow, ...]:
    """The goals of one tier and system, all five categories together first. Empty for a tier that has none."""
    tiers = {score.tier for score in scores}
    if len(tiers) != 1 or not tiers <= set(JUDGED_TIERS):
        return ()
    (tier,) = tiers
    ordered = sorted(scores, key=lambda one: (one.scenario, one.seed))
    again = Bootstrap(len(ordered))
    rows = [_row(subject, (subject,), tier, ordered, again) for subject in DETECTED]
    overall = _row("overall", DETECTED, tier, ordered, again)
    return (_as_weak_as(overall, rows), *rows)


def all_reached(rows: Iterable[GoalRow]) -> bool:
    """Whether nothing that has a limit is missed or rests on too little."""
    return all(goal.state in (State.REACHED, State.REPORTED) for row in rows for goal in row.goals)


def is_negative(score: ScenarioScore) -> bool:
    """Whether nothing in it is a problem, and a camera looks."""
    return not score.problems and score.camera_s > 0


def _as_weak_as(overall: GoalRow, rows: Sequence[GoalRow]) -> GoalRow:
    """Many problems of one category do not make up for few of another."""
    goals = []
    for index, goal in enumerate(overall.goals):
        few = any(row.goals[index].state is State.TOO_FEW for row in rows)
        weak = few and goal.state is State.REACHED
        goals.append(Goal(goal.target, goal.figure, goal.interval, goal.trials, State.TOO_FEW) if weak else goal)
    return GoalRow(**{**overall.__dict__, "goals": tuple(goals)})


class _Sample:
    """What a row is made from: its problems and incidents, one list per scenario."""

    def __init__(self, subjects: Sequence[Subject], scores: Sequence[ScenarioScore]) -> None:
        self.scores = scores
        self.problems = [[p for p in one.problems if p.category in subjects] for one in scores]
        self.incidents = [[i for i in one.incidents if i.category in subjects] for one in scores]

    def problem_count(self, which: Callable[[ProblemOutcome], bool] = lambda _: True) -> int:
        return sum(which(problem) for problems in self.problems for problem in problems)

    def incident_count(self, which: Callable[[IncidentOutcome], bool] = lambda _: True) -> int:
        return sum(which(incident) for incidents in self.incidents for incident in incidents)

    def long_stays(self) -> list[tuple[float, float]]:
        """Error and look interval of each stay of eight hours and more that was told ended."""
        return [
            (problem.dwell_error_s, score.look_interval_s)
            for score, problems in zip(self.scores, self.problems, strict=True)
            for problem in problems
            if problem.dwell_error_s is not None and (problem.stay_s or 0.0) >= LONG_STAY_S
        ]


def _row(
    row: Row, subjects: Sequence[Subject], tier: Tier, scores: Sequence[ScenarioScore], again: Bootstrap
) -> GoalRow:
    sample = _Sample(subjects, scores)
    hours = sum(score.camera_s for score in scores if is_negative(score)) / 3600
    stays = sample.long_stays()
    errors = [error for error, _ in stays]
    goals = [
        *_finding(sample, PROBLEMS_NEEDED[tier], again),
        _false_rate(sample, hours, tier),
        _closing(sample),
    ]
    if tier == "detections":
        goals.append(_dwell(stays))
    return GoalRow(
        row=row,
        problems=sample.problem_count(),
        negative_camera_hours=hours,
        goals=tuple(goals),
        dwell_p50_s=nearest_rank(errors, 50),
        dwell_p95_s=nearest_rank(errors, 95),
        dwell_worst_s=max(errors, default=None),
    )


def _finding(sample: _Sample, needed: int, again: Bootstrap) -> list[Goal]:
    problems, incidents = sample.problem_count(), sample.incident_count()
    shown = sample.problem_count(lambda one: bool(one.incidents))
    true = sample.incident_count(lambda one: one.problem is not None)
    told = [float(sum(len(problem.cameras) for problem in one)) for one in sample.problems]
    showing = [float(sum(incident.problem is not None for incident in one)) for one in sample.incidents]
    each = math.fsum(showing) / math.fsum(told) if any(told) else None
    return [
        _goal(
            "recall", True, 0.97, "problems", needed, _share(shown, problems), wilson(shown, problems), problems
        ),
        _goal(
            "precision", True, 0.95, "problems", needed, _share(true, incidents), wilson(true, incidents), problems
        ),
        _goal(
            "incidents_per_problem", False, 1.02, "problems", needed, each, again.ratio(showing, told), problems
        ),
    ]


def _false_rate(sample: _Sample, hours: float, tier: Tier) -> Goal:
    false: dict[bool, int] = defaultdict(int)
    for score, incidents in zip(sample.scores, sample.incidents, strict=True):
        false[is_negative(score)] += sum(incident.problem is None for incident in incidents)
    rate = false[True] / hours * _HOURS if hours > 0 else None
    judged = tier == "detections"
    return _goal(
        "false_incidents_per_camera_day",
        False,
        0.2 if judged else None,
        "negative camera-hours",
        NEGATIVE_HOURS_NEEDED if judged else 0,
        rate,
        poisson(false[True], hours / _HOURS),
        hours,
    )


def _closing(sample: _Sample) -> Goal:
    ended = sample.incident_count(lambda one: one.ended and one.problem is not None)
    blind = sample.incident_count(lambda one: one.closed_while_blind)
    count = float(blind) if ended else None
    return _goal("wrongly_closed_while_blind", False, 0.0, "incidents told as over", 1, count, None, ended)


def _dwell(stays: Sequence[tuple[float, float]]) -> Goal:
    """The share of long stays told within two seconds and one look; 95 of 100 are asked."""
    near = sum(error <= DWELL_SLACK_S + look for error, look in stays)
    return _goal(
        "dwell_within_2s_and_a_look",
        True,
        0.95,
        "stays of 8 h",
        LONG_STAYS_NEEDED,
        _share(near, len(stays)),
        wilson(near, len(stays)),
        len(stays),
    )


def _share(hits: int, of: int) -> float | None:
    return hits / of if of else None


def _goal(
    name: str,
    at_least: bool,
    limit: float | None,
    counted: str,
    needed: float,
    figure: float | None,
    interval: Interval | None,
    trials: float,
) -> Goal:
    target = Target(name, at_least, limit, counted, needed)
    return Goal(target, figure, interval, trials, _state(target, figure, trials))


def _state(target: Target, figure: float | None, trials: float) -> State:
    if target.limit is None:
        return State.REPORTED
    if figure is not None and not (figure >= target.limit if target.at_least else figure <= target.limit):
        return State.MISSED
    return State.REACHED if figure is not None and trials >= target.needed else State.TOO_FEW
