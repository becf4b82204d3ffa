"""The command: exit codes, refusals, and what it writes."""

from __future__ import annotations

import dataclasses
import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scenarios.evaluation import cli
from scenarios.evaluation.steps import score_folder
from scenarios.families.pace import Profile
from scenarios.families.registry import FAMILIES
from scenarios.language.files import save_scenario
from scenarios.language.scenario import Scenario
from tests.scenarios.evaluation.doubles import STEPS, scenario

Evaluate = Callable[..., Result]


@pytest.fixture
def evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: dict[str, str]) -> Evaluate:
    """Runs the command with doubles for makers and runners; scorer and output are real."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "real_steps", lambda: dataclasses.replace(STEPS, score=score_folder))
    monkeypatch.setattr(cli, "profile_sha256", lambda name: name)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli.evaluate, list(arguments))

    return run


def streets(*names: str) -> str:
    for name in names:
        save_scenario(scenario(name), Path("streets"))
    return "streets"


def test_help_shows_examples_and_exit_codes(evaluate: Evaluate) -> None:
    said = evaluate("--help").output
    assert "kerbwatch evaluate --suite smoke" in said
    assert "Exit code: 0 all ran" in said


def test_scenarios_of_others_run_in_every_tier_they_name_and_give_figures(evaluate: Evaluate) -> None:
    result = evaluate("--scenarios", streets("a", "b"), "--json", "out/figures.json")
    assert result.exit_code == 0, result.output
    told = json.loads(Path("out/figures.json").read_text(encoding="utf-8"))
    assert told["format"] == "kerbwatch-evaluation/1"
    assert told["command"] == "kerbwatch evaluate --scenarios streets --json out/figures.json"
    assert told["items"] == {"all": 4, "kept": 0, "failed": 0}
    assert set(told["tiers"]) == {"detections", "composed"}
    tier: dict[str, Any] = told["tiers"]["detections"]
    for system, precision in ((tier, 1.0), (tier["baseline"], 1.0)):
        for figures in (system["overall"], *system["categories"].values()):
            assert {"recall", "precision", "cases_per_problem"} <= figures.keys()
        assert system["overall"]["recall"] == 1.0
        assert system["overall"]["precision"] == precision
        assert system["categories"]["garbage"]["recall"] is None
    assert tier["overall"]["cases_per_problem"] == 1.0
    assert tier["baseline"]["overall"]["cases_per_problem"] == 2.0
    assert tier["camera_hours"] == pytest.approx(200 / 3600, abs=1e-3)
    again = evaluate("--scenarios", "streets")
    assert "4 of 4 kept from before" in again.output


def test_json_on_stdout_is_nothing_but_json(evaluate: Evaluate) -> None:
    result = evaluate("--scenarios", streets("a"), "--tier", "detections", "--json", "-", "--no-baseline")
    told = json.loads(result.stdout)
    assert told["tiers"]["detections"]["baseline"] is None
    assert "recall" in result.stderr


def test_the_table_shows_both_systems_and_the_mistakes(evaluate: Evaluate) -> None:
    result = evaluate("--scenarios", streets("a"), "--tier", "detections")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert any("detections: 1 scenario(s)" in line for line in lines)
    rows = [line for line in lines if line.strip().startswith("parked vehicle")]
    assert any("2.00" in row for row in rows), "the baseline's two cases of one problem"
    assert "No mistakes." in result.stdout


def test_the_goals_say_where_too_little_was_tried_and_are_required_only_on_demand(evaluate: Evaluate) -> None:
    options = ("--scenarios", streets("a"), "--tier", "detections")
    result = evaluate(*options, "--json", "f.json", "--html", "f.html", "--markdown", "f.md")
    assert result.exit_code == 0, result.output
    told = json.loads(Path("f.json").read_text(encoding="utf-8"))["tiers"]["detections"]
    rows = {row["row"]: row for row in told["goals"]}
    assert next(iter(rows)) == "overall"
    (recall,) = [one for one in rows["parked_vehicle"]["goals"] if one["name"] == "recall"]
    assert (recall["figure"], recall["limit"], recall["trials"], recall["needed"]) == (1.0, 0.97, 1, 300)
    assert recall["state"] == "too_few"
    assert len(told["baseline_goals"]) == len(told["goals"])
    for shown in (result.stdout, *(Path(name).read_text(encoding="utf-8") for name in ("f.html", "f.md"))):
        assert "Goals of detection" in shown
        assert "too few (1 of 300)" in shown
    assert evaluate(*options, "--require-goals").exit_code == 3


def test_a_part_without_the_acceptance_suite_is_refused(evaluate: Evaluate) -> None:
    result = evaluate("--suite", "smoke", "--part", "negatives")
    assert result.exit_code == 2
    assert "--part belongs to --suite acceptance" in result.stderr


def test_a_failed_item_makes_the_exit_code_one_and_is_shown_in_every_output(evaluate: Evaluate) -> None:
    folder = streets("raises", "a")
    result = evaluate("--scenarios", folder, "--tier", "detections", "--json", "f.json", "--html", "f.html")
    assert result.exit_code == 1
    assert "failed: detections/raises" in result.stdout
    (failed,) = json.loads(Path("f.json").read_text(encoding="utf-8"))["failed"]
    assert failed["scenario"] == "raises"
    assert failed["reason"].startswith("ValueError: its street is <b>impossible</b>")
    page = Path("f.html").read_text(encoding="utf-8")
    assert "its street is &lt;b&gt;impossible&lt;/b&gt;" in page
    assert "<b>" not in page


def test_where_everything_failed_there_is_still_an_output(evaluate: Evaluate) -> None:
    result = evaluate("--scenarios", streets("raises"), "--tier", "detections", "--json", "f.json")
    assert result.exit_code == 1
    assert json.loads(Path("f.json").read_text(encoding="utf-8"))["tiers"] == {}


def test_a_wrong_scenario_file_is_refused_with_field_value_and_fix(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "bad.scenario.toml").write_text('name = "bad"\nduration_s = -5.0\n', encoding="utf-8")
    command = [sys.executable, "-m", "kerbwatch", "evaluate", "--scenarios", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert result.returncode == 2
    assert "duration_s = -5.0" in result.stderr
    assert "greater than 0" in result.stderr
    assert not (tmp_path / "data").exists(), "nothing is begun"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "give either --suite or --scenarios"),
        (["--suite", "smoke", "--scenarios", "."], "give either --suite or --scenarios"),
        (["--scenarios", "streets", "--seeds", "1000"], "--seeds belongs to --suite"),
        (["--scenarios", "streets", "--seeds", "9-1"], "the smaller one first"),
        (["--scenarios", "streets", "--seeds", "x"], "no range of seeds"),
        (["--scenarios", "streets", "--family", "other"], "nothing is left to run"),
        (["--scenarios", "streets", "--model", "nonesuch"], "not in the catalogue"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(
    evaluate: Evaluate, arguments: list[str], complaint: str
) -> None:
    streets("a")
    result = evaluate(*arguments)
    assert result.exit_code == 2, result.output
    assert complaint in result.stderr


@pytest.mark.parametrize("option", ["--out", "--json", "--html"])
def test_what_could_not_be_written_at_the_end_is_refused_at_the_beginning(evaluate: Evaluate, option: str) -> None:
    Path("file").write_text("", encoding="utf-8")
    result = evaluate("--scenarios", streets("a"), option, "file/below/it")
    assert result.exit_code == 2, result.output
    assert option in result.stderr
    assert "is no folder" in result.stderr
    assert not Path("data").exists(), "nothing is begun"
    assert evaluate("--scenarios", "streets", "--json", ".").exit_code == 2


def test_a_full_disk_ends_the_run_with_what_to_do(evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "kept")

    monkeypatch.setattr("scenarios.evaluation.store.write_atomically", full)
    result = evaluate("--scenarios", streets("a"), "--tier", "detections")
    assert result.exit_code == 1, result.output
    assert "No space left on device" in result.stderr
    assert "the same command goes on from there" in result.stderr


def test_a_family_that_cannot_be_built_is_a_failed_item(
    evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impossible(seed: int, profile: Profile) -> Scenario:
        raise ValueError("no such street")

    broken = dataclasses.replace(FAMILIES["parked_alone"], build=impossible)
    monkeypatch.setitem(FAMILIES, "parked_alone", broken)
    options = ("--tier", "detections", "--family", "parked_alone", "--family", "bag_dumped")
    result = evaluate("--suite", "smoke", *options, "--json", "f.json", "--html", "f.html")
    assert result.exit_code == 1, result.output
    assert "failed: detections/parked_alone-short-1" in result.output
    told = json.loads(Path("f.json").read_text(encoding="utf-8"))
    assert told["items"]["failed"] == len(told["failed"]) > 0
    assert {one["reason"] for one in told["failed"]} == {"it cannot be built: ValueError: no such street"}
    assert "no such street" in Path("f.html").read_text(encoding="utf-8")
