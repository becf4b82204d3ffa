"""The goals as a table (目标): for each category the figure, its interval, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scenarios.evaluation.columns import BASE, NOTHING, Line, Shown, tables
from scenarios.evaluation.outcome import TierOutcome
from scenarios.scoring import Goal, GoalRow, State

_TITLES = {
    "recall": "recall",
    "precision": "precision",
    "incidents_per_problem": "incidents/problem\nand camera",
    "false_incidents_per_camera_day": "false/\ncamera-day",
    "wrongly_closed_while_blind": "closed\nblind",
    "dwell_within_2s_and_a_look": "8 h stays within\n2 s + look",
}
_WORDS = {State.REACHED: "reached", State.MISSED: "MISSED", State.TOO_FEW: "too few", State.REPORTED: ""}


def tier_tables(tier: TierOutcome) -> tuple[Shown, ...]:
    """All tables of a tier, the goals first."""
    return (*_goal_tables(tier), *tables(tier.ours, tier.baseline))


def _goal_tables(tier: TierOutcome) -> Iterator[Shown]:
    if not tier.goals:
        return
    others: Sequence[GoalRow | None] = tier.baseline_goals or [None] * len(tier.goals)
    heads, base = _heads(tier.goals[0], with_base=bool(tier.baseline_goals))
    rows = tuple(_line(row, other) for row, other in zip(tier.goals, others, strict=True))
    yield Shown("Goals of detection, by camera", heads, base, rows)


def _heads(row: GoalRow, *, with_base: bool) -> tuple[tuple[str, ...], frozenset[int]]:
    heads = ["problems", "negative\ncamera-h"]
    base: set[int] = set()
    for goal in row.goals:
        heads.append(f"{_TITLES[goal.target.name]}{_limit(goal)}")
        if with_base:
            base.add(len(heads))
            heads.append(BASE)
    if any(goal.target.name == "dwell_within_2s_and_a_look" for goal in row.goals):
        heads.append("s dwell error of 8 h\np50 / p95 / worst")
    return tuple(heads), frozenset(base)


def _limit(goal: Goal) -> str:
    if goal.target.limit is None:
        return ""
    return f" {'≥' if goal.target.at_least else '≤'} {goal.target.limit:g}"


def _line(row: GoalRow, other: GoalRow | None) -> Line:
    cells = [str(row.problems), f"{row.negative_camera_hours:.0f}"]
    for index, goal in enumerate(row.goals):
        cells.append(_cell(goal))
        if other is not None:
            cells.append(_number(other.goals[index].figure))
    if any(goal.target.name == "dwell_within_2s_and_a_look" for goal in row.goals):
        errors = (row.dwell_p50_s, row.dwell_p95_s, row.dwell_worst_s)
        cells.append(
            NOTHING if row.dwell_p50_s is None else " / ".join(f"{one:.0f}" for one in errors if one is not None)
        )
    return Line(str(row.row).replace("_", " "), tuple(cells))


def _cell(goal: Goal) -> str:
    interval = "" if goal.interval is None else f" [{goal.interval[0]:.2f} {goal.interval[1]:.2f}]"
    few = f" ({goal.trials:.0f} of {goal.target.needed:.0f})" if goal.state is State.TOO_FEW else ""
    return f"{_number(goal.figure)}{interval} {_WORDS[goal.state]}{few}".strip()


def _number(value: float | None) -> str:
    # Three places: at two 1.024 would look like the 1.02 that is asked.
    return NOTHING if value is None else f"{value:.3f}".rstrip("0").rstrip(".")
