"""Scenario files: what is refused, with which words, and that what is written can be read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from ingest.config import ConfigError
from ingest.taxonomy import Category
from scenarios.language.claims import Subject
from scenarios.language.conditions import Condition, ConditionKind
from scenarios.language.files import SUFFIX, load_folder, load_scenario, save_scenario, to_toml
from scenarios.language.scenario import Scenario
from scenarios.language.street import Permit

Content = dict[str, Any]
SHA = "0" * 64


def content() -> Content:
    """A car that stops in a no-stopping zone, as a file would say it."""
    return {
        "name": "one-car",
        "duration_s": 600,
        "camera": [{"name": "north"}],
        "zone": [
            {
                "name": "kerb",
                "purpose": "no_stopping",
                "ground": [[2, 10], [4, 10], [4, 30], [2, 30]],
                "rule": [{"category": "parked_vehicle", "dwell_s": 60}],
            }
        ],
        "actor": [{"id": "car", "kind": "car", "at": [{"s": 0, "x": 3, "y": 0}, {"s": 10, "x": 3, "y": 20}]}],
        "problem": [{"id": "p1", "category": "parked_vehicle", "zone": "kerb", "actors": ["car"], "start_s": 10}],
    }


def put(path: str, value: object) -> Callable[[Content], None]:
    """A change of one field; a path such as ``camera.0.name``."""

    def change(raw: Content) -> None:
        *parents, last = path.split(".")
        target: Any = raw
        for part in parents:
            target = target[int(part)] if part.isdigit() else target[part]
        target[int(last) if last.isdigit() else last] = value

    return change


def test_a_scenario_survives_being_written_and_read(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(
        content()
        | {
            "condition": [{"kind": "rain", "from_s": 5, "to_s": 60, "amount": 0.4}],
            "sensor": [{"name": "pm", "quantity": "pm2_5", "course": [[0, 30], [300, 90]]}],
        }
    )
    assert load_scenario(save_scenario(scenario, tmp_path)) == scenario


def test_permitted_hours_survive_being_written_and_read(tmp_path: Path) -> None:
    raw = content()
    raw["zone"][0]["permit"] = [Permit.between(Category.STREET_VENDOR, "22:00", "02:30").model_dump(by_alias=True)]
    scenario = Scenario.model_validate(raw)
    assert load_scenario(save_scenario(scenario, tmp_path)).zones[0].permits == scenario.zones[0].permits


def test_what_has_its_default_value_is_not_written() -> None:
    text = to_toml(Scenario.model_validate(content()))
    assert "overlaps" not in text
    assert 'format = "kerbwatch-scenario/1"' in text


WRONG: list[tuple[Callable[[Content], None], str, str]] = [
    (put("format", "kerbwatch-scenario/9"), "format", "kerbwatch-scenario/1"),
    (put("weather", "fine"), "weather", "unknown key"),
    (put("name", "../../etc"), "name", "pattern"),
    (put("duration_s", 0), "duration_s", "greater than 0"),
    (put("duration_s", float("nan")), "duration_s", "finite"),
    (put("time_zone", "Mars/Olympus"), "time_zone", "IANA"),
    (put("starts_at", "2026-03-02T02:00:00"), "starts_at", "without a zone"),
    (put("camera", [{"name": "north"}, {"name": "north"}]), "(whole file)", "two cameras are named 'north'"),
    (put("camera.0.width", 641), "camera[0].width", "multiple of 2"),
    (put("camera.0.ground_points", [[0, 0, 1, 1]]), "camera[0]", "four or more"),
    (put("zone.0.ground", [[0, 0], [1, 1]]), "zone[0]", "three corners"),
    (put("zone.0.camera", "north"), "zone[0]", "either ground, or camera and picture"),
    (put("actor.0.at", [{"s": 5, "x": 0, "y": 0}, {"s": 5, "x": 1, "y": 1}]), "actor[0]", "does not follow"),
    (put("actor.0.leaves_s", 0), "actor[0]", "not after its first keyframe"),
    (put("actor.0.kind", "dragon"), "actor[0].kind", "'car'"),
    (put("actor.0.kind", "cutout"), "actor[0]", "picture, tall_m and object_class"),
    (put("problem.0.actors", ["lorry"]), "(whole file)", "'lorry' is none of car"),
    (put("problem.0.zone", "garden"), "(whole file)", "'garden' is none of kerb"),
    (put("problem.0.category", "garbage"), "(whole file)", "has no rule against garbage"),
    (put("problem.0.end_s", 40), "(whole file)", "short_stop"),
    (put("problem.0.end_s", 900), "(whole file)", "not within the scenario"),
    (put("problem.0.category", "street_market"), "problem[0]", "[[market]]"),
    (put("tiers", ["real"]), "(whole file)", "footage"),
    (put("condition", [{"kind": "askew"}]), "condition[0]", "pan_deg"),
    (put("condition", [{"kind": "rain", "from_s": 9, "to_s": 9}]), "condition[0]", "not after from_s"),
    (put("condition", [{"kind": "rain", "cameras": ["south"]}]), "(whole file)", "'south' is none of north"),
    (
        put("traffic", [{"path": [[0, 0], [0, 9]], "every_s": [9, 3], "speed_mps": [5, 6]}]),
        "traffic[0]",
        "backwards",
    ),
    (put("sensor", [{"name": "pm", "quantity": "pm10", "course": [[9, 1], [3, 1]]}]), "sensor[0]", "grow"),
    (put("camera.0.footage", {"file": "../secret.mp4", "sha256": SHA}), "camera[0].footage.file", "pattern"),
]


@pytest.mark.parametrize(("change", "field", "fix"), WRONG, ids=[f"{field}: {fix}" for _, field, fix in WRONG])
def test_a_wrong_file_is_refused_by_field_and_fix(
    change: Callable[[Content], None], field: str, fix: str, tmp_path: Path
) -> None:
    raw = content()
    change(raw)
    path = tmp_path / f"wrong{SUFFIX}"
    path.write_text(tomli_w.dumps(raw), encoding="utf-8")
    with pytest.raises(ConfigError) as refusal:
        load_scenario(path)
    assert any(problem.field == field for problem in refusal.value.problems), refusal.value
    assert fix in str(refusal.value)


def test_a_folder_without_scenarios_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no file named \*\.scenario\.toml"):
        load_folder(tmp_path)


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    scenario = Scenario.model_validate(content())
    save_scenario(scenario, tmp_path / "a")
    save_scenario(scenario, tmp_path / "b")
    with pytest.raises(ConfigError, match="has it too; rename one"):
        load_folder(tmp_path)


def test_pictures_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    raw = content() | {"tiers": ["composed"], "scenery": {"background": "street.png"}}
    raw["actor"].append(
        {
            "id": "cart",
            "kind": "cutout",
            "picture": "cart.png",
            "tall_m": 1.8,
            "object_class": "stall",
            "at": [{"s": 0, "x": 6, "y": 12}],
        }
    )
    path = tmp_path / f"own{SUFFIX}"
    path.write_text(tomli_w.dumps(raw), encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.scenery.background == tmp_path / "street.png"
    assert scenario.actor("cart").picture == tmp_path / "cart.png"


def test_every_category_of_cases_can_be_a_true_problem() -> None:
    assert {category.value for category in Category} <= {subject.value for subject in Subject}


@pytest.mark.parametrize(("amount", "blind"), [(0.3, False), (0.9, True)])
def test_a_lens_counts_as_covered_from_most_of_the_frame(amount: float, blind: bool) -> None:
    assert Condition(kind=ConditionKind.COVERED, amount=amount).blinding is blind
