"""The example in the documents is a true scenario, and the documents know every family."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.families import FAMILIES
from scenarios.language.cast import ActorKind
from scenarios.language.claims import Innocence
from scenarios.language.conditions import ConditionKind
from scenarios.language.files import load_folder, load_scenario, save_scenario
from scenarios.language.scenario import Scenario
from scenarios.language.sensors import Quantity, Sensor
from scenarios.language.street import Camera, Scenery
from scenarios.world.audit import audit
from scenarios.world.truths import truth_of

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "scenarios.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((DOCS / "examples").glob("*.scenario.toml")), ids=lambda path: path.name)
def test_an_example_is_true_in_all_its_tiers(path: Path) -> None:
    scenario = load_scenario(path)
    assert audit(scenario) == []
    for tier in scenario.tiers:
        assert all(problem.seen for problem in truth_of(scenario, tier).problems)


def test_the_examples_load_as_a_suite_and_survive_their_files(tmp_path: Path) -> None:
    for _, scenario in load_folder(DOCS / "examples"):
        assert load_scenario(save_scenario(scenario, tmp_path)) == scenario


def test_every_family_stands_in_the_table() -> None:
    for family in FAMILIES.values():
        row = f"| `{family.name}` | {family.group} | {family.summary} | {', '.join(family.profiles)} |"
        assert row in TEXT


@pytest.mark.parametrize("words", [ActorKind, ConditionKind, Innocence, Quantity])
def test_every_word_of_the_language_is_explained(words: type[ActorKind]) -> None:
    assert [word.value for word in words if f"`{word.value}`" not in TEXT] == []


@pytest.mark.parametrize("model", [Scenario, Scenery, Camera, Sensor])
def test_every_field_is_explained(model: type[Scenario]) -> None:
    names = [field.alias or name for name, field in model.model_fields.items()]
    assert [name for name in names if f"`{name}`" not in TEXT and f"[{name}]" not in TEXT] == []
