"""The command group: help with examples, refusals, files written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scenarios.cli import scenarios


@pytest.mark.parametrize("command", [["clip"], ["training-set"], ["sheet", "clip"], ["sheet", "training"]])
def test_every_command_shows_an_example(command: list[str]) -> None:
    result = CliRunner().invoke(scenarios, [*command, "--help"])
    assert result.exit_code == 0
    assert "kerbwatch scenarios" in result.output


def test_a_training_set_and_its_sheet_are_written(tmp_path: Path) -> None:
    runner = CliRunner()
    made = runner.invoke(scenarios, ["training-set", "--count", "2", "--out", str(tmp_path / "set")])
    assert made.exit_code == 0, made.output
    picture = tmp_path / "sheets" / "sheet.png"
    drawn = runner.invoke(scenarios, ["sheet", "training", str(tmp_path / "set"), "--out", str(picture)])
    assert drawn.exit_code == 0, drawn.output
    assert picture.stat().st_size > 1000


def test_a_demo_seed_for_training_is_refused_with_the_range(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        scenarios, ["training-set", "--count", "2", "--first-seed", "7", "--out", str(tmp_path)]
    )
    assert result.exit_code == 2
    assert "1000000" in result.output
