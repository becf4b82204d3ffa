"""The acceptance suite: seeds nobody tuned on, enough of every category, parts that run alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from scenarios.evaluation.acceptance import DENSE, FIRST_SEED, PARTS, PORTIONS, SLOW, Portion, fill, ordinary
from scenarios.evaluation.estimate import estimate_s
from scenarios.evaluation.item import Failure, Item
from scenarios.evaluation.suites import Choice, Recorded, _grid, suite
from scenarios.families.hours import NEGATIVE, STAYS
from scenarios.families.registry import FAMILIES, TUNING_SEEDS
from scenarios.language.conditions import ConditionKind
from scenarios.scoring.goals import DETECTED

EVERY = list(FAMILIES.values())
CROWDED = [FAMILIES[name] for name in DENSE]


def filled(portion: Portion, names: tuple[str, ...], seeds: range | None = None) -> list[Item]:
    items: Iterator[Item | Failure] = fill(portion, [FAMILIES[name] for name in names], _grid, seeds)
    found = list(items)
    assert all(isinstance(item, Item) for item in found)
    return [item for item in found if isinstance(item, Item)]


def problems(items: list[Item]) -> Counter[str]:
    return Counter(problem.category.value for item in items for problem in item.scenario.problems)


@pytest.mark.parametrize("tier", ["composed", "rendered"])
def test_the_dense_part_has_fifty_problems_of_every_category_in_each_tier_with_pictures(tier: str) -> None:
    portion = next(one for one in PORTIONS if (one.part, one.tier) == ("dense", tier))
    items = filled(portion, DENSE)
    counts = problems(items)
    assert all(counts[subject.value] >= 50 for subject in DETECTED)
    assert all(item.scenario.seed not in TUNING_SEEDS and item.tier == tier for item in items)
    assert len(items) < 80, "and no more scenarios than it takes"


def test_seeds_are_added_only_for_families_whose_categories_are_still_short() -> None:
    portion = Portion("dense", "detections", "long", problems=12)
    items = filled(portion, ("kerb_of_cars", "bags_along_the_wall"))
    counts = problems(items)
    assert counts["parked_vehicle"] >= 12
    assert counts["garbage"] >= 12
    families = Counter(item.scenario.family for item in items)
    assert families["kerb_of_cars"] < families["bags_along_the_wall"], "cars come several at a time"


def test_negatives_hold_no_problem_and_stop_at_their_hours() -> None:
    portion = Portion("negatives", "detections", "long", NEGATIVE, camera_hours=100.0)
    items = filled(portion, NEGATIVE)
    hours = sum(item.scenario.duration_s for item in items) / 3600
    assert 100 <= hours < 115
    assert not problems(items)
    assert len({item.scenario.family for item in items}) == len(NEGATIVE)


def test_stays_last_for_eight_hours_in_every_category() -> None:
    (item,) = filled(Portion("stays", "detections", "long", STAYS, seeds=1), STAYS)
    assert {problem.category for problem in item.scenario.problems} == set(DETECTED)
    for problem in item.scenario.problems:
        assert problem.end_s is not None, "an end that is seen"
        assert problem.end_s - problem.start_s > 8 * 3600


def test_variety_has_pictures_at_slow_looks_with_every_fault_of_a_lens_in_five_minutes() -> None:
    (portion,) = (one for one in PORTIONS if (one.tier, one.profile) == ("composed", "long"))
    items = filled(portion, portion.names)
    assert portion.part == "variety"
    assert len(items) == len(SLOW)
    assert {item.scenario.look_interval_s for item in items} <= {2.0, 3.0, 5.0}
    assert min(item.scenario.look_interval_s for item in items) == 2.0
    faults = {condition.kind for item in items for condition in item.scenario.conditions}
    assert faults >= {
        ConditionKind.COVERED,
        ConditionKind.DEFOCUS,
        ConditionKind.FREEZE,
        ConditionKind.ASKEW,
        ConditionKind.NIGHT_IR,
    }
    assert estimate_s(items, jobs=2) <= 300


def test_a_part_runs_alone_and_seeds_can_be_given() -> None:
    choice = Choice(seeds=range(3, 4), parts=("negatives",))
    made = suite("acceptance", choice, EVERY, Recorded(missing=("no footage",)))
    assert {item.scenario.family for item in made.items} == set(NEGATIVE)
    assert {item.scenario.seed for item in made.items} == {3}
    assert made.notes == (), "clips are no part of it"


def test_the_parts_share_no_family_and_variety_has_all_others() -> None:
    names = {family.name for family in ordinary(EVERY)}
    assert not names & {*DENSE, *NEGATIVE, *STAYS}
    assert names | {*DENSE, *NEGATIVE, *STAYS} == set(FAMILIES)
    assert {portion.part for portion in PORTIONS} == set(PARTS)
    assert FIRST_SEED not in TUNING_SEEDS


def test_families_of_hours_are_no_part_of_the_other_suites_unless_they_are_named() -> None:
    assert not {
        item.scenario.family for item in suite("smoke", Choice(("detections",)), EVERY, Recorded()).items
    } & {
        *NEGATIVE,
        *STAYS,
    }
    named = suite("smoke", Choice(("detections",), ("quiet_hours",)), EVERY, Recorded())
    assert {item.scenario.family for item in named.items} == {"quiet_hours"}
