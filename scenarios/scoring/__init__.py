"""The scorer (评分): what a system said, held against the truth. ``docs/scoring.md`` defines every figure."""

from scenarios.scoring.figures import Figures, Spread, TierSummary
from scenarios.scoring.goals import Goal, GoalRow, State, all_reached, goal_rows
from scenarios.scoring.scorer import score
from scenarios.scoring.scores import (
    BlindOutcome,
    CaseOutcome,
    IncidentOutcome,
    Outcome,
    ProblemOutcome,
    ScenarioScore,
    Tally,
)
from scenarios.scoring.summaries import summarise

__all__ = [
    "BlindOutcome",
    "CaseOutcome",
    "Figures",
    "Goal",
    "GoalRow",
    "IncidentOutcome",
    "Outcome",
    "ProblemOutcome",
    "ScenarioScore",
    "Spread",
    "State",
    "Tally",
    "TierSummary",
    "all_reached",
    "goal_rows",
    "score",
    "summarise",
]
