"""The command group: help with examples, refusals, files written."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner, Result

from scenarios.cli import scenarios
from scenarios.families import FAMILIES, build
from scenarios.language.files import load_scenario, save_scenario
from scenarios.truth import Truth


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(scenarios, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short scenarios as files, cut down to a few looks."""
    out = tmp_path_factory.mktemp("streets")
    for name in ("traffic_only", "empty_street"):
        whole = build(name, 3, "short")
        save_scenario(whole.model_copy(update={"duration_s": 12.0, "problems": (), "must_not": ()}), out)
    return out


@pytest.mark.parametrize(
    "command",
    [["list"], ["make"], ["show"], ["clip"], ["training-set"], ["sheet", "clip"], ["sheet", "training"]],
)
def test_every_command_shows_an_example(command: list[str]) -> None:
    result = _run(*command, "--help")
    assert result.exit_code == 0
    assert "kerbwatch scenarios" in result.output


def test_the_group_lists_the_command_it_imports_late() -> None:
    assert "fit-errors" in _run("--help").output
    assert _run("fit-errors", "--help").exit_code == 0


def test_the_list_names_every_family_with_its_tiers() -> None:
    output = _run("list").output
    assert all(f"  {name} " in output for name in FAMILIES)
    assert output.rstrip().endswith(f"{len(FAMILIES)} families")


def test_the_list_of_a_folder_names_its_files(folder: Path) -> None:
    output = _run("list", folder).output
    assert "traffic_only-short-3.scenario.toml" in output
    assert "empty_street-short-3.scenario.toml" in output


def test_an_empty_folder_is_a_message_and_no_traceback(tmp_path: Path) -> None:
    result = _run("list", tmp_path)
    assert result.exit_code == 1
    assert "holds no file named" in result.output


def test_show_tells_each_problem_with_its_time_and_what_must_not_be_raised() -> None:
    scenario = build("inside_bay", 2, "short")
    output = _run("show", "inside_bay", "--seed", "2").output
    for claim in (*scenario.problems, *scenario.must_not):
        assert f"  {claim.id}: {claim.category}" in output
    for zone in scenario.zones:
        assert f"zone {zone.name} ({zone.purpose})" in output


def test_the_timeline_runs_forwards() -> None:
    output = _run("show", "vendor_moves_ten_metres", "--seed", "4").output
    lines = output.split("Timeline\n")[1].split("\n\n")[0].splitlines()
    seconds = [float(line.split()[0]) for line in lines]
    assert seconds == sorted(seconds)
    assert len(seconds) > 3


def test_a_sheet_holds_as_many_frames_as_asked_for(folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "sheets" / "street.png"
    shown = _run("show", folder / "traffic_only-short-3.scenario.toml", "--sheet", picture, "--frames", "4")
    assert shown.exit_code == 0, shown.output
    image = cv2.imread(str(picture))
    assert image is not None
    assert image.shape == (2 * 360, 3 * 640, 3)


def test_make_writes_a_scenario_that_reads_back_its_truth_and_its_videos(folder: Path, tmp_path: Path) -> None:
    file = folder / "empty_street-short-3.scenario.toml"
    made = _run("make", file, "--tier", "composed", "--out", tmp_path)
    assert made.exit_code == 0, made.output
    out = tmp_path / "empty_street-short-3"
    assert load_scenario(out / "empty_street-short-3.scenario.toml") == load_scenario(file)
    truth = Truth.load(out / "truth.json")
    assert truth.tier == "composed"
    assert all((out / str(camera.video)).stat().st_size > 0 for camera in truth.cameras)


def test_make_writes_a_line_of_sightings_for_each_look(tmp_path: Path) -> None:
    made = _run("make", "traffic_only", "--tier", "detections", "--seed", "3", "--out", tmp_path)
    assert made.exit_code == 0, made.output
    out = tmp_path / "traffic_only-short-3"
    looks = [json.loads(line) for line in (out / "sightings.jsonl").read_text(encoding="utf-8").splitlines()]
    truth = Truth.load(out / "truth.json")
    assert [look["at_s"] for look in looks] == sorted(look["at_s"] for look in looks)
    assert abs(len(looks) - truth.duration_s / truth.look_interval_s) <= 1
    assert any(one["class"] == "vehicle" for look in looks for one in look["sightings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("make", "nonsense"), "no family"),
        (("make", "power_cut", "--tier", "composed"), "has the tiers detections, not composed"),
        (("make", "traffic_only", "--tier", "composed", "--pretty", "--blender-python", "/none"), "cannot be run"),
        (("show", "long_stay"), "no profile"),
        (("show", "rain", "--sheet", "x.png", "--camera", "nowhere"), "camera 'nowhere' is none of"),
    ],
)
def test_what_cannot_be_made_is_a_message_and_no_traceback(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    result = _run(*arguments, *(("--out", tmp_path) if arguments[0] == "make" else ()))
    assert result.exit_code == 1
    assert words in result.output


def test_a_training_set_and_its_sheet_are_written(tmp_path: Path) -> None:
    made = _run("training-set", "--count", "2", "--out", tmp_path / "set")
    assert made.exit_code == 0, made.output
    picture = tmp_path / "sheets" / "sheet.png"
    drawn = _run("sheet", "training", tmp_path / "set", "--out", picture)
    assert drawn.exit_code == 0, drawn.output
    assert picture.stat().st_size > 1000


def test_a_demo_seed_for_training_is_refused_with_the_range(tmp_path: Path) -> None:
    result = _run("training-set", "--count", "2", "--first-seed", "7", "--out", tmp_path)
    assert result.exit_code == 2
    assert "1000000" in result.output
