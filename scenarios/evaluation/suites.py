"""The suites (评测集): which families, how often, in which tiers.

Smoke and full use seeds below 1000 only: on those the project is tuned. Acceptance uses seeds from 1000 on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scenarios.evaluation.acceptance import PORTIONS, Part, fill, ordinary
from scenarios.evaluation.item import TIERS, Failure, Item, Suite
from scenarios.families.family import Family
from scenarios.families.pace import Profile
from scenarios.language.claims import Subject
from scenarios.language.files import SUFFIX, load_folder, load_scenario
from scenarios.language.scenario import Scenario
from scenarios.language.street import Tier

SuiteName = Literal["smoke", "full", "acceptance"]
MAIN = (Subject.PARKED_VEHICLE, Subject.STREET_VENDOR, Subject.GARBAGE)
"""The categories whose figures must rest on many problems."""
SMOKE_SEED = 1
SMOKE: tuple[tuple[Tier, Profile, int | None], ...] = (
    ("detections", "short", None),
    ("detections", "long", 8),
    ("composed", "short", 6),
    ("rendered", "short", 2),
)
"""Tier, profile, and how many families (none given: all)."""
MOST_SEEDS = 60
"""Seeds below this are used at most, whatever is asked of a suite."""


@dataclass(frozen=True)
class Wanted:
    """How much a tier of the full suite shall rest on: seeds are added, one for every family, until it does.

    ``families``: from so many only (none given: all).
    """

    tier: Tier
    profile: Profile
    problems: int
    camera_hours: float
    most_seeds: int
    families: int | None = None


FULL = (
    Wanted("detections", "long", 100, 250.0, MOST_SEEDS),
    Wanted("composed", "short", 50, 0.0, 2),
    Wanted("composed", "long", 50, 0.0, 1, families=6),
    Wanted("rendered", "short", 20, 0.0, 1, families=30),
)


@dataclass(frozen=True)
class Choice:
    """What the user asked for beside the suite. Empty: everything."""

    tiers: tuple[Tier, ...] = ()
    families: tuple[str, ...] = ()
    seeds: range | None = None
    parts: tuple[Part, ...] = ()

    def of(self, families: Iterable[Family], tier: Tier) -> list[Family]:
        """The wanted ones of some families, for a tier."""
        if self.tiers and tier not in self.tiers:
            return []
        return [family for family in families if not self.families or family.name in self.families]

    def takes(self, item: Item | Failure) -> bool:
        """Whether tier and family are wanted."""
        family = item.family if isinstance(item, Failure) else item.scenario.family
        return (not self.tiers or item.tier in self.tiers) and (not self.families or family in self.families)


@dataclass(frozen=True)
class Recorded:
    """The recorded clips that can be played here; ``missing``: why others cannot, a sentence each."""

    scenarios: tuple[Scenario, ...] = ()
    missing: tuple[str, ...] = ()


def recorded_here() -> Recorded:
    """The clips whose truth the project ships, as far as their footage is on this machine."""
    from scenarios.recorded.clips import ENVIRONMENT, FootageError, footage_file, recorded_scenarios

    there: list[Scenario] = []
    missing: list[str] = []
    for scenario in recorded_scenarios():
        footage = [camera.footage for camera in scenario.cameras if camera.footage is not None]
        try:
            absent = [one.file for one in footage if footage_file(one) is None]
        except FootageError as error:
            missing.append(f"real/{scenario.name} is left out: {error}")
            continue
        if absent:
            files = ", ".join(absent)
            missing.append(f"real/{scenario.name} is left out: no {files} in the footage folder ({ENVIRONMENT})")
        else:
            there.append(scenario)
    return Recorded(tuple(there), tuple(missing))


def shipped_clips() -> Iterator[Item]:
    """The clips that come with the project."""
    from scenarios.shipped import shipped

    for folder, truth in shipped():
        yield Item(load_scenario(folder / f"{truth.scenario}{SUFFIX}"), truth.tier, made=folder)


def suite(name: SuiteName, choice: Choice, families: Sequence[Family], recorded: Recorded) -> Suite:
    """A suite of ours, as far as it was asked for. ``recorded``: the clips, and why they are missing if they are."""
    makes = {"smoke": _smoke, "full": _full, "acceptance": _acceptance}[name]
    if name == "acceptance":  # the clips are few and well known: they decide nothing there
        recorded = Recorded()
    clips = shipped_clips() if choice.seeds is None and not choice.families and name != "acceptance" else ()
    items = [*makes(families, choice), *clips, *(Item(scenario, "real") for scenario in recorded.scenarios)]
    # A family without short days gives its long one wherever a short one was asked for.
    wanted = {item.title: item for item in items if choice.takes(item)}.values()
    real_wanted = not choice.tiers or "real" in choice.tiers
    return Suite(
        name,
        tuple(item for item in wanted if isinstance(item, Item)),
        recorded.missing if real_wanted else (),
        tuple(item for item in wanted if isinstance(item, Failure)),
    )


def from_folder(folder: Path, choice: Choice) -> Suite:
    """Every scenario below a folder, in every tier it names; what its audit finds becomes a note.

    Raises ConfigError where one is wrong.
    """
    from scenarios.world.audit import audit

    scenarios = [scenario for _, scenario in load_folder(folder)]
    items = [Item(scenario, tier) for scenario in scenarios for tier in TIERS if tier in scenario.tiers]
    wanted = tuple(item for item in items if choice.takes(item))
    doubts = {item.scenario.name: audit(item.scenario) for item in wanted}
    notes = (f"truth of {name} in doubt: {doubt}" for name, found in doubts.items() for doubt in found)
    return Suite(str(folder), wanted, tuple(notes))


def _of_minutes(families: Sequence[Family], choice: Choice) -> list[Family]:
    """Without those that last for half a day, unless they are named: the acceptance suite is there for them."""
    return [family for family in families if family.group != "hours" or family.name in choice.families]


def _smoke(families: Sequence[Family], choice: Choice) -> Iterator[Item | Failure]:
    families = _of_minutes(families, choice)
    seeds = choice.seeds or range(SMOKE_SEED, SMOKE_SEED + 1)
    for tier, profile, count in SMOKE:
        able = _allowing(families, tier, profile)
        some = spread(able, count or len(able))
        yield from _grid(choice.of(some, tier), seeds, tier, profile)


def _full(families: Sequence[Family], choice: Choice) -> Iterator[Item | Failure]:
    families = _of_minutes(families, choice)
    for wanted in FULL:
        able = _allowing(families, wanted.tier, wanted.profile)
        able = spread(able, wanted.families or len(able))
        if choice.seeds is not None:
            yield from _grid(choice.of(able, wanted.tier), choice.seeds, wanted.tier, wanted.profile)
        elif choice.of(able, wanted.tier):
            # All families, also where few are wanted: those few then have the seeds that the whole suite gives them.
            yield from grow(able, wanted)


def _acceptance(families: Sequence[Family], choice: Choice) -> Iterator[Item | Failure]:
    for portion in PORTIONS:
        if choice.parts and portion.part not in choice.parts:
            continue
        named = (
            [family for family in families if family.name in portion.names]
            if portion.names
            else ordinary(families)
        )
        able = _allowing(named, portion.tier, portion.profile)
        able = spread(able, portion.families or len(able))
        if choice.of(able, portion.tier):
            # All families, also where few are wanted: those then have the seeds that the whole suite gives them.
            yield from fill(portion, able, _grid, choice.seeds)


def grow(families: Sequence[Family], wanted: Wanted) -> Iterator[Item | Failure]:
    """Every family with seed 0, then every family with seed 1 and so on, until there is as much as wanted."""
    problems: Counter[Subject] = Counter()
    hours = 0.0
    for seed in range(wanted.most_seeds):
        if hours >= wanted.camera_hours and all(problems[subject] >= wanted.problems for subject in MAIN):
            return
        for item in _grid(families, range(seed, seed + 1), wanted.tier, wanted.profile):
            if isinstance(item, Item):
                problems.update(problem.category for problem in item.scenario.problems)
                hours += item.scenario.duration_s * len(item.scenario.cameras) / 3600
            yield item


def spread(families: Sequence[Family], count: int) -> list[Family]:
    """``count`` families from as many groups as possible, in their own order."""
    seen: Counter[str] = Counter()
    rank: dict[str, tuple[int, int]] = {}
    for place, family in enumerate(families):
        rank[family.name] = (seen[family.group], place)
        seen[family.group] += 1
    taken = set(sorted(rank, key=rank.__getitem__)[:count])
    return [family for family in families if family.name in taken]


def _allowing(families: Iterable[Family], tier: Tier, profile: Profile) -> list[Family]:
    # Pictures of a whole day take too long; as detections a family without short days gives a long one instead.
    return [
        family
        for family in families
        if tier in family.tiers and (profile in family.profiles or tier == "detections")
    ]


def _grid(
    families: Iterable[Family], seeds: Collection[int], tier: Tier, profile: Profile
) -> Iterator[Item | Failure]:
    for family in families:
        usable = profile if profile in family.profiles else family.profiles[0]
        for seed in seeds:
            try:
                scenario = family.build(seed, usable)
            except Exception as error:  # noqa: BLE001 - told as a failed item; the other families go on
                reason = f"it cannot be built: {type(error).__name__}: {error}"
                yield Failure(tier, family.name, f"{family.name}-{usable}-{seed}", reason)
                continue
            if tier in scenario.tiers:
                yield Item(scenario, tier)
