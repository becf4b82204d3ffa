"""The JSON file of a run, format ``kerbwatch-evaluation/1``; ``docs/accuracy-format.md`` explains every field."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from scenarios.evaluation.findings import worst
from scenarios.evaluation.outcome import Outcome, TierOutcome
from scenarios.scoring import GoalRow, TierSummary

FORMAT = "kerbwatch-evaluation/1"
WORST = 100


def document(outcome: Outcome) -> dict[str, Any]:
    """Everything as plain JSON values."""
    run = outcome.run
    return {
        "format": FORMAT,
        "command": run.command,
        "version": run.version,
        "machine": run.machine,
        "started_at": run.started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "wall_s": round(run.wall_s, 1),
        "suite": run.suite.name,
        "model": run.settings.model,
        "error_profile": run.settings.error_profile,
        "items": {
            "all": run.count,
            "kept": outcome.kept,
            "failed": len(outcome.failed),
        },
        "notes": list(run.suite.notes),
        "failed": [{"tier": one.tier, "scenario": one.scenario, "reason": one.reason} for one in outcome.failed],
        "tiers": {tier.tier: _tier(tier) for tier in outcome.tiers},
        "findings": [asdict(finding) for finding in worst(outcome.findings(), WORST)],
    }


def _tier(tier: TierOutcome) -> dict[str, Any]:
    mistakes = Counter(finding.wrong.value for finding in tier.findings())
    return {
        "scenarios": len(tier.judged),
        "camera_hours": round(tier.camera_hours, 3),
        "mistakes": dict(sorted(mistakes.items())),
        "goals": [_goals(row) for row in tier.goals],
        "baseline_goals": [_goals(row) for row in tier.baseline_goals],
        **_system(tier.ours),
        "baseline": None if tier.baseline is None else _system(tier.baseline),
    }


def _goals(row: GoalRow) -> dict[str, Any]:
    plain = asdict(row)
    goals = [{**one["target"], **one} for one in plain["goals"]]
    for one in goals:
        del one["target"]
    return {**plain, "goals": goals}


def _system(summary: TierSummary) -> dict[str, Any]:
    plain = summary.model_dump(mode="json")
    return {"overall": plain["overall"], "categories": plain["categories"]}
