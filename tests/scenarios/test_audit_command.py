"""The audit of a folder, as somebody who writes a suite of her own runs it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from scenarios.cli import audit_folder
from scenarios.language.files import save_scenario
from tests.scenarios.world.streets import PARKED, parking


def test_an_honest_folder_passes_and_a_lie_is_printed_with_its_file(tmp_path: Path) -> None:
    save_scenario(parking(name="honest"), tmp_path)
    told = CliRunner().invoke(audit_folder, [str(tmp_path)])
    assert told.exit_code == 0
    assert "honest.scenario.toml: nothing found" in told.output

    save_scenario(parking(name="liar", problem=({**PARKED, "end_s": 950.0},)), tmp_path)
    told = CliRunner().invoke(audit_folder, [str(tmp_path)])
    assert told.exit_code == 1
    assert "liar.scenario.toml: 1 found\n  problem 'parked': nothing of it stands in zone 'kerb'" in told.output


def test_an_empty_folder_is_refused_without_a_traceback(tmp_path: Path) -> None:
    told = CliRunner().invoke(audit_folder, [str(tmp_path)])
    assert told.exit_code == 1
    assert "holds no file named" in told.output


def test_the_example_of_the_guide_is_honest() -> None:
    told = CliRunner().invoke(audit_folder, [str(Path(__file__).parents[2] / "docs" / "examples")])
    assert told.exit_code == 0, told.output
