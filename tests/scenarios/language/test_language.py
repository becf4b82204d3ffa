"""Scenario files: what is refused, with which words, and that what is written can be read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from ingest.config import ConfigError
from ingest.hours import Permit
from ingest.taxonomy import Category
from scenarios.language.claims import Subject
from scenarios.language.conditions import Condition, ConditionKind
from scenarios.language.files import SUFFIX, load_folder, load_scenario, save_scenario, to_toml
from scenarios.language.scenario import Scenario

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


LANE = {"path": [[0, 0], [0, 9]], "every_s": [3, 9], "speed_mps": [5, 6]}
BIN = {"name": "bin", "quantity": "bin_fill", "course": [[0, 0.1]]}
MUST_NOT = {"id": "n1", "why": "short_stop", "category": "parked_vehicle"}
PERMIT = {"category": "parked_vehicle", "from": "10:00", "to": "11:00"}

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
    (put("traffic", [LANE | {"path": [[1, 1], [1, 1]]}]), "traffic[0]", "has no length"),
    (put("traffic", [LANE | {"from_s": 60, "to_s": 20}]), "traffic[0]", "not after from_s"),
    (put("traffic", [LANE | {"speed_mps": [1e-9, 1]}]), "traffic[0].speed_mps[0]", "0.1"),
    (put("traffic", [LANE | {"kinds": ["cutout"]}]), "traffic[0].kinds", "cutouts as actors"),
    (put("traffic", [LANE | {"halt": {"at_m": 5, "for_s": [9, 2]}}]), "traffic[0].halt", "backwards"),
    (put("pedestrians", [LANE | {"linger_s": [9, 2]}]), "pedestrians[0]", "backwards"),
    (
        lambda raw: raw.update(duration_s=31 * 86400, traffic=[LANE | {"every_s": [0.2, 0.2]}]),
        "(whole file)",
        "every_s longer",
    ),
    (put("must_not", [MUST_NOT, MUST_NOT]), "(whole file)", "two must_nots are named 'n1'"),
    (put("must_not", [MUST_NOT | {"start_s": 50, "end_s": 20}]), "must_not[0]", "not after start_s"),
    (put("must_not", [MUST_NOT | {"start_s": 9000}]), "(whole file)", "not within the scenario"),
    (put("must_not", [MUST_NOT | {"category": "sensor_alarm"}]), "must_not[0]", "names its sensor"),
    (put("must_not", [MUST_NOT | {"category": "street_market"}]), "must_not[0]", "street_vendor"),
    (put("market", [{"id": "m", "members": ["p1", "p1"], "start_s": 1}]), "market[0]", "a member twice"),
    (put("problem.0.sensor", "bin"), "problem[0]", "only a sensor_alarm"),
    (put("zone.0.ground", [[2, 8], [3, 8], [4, 8]]), "zone[0]", "no area"),
    (put("zone.0.ground", [[2, 8], [5, 26], [5, 8], [2, 26]]), "zone[0]", "around the edge"),
    (put("zone.0.permit", [PERMIT | {"from": "10:00+08:00"}]), "zone[0].permit[0].from", "without an offset"),
    (put("zone.0.permit", [PERMIT | {"weekdays": []}]), "zone[0].permit[0].weekdays", "at least 1"),
    (put("time_zone", "Asia"), "time_zone", "IANA"),
    (put("time_zone", "a" * 5000), "time_zone", "IANA"),
    (put("starts_at", "9999-12-31T23:59:00Z"), "starts_at", "between the years"),
    (put("scenery", {"background": "street.png"}), "(whole file)", 'tiers = ["composed"]'),
    (
        lambda raw: raw.update(
            scenery={"background": "street.png"}, tiers=["composed"], camera=[{"name": "north"}, {"name": "south"}]
        ),
        "(whole file)",
        "the picture of one camera",
    ),
    (put("sensor", [BIN | {"course": [[0, 95]]}]), "sensor[0]", "0.9 for 90 %"),
    (put("sensor", [BIN | {"every_s": 1e-9}]), "sensor[0].every_s", "greater than or equal to 1"),
    (put("sensor", [BIN | {"missing": [[50, 20]]}]), "sensor[0]", "backwards"),
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
    path = _own_pictures(tmp_path)
    scenario = load_scenario(path)
    assert scenario.scenery.background == tmp_path / "street.png"
    assert scenario.actor("cart").picture == tmp_path / "cart.png"


def test_a_saved_scenario_takes_its_pictures_along_and_names_no_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    scenario = load_scenario(_own_pictures(source))
    with pytest.raises(ValueError, match=r"cart\.png: cannot be read"):
        save_scenario(scenario, tmp_path / "made")
    (source / "cart.png").write_bytes(b"cart")
    (source / "street.png").write_bytes(b"street")
    saved = save_scenario(scenario, tmp_path / "made")
    assert str(tmp_path) not in saved.read_text(encoding="utf-8")
    moved = (tmp_path / "made").rename(tmp_path / "moved")
    again = load_scenario(moved / saved.name)
    assert again.scenery.background is not None
    assert again.scenery.background.read_bytes() == b"street"
    cart = again.actor("cart").picture
    assert cart is not None
    assert cart.read_bytes() == b"cart"


def _own_pictures(folder: Path) -> Path:
    raw = content() | {"tiers": ["composed"], "scenery": {"background": "street.png"}}
    raw["camera"][0]["ground_points"] = [
        [0.1, 0.9, -4, 6],
        [0.9, 0.9, 4, 6],
        [0.6, 0.4, 4, 30],
        [0.4, 0.4, -4, 30],
    ]
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
    path = folder / f"own{SUFFIX}"
    path.write_text(tomli_w.dumps(raw), encoding="utf-8")
    return path


def test_every_category_of_cases_can_be_a_true_problem() -> None:
    assert {category.value for category in Category} <= {subject.value for subject in Subject}


@pytest.mark.parametrize(("amount", "blind"), [(0.3, False), (0.9, True)])
def test_a_lens_counts_as_covered_from_most_of_the_frame(amount: float, blind: bool) -> None:
    assert Condition(kind=ConditionKind.COVERED, amount=amount).blinding is blind
