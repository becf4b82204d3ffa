"""The scorer (评分): what a system said, held against the truth. ``docs/scoring.md`` defines every figure."""

from scenarios.scoring.figures import Figures, Spread, TierSummary
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
    "IncidentOutcome",
    "Outcome",
    "ProblemOutcome",
    "ScenarioScore",
    "Spread",
    "Tally",
    "TierSummary",
    "score",
    "summarise",
]
