"""What is evaluated, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenarios.language.scenario import Scenario
from scenarios.language.street import Tier

TIERS: tuple[Tier, ...] = ("detections", "composed", "rendered", "real")
"""All tiers, cheapest first."""

DEFAULT_MODEL = "kerbwatch-nano"
DEFAULT_PROFILE = "kerbwatch-nano"


@dataclass(frozen=True)
class Item:
    """One scenario in one tier: the unit of work, of failure and of what is kept.

    ``made``: a folder with its videos and truth, where they need not be made any more.
    """

    scenario: Scenario
    tier: Tier
    made: Path | None = None

    @property
    def title(self) -> str:
        """For people and as a path: tier and scenario name."""
        return f"{self.tier}/{self.scenario.name}"


@dataclass(frozen=True)
class Failure:
    """A scenario that has no figures in a tier, and why."""

    tier: Tier
    family: str
    scenario: str
    reason: str

    @property
    def title(self) -> str:
        """As that of an item."""
        return f"{self.tier}/{self.scenario}"


@dataclass(frozen=True)
class Suite:
    """What one run evaluates.

    ``notes``: what was left out and why, one sentence each. ``unbuilt``: what should be in it, but its family failed.
    """

    name: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    unbuilt: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What results depend on besides the scenario.

    Attributes:
        error_profile: Name of the detector's error model, for the detections tier.
        model: Name of a detector in the catalogue, for the tiers with pictures.
        baseline: Whether the baseline runs on the same input.
    """

    error_profile: str = DEFAULT_PROFILE
    model: str = DEFAULT_MODEL
    baseline: bool = True


@dataclass(frozen=True)
class Job:
    """An item as a step gets it: ``folder`` receives ``truth.json``, ``report.json``, ``baseline.json``."""

    item: Item
    folder: Path
    settings: Settings
