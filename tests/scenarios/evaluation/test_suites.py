"""What a suite holds: every family, tuning seeds only, and as much as was asked for."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ingest.config import ConfigError
from scenarios.evaluation.item import TIERS, Failure, Item, Settings
from scenarios.evaluation.keys import keys_of
from scenarios.evaluation.suites import (
    MAIN,
    Choice,
    Recorded,
    Wanted,
    from_folder,
    grow,
    shipped_clips,
    spread,
    suite,
)
from scenarios.families.pace import Profile
from scenarios.families.registry import FAMILIES, TUNING_SEEDS
from scenarios.language.files import save_scenario
from scenarios.language.scenario import Scenario
from tests.scenarios.evaluation.doubles import scenario

EVERY = list(FAMILIES.values())
NONE = Recorded()


def built(items: Iterable[Item | Failure]) -> Iterator[Item]:
    for item in items:
        assert isinstance(item, Item)
        yield item


def test_smoke_holds_every_family_of_minutes_and_every_tier_and_only_seeds_for_tuning() -> None:
    clip = scenario("clip", tiers=("detections",))
    made = suite("smoke", Choice(), EVERY, Recorded((clip,)))
    assert {item.tier for item in made.items} == set(TIERS)
    assert {item.scenario.family for item in made.items if item.tier == "detections"} == {
        family.name for family in EVERY if "detections" in family.tiers and family.group != "hours"
    }
    assert all(item.scenario.seed in TUNING_SEEDS for item in made.items)
    assert len({item.title for item in made.items}) == len(made.items)


def test_tier_family_and_seeds_narrow_a_suite_down() -> None:
    choice = Choice(("detections",), ("parked_alone",), range(1000, 1003))
    made = suite("full", choice, EVERY, Recorded(missing=("no footage",)))
    assert [item.title for item in made.items] == [f"detections/parked_alone-long-{n}" for n in range(1000, 1003)]
    assert made.notes == (), "who asks for another tier need not hear about footage"


def test_a_family_that_cannot_be_built_is_told_and_the_others_stay() -> None:
    def impossible(seed: int, profile: Profile) -> Scenario:
        raise ValueError(f"no street for seed {seed}")

    broken = dataclasses.replace(FAMILIES["parked_alone"], name="broken", build=impossible)
    choice = Choice(("detections",), ("broken", "bag_dumped"), range(5, 6))
    for name in ("smoke", "full"):
        made = suite(name, choice, [broken, FAMILIES["bag_dumped"]], NONE)
        assert {item.scenario.family for item in made.items} == {"bag_dumped"}
        assert made.unbuilt[0].title.startswith("detections/broken-")
        assert {one.reason for one in made.unbuilt} == {"it cannot be built: ValueError: no street for seed 5"}
    grown = grow([broken], Wanted("detections", "long", problems=1, camera_hours=0.0, most_seeds=2))
    assert len(list(grown)) == 2


def test_missing_footage_is_told() -> None:
    assert suite("smoke", Choice(("real",)), EVERY, Recorded(missing=("no footage",))).notes == ("no footage",)


def test_seeds_are_added_until_the_main_categories_have_enough_problems() -> None:
    few = [FAMILIES[name] for name in ("parked_pair", "vendor_sets_up", "bag_dumped")]
    items = list(built(grow(few, Wanted("detections", "long", problems=4, camera_hours=0.0, most_seeds=50))))
    problems = [problem.category for item in items for problem in item.scenario.problems]
    assert all(problems.count(subject) >= 4 for subject in MAIN)
    last = {item.scenario.seed for item in items}
    before = [
        problem.category for item in items for problem in item.scenario.problems if item.scenario.seed < max(last)
    ]
    assert any(before.count(subject) < 4 for subject in MAIN), "and no longer"
    limited = grow(few, Wanted("detections", "long", problems=10**6, camera_hours=0.0, most_seeds=2))
    assert {item.scenario.seed for item in built(limited)} == {0, 1}


def test_a_few_families_come_from_as_many_groups_as_possible() -> None:
    assert len({family.group for family in spread(EVERY, 6)}) == 6
    assert spread(EVERY, 1000) == EVERY


def test_a_folder_gives_every_tier_its_files_name(tmp_path: Path) -> None:
    save_scenario(scenario("both"), tmp_path)
    save_scenario(scenario("one", tiers=("rendered",)), tmp_path / "below")
    made = from_folder(tmp_path, Choice())
    assert [item.title for item in made.items] == ["rendered/one", "detections/both", "composed/both"]
    with pytest.raises(ConfigError, match="holds no file"):
        from_folder(tmp_path / "nothing", Choice())


def test_the_clips_that_ship_are_played_as_they_are() -> None:
    for item in shipped_clips():
        assert item.made is not None
        assert (item.made / "truth.json").is_file()
        assert item.tier == "rendered"


def test_another_video_in_a_made_folder_makes_another_key(tmp_path: Path) -> None:
    made = next(iter(shipped_clips()))
    assert made.made is not None
    copied = tmp_path / "copy"
    shutil.copytree(made.made, copied)
    before = keys_of(dataclasses.replace(made, made=copied), Settings())
    (copied / "junction.mp4").write_bytes(b"another video")
    assert keys_of(dataclasses.replace(made, made=copied), Settings()) != before
