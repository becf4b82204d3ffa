"""The acceptance suite (验收集): sized so that every goal of detection has enough trials, on seeds nobody tuned on.

Four parts that can run alone: *variety*, every family with few seeds; *dense*, several problems of a kind per street
until every category has enough; *negatives*, a thousand camera-hours of streets on which nothing may be raised;
*stays*, problems that last for eight hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scenarios.evaluation.item import Failure, Item
from scenarios.families.crowded import FAMILIES as CROWDED
from scenarios.families.family import Family
from scenarios.families.hours import FAMILIES as HOURS
from scenarios.families.hours import NEGATIVE, STAYS
from scenarios.families.pace import Profile
from scenarios.families.registry import TUNING_SEEDS
from scenarios.language.claims import Subject
from scenarios.language.street import Tier
from scenarios.scoring.goals import DETECTED, LONG_STAYS_NEEDED, NEGATIVE_HOURS_NEEDED, PROBLEMS_NEEDED

Part = Literal["variety", "dense", "negatives", "stays"]
PARTS: tuple[Part, ...] = ("variety", "dense", "negatives", "stays")
FIRST_SEED = TUNING_SEEDS.stop
MOST_SEEDS = 400
"""So many seeds are tried at most to reach what is needed."""
DENSE = tuple(family.name for family in CROWDED)
SLOW = (
    "there_at_start",
    "parked_row",
    "vendor_sets_up",
    "bag_dumped",
    "bus_occlusion",
    "night_ir",
    "lens_covered",
    "defocus",
    "stream_freeze",
    "askew_while_covered",
)
"""Families whose long days, looked at every two to five seconds, are made as pictures too: what is counted in looks
must hold in seconds as well."""
Building = Callable[[Sequence[Family], range, Tier, Profile], Iterator[Item | Failure]]
"""Makes the items of some families and seeds in a tier."""


@dataclass(frozen=True)
class Portion:
    """One tier of a part. ``names``: of these families (none given: of all ordinary ones, ``spread`` over so many).

    Seeds from the first on: ``seeds`` of them, or as many as it takes to have ``problems`` of every category that
    its families hold, or ``camera_hours``.
    """

    part: Part
    tier: Tier
    profile: Profile
    names: tuple[str, ...] = ()
    seeds: int = MOST_SEEDS
    families: int | None = None
    problems: int = 0
    camera_hours: float = 0.0


PORTIONS = (
    Portion("variety", "detections", "long", seeds=3),
    Portion("variety", "composed", "short", seeds=1, families=24),
    Portion("variety", "composed", "long", SLOW, seeds=1),
    Portion("variety", "rendered", "short", seeds=1, families=12),
    Portion("dense", "detections", "long", DENSE, problems=PROBLEMS_NEEDED["detections"]),
    Portion("dense", "composed", "short", DENSE, problems=PROBLEMS_NEEDED["composed"]),
    Portion("dense", "rendered", "short", DENSE, problems=PROBLEMS_NEEDED["rendered"]),
    Portion("negatives", "detections", "long", NEGATIVE, camera_hours=NEGATIVE_HOURS_NEEDED),
    Portion("stays", "detections", "long", STAYS, problems=LONG_STAYS_NEEDED),
)


def ordinary(families: Sequence[Family]) -> list[Family]:
    """Those that are in no other part."""
    apart = {*DENSE, *(family.name for family in HOURS)}
    return [family for family in families if family.name not in apart]


def fill(
    portion: Portion, families: Sequence[Family], build: Building, seeds: range | None
) -> Iterator[Item | Failure]:
    """The items of a portion, from some families that fit it; with ``seeds`` given exactly those."""
    if seeds is not None:
        yield from build(families, seeds, portion.tier, portion.profile)
        return
    counted = _Counted(portion)
    for seed in range(FIRST_SEED, FIRST_SEED + portion.seeds):
        lacking = [family for family in families if counted.lacks(family)]
        if not lacking:
            return
        for family in lacking:
            if not counted.lacks(family):  # a family before it in this round may have brought the last one
                continue
            for item in build([family], range(seed, seed + 1), portion.tier, portion.profile):
                if isinstance(item, Item):
                    counted.add(family, item)
                yield item


class _Counted:
    """What a portion holds so far, and which categories each of its families brings."""

    def __init__(self, portion: Portion) -> None:
        self._portion = portion
        self._problems: Counter[Subject] = Counter()
        self._brings: dict[str, set[Subject]] = {}
        self._hours = 0.0

    def lacks(self, family: Family) -> bool:
        """Whether more of this family is wanted. One that holds no problem is judged by its hours."""
        portion, brings = self._portion, self._brings.get(family.name)
        if portion.camera_hours:
            return self._hours < portion.camera_hours
        if not portion.problems or brings is None:
            return True
        return any(self._problems[subject] < portion.problems for subject in brings)

    def add(self, family: Family, item: Item) -> None:
        subjects = [problem.category for problem in item.scenario.problems if problem.category in DETECTED]
        self._problems.update(subjects)
        self._brings.setdefault(family.name, set()).update(subjects)
        self._hours += item.scenario.duration_s * len(item.scenario.cameras) / 3600
