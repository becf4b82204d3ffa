"""What a family is: a kind of day on a street, of which a seed makes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scenarios.families.draft import Draft, Story
from scenarios.families.pace import Profile
from scenarios.families.sight import NoViewError
from scenarios.language.scenario import Scenario
from scenarios.language.street import Tier

Group = Literal[
    "vehicles",
    "vendors",
    "garbage",
    "static",
    "innocent",
    "occlusion",
    "weather",
    "camera",
    "sensors",
    "multi-camera",
    "combinations",
    "hours",
]
MADE_TIERS: tuple[Tier, ...] = ("detections", "composed", "rendered")
_ATTEMPTS = 6  # a street that no camera shows well is drawn anew
BOTH: tuple[Profile, ...] = ("short", "long")


@dataclass(frozen=True)
class Family:
    """A family of scenarios. ``build(seed, profile)`` gives the same scenario every time; ``tiers`` are those of its
    short scenarios, a long one is never rendered. Only the ``profiles`` listed make sense."""

    name: str
    group: Group
    summary: str
    tiers: tuple[Tier, ...]
    build: Callable[[int, Profile], Scenario]
    profiles: tuple[Profile, ...] = BOTH


def family(
    story: Story,
    group: Group,
    summary: str,
    *,
    tiers: tuple[Tier, ...] = MADE_TIERS,
    profiles: tuple[Profile, ...] = BOTH,
) -> Family:
    """The family of a story; it bears the story's name."""
    name = story.__name__

    def build(seed: int, profile: Profile) -> Scenario:
        allowed = tiers if profile == "short" else tuple(tier for tier in tiers if tier != "rendered")
        last: NoViewError | None = None
        for attempt in range(_ATTEMPTS):
            draft = Draft(name, seed, profile, summary=summary, tiers=allowed, attempt=attempt)
            try:
                story(draft)
                return draft.finish()
            except NoViewError as error:
                last = error
        raise NoViewError(f"{name} {seed} {profile}: {last}")

    return Family(name, group, summary, tiers, build, profiles)
