"""The scores of one item, as its ``score.json`` holds them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from scenarios.scoring import ScenarioScore


class Judged(BaseModel):
    """Ours and, unless it was left out, the baseline's on the same input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kerbwatch: ScenarioScore
    baseline: ScenarioScore | None = None
