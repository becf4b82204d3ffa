"""What a whole run found: everything that the table, the JSON file and the page are made from."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from scenarios.evaluation.findings import Finding, findings
from scenarios.evaluation.item import TIERS, Failure, Item, Settings, Suite
from scenarios.evaluation.judged import Judged
from scenarios.evaluation.keys import libraries, running_code
from scenarios.evaluation.pipeline import Done
from scenarios.evaluation.store import SCORE, Store
from scenarios.language.street import Tier
from scenarios.scoring import GoalRow, TierSummary, all_reached, goal_rows, summarise


@dataclass(frozen=True)
class Run:
    """How and where it was run. ``started_at`` in UTC."""

    command: str
    suite: Suite
    settings: Settings
    started_at: datetime
    wall_s: float

    @property
    def count(self) -> int:
        """How many items there should be."""
        return len(self.suite.items) + len(self.suite.unbuilt)

    @property
    def version(self) -> str:
        """Kerbwatch's version and a digest of the sources that decide results."""
        return f"{metadata.version('kerbwatch')} (sources {running_code()[:12]})"

    @property
    def machine(self) -> str:
        """What it ran on, without the machine's name."""
        return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {libraries()}"


@dataclass(frozen=True)
class TierOutcome:
    """One tier: the scores behind it, the summaries of ours and of the baseline, and how the goals stand."""

    tier: Tier
    judged: tuple[Judged, ...]
    ours: TierSummary
    baseline: TierSummary | None
    goals: tuple[GoalRow, ...] = ()
    baseline_goals: tuple[GoalRow, ...] = ()

    def findings(self) -> Iterator[Finding]:
        """All mistakes of ours."""
        for one in self.judged:
            yield from findings(one.kerbwatch)

    @property
    def camera_hours(self) -> float:
        """Hours of one camera, summed over scenarios."""
        return sum(one.kerbwatch.camera_s for one in self.judged) / 3600


@dataclass(frozen=True)
class Outcome:
    """A run's results. ``items``: those that have a score, in the suite's order; ``failed``: the others."""

    run: Run
    tiers: tuple[TierOutcome, ...]
    items: tuple[Item, ...]
    kept: int
    failed: tuple[Failure, ...]

    @property
    def reaches_all_goals(self) -> bool:
        """Whether every goal of every tier that ran is reached, and there is one."""
        rows = [row for tier in self.tiers for row in tier.goals]
        return bool(rows) and all_reached(rows)

    def findings(self) -> Iterator[Finding]:
        """All mistakes of ours, tier by tier."""
        for tier in self.tiers:
            yield from tier.findings()


def gather(run: Run, done: Sequence[Done], store: Store) -> Outcome:
    """Read the scores of all items that have one and add them up, never over tiers."""
    right = [one.item for one in done if one.reason is None]
    tiers = [_tier(tier, [item for item in right if item.tier == tier], store, run.settings) for tier in TIERS]
    return Outcome(
        run=run,
        tiers=tuple(tier for tier in tiers if tier is not None),
        items=tuple(right),
        kept=sum(one.kept for one in done),
        failed=(*run.suite.unbuilt, *_failures(done)),
    )


def _failures(done: Sequence[Done]) -> Iterator[Failure]:
    for one in done:
        if one.reason is not None:
            yield Failure(one.item.tier, one.item.scenario.family, one.item.scenario.name, one.reason)


def _tier(tier: Tier, items: list[Item], store: Store, settings: Settings) -> TierOutcome | None:
    if not items:
        return None
    judged = tuple(load_judged(item, store) for item in items)
    scores = [one.kerbwatch for one in judged]
    (ours,) = summarise(scores)
    others = [one.baseline for one in judged if one.baseline is not None] if settings.baseline else []
    baseline = summarise(others)[0] if others else None
    return TierOutcome(tier, judged, ours, baseline, goal_rows(scores), goal_rows(others))


def load_judged(item: Item, store: Store) -> Judged:
    """The scores of an item that is in the store."""
    return Judged.model_validate_json((store.folder(item) / SCORE).read_bytes())
