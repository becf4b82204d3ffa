"""The command line as a user meets it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerbwatch.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    answer = CliRunner().invoke(cli, [name, "--help"])
    assert answer.exit_code == 0, answer.output
    assert f"kerbwatch {name}" in answer.output


def test_the_list_of_commands_imports_none_of_them() -> None:
    before = set(sys.modules)
    answer = CliRunner().invoke(cli, ["--help"])
    assert answer.exit_code == 0
    assert all(name in answer.output for name in COMMANDS)
    assert not {room.module for room in COMMANDS.values()} & (set(sys.modules) - before)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> object:
        raise ModuleNotFoundError("No module named 'cv2'", name="cv2")

    monkeypatch.setattr(importlib, "import_module", refuse)
    answer = CliRunner().invoke(cli, ["edge", "--config", "x.toml"])
    assert answer.exit_code == 1
    assert "cv2" in answer.output
    assert "pip install 'kerbwatch[edge]'" in answer.output


@pytest.mark.parametrize(
    ("config", "field", "fix"),
    [
        ("[node]\nsite = 'x'\nname = 'y'\ncolour = 'red'\n", "node.colour", "unknown key"),
        ("[node]\nsite = 'x'\n", "node.name", "missing"),
        ("node = [", "(file)", "not valid TOML"),
    ],
)
def test_a_wrong_configuration_ends_with_code_2_and_names_field_and_fix(
    tmp_path: Path, config: str, field: str, fix: str
) -> None:
    file = tmp_path / "node.toml"
    file.write_text(config)
    answer = CliRunner().invoke(cli, ["edge", "--config", str(file), "--check"], standalone_mode=False)
    text = answer.output + str(answer.exception)
    assert field in text
    assert fix in text


def test_check_warns_of_looks_too_slow_to_tell_a_fault_within_a_minute(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(
        '[node]\nsite = "x"\nname = "y"\ndata_dir = "data"\n'
        '[[camera]]\nname = "north"\nsource = "rtsp://10.0.0.7/main"\nlook_interval_s = 120\n'
        '[[camera.zone]]\nname = "kerb"\npurpose = "no_stopping"\npolygon = [[0, 0], [1, 0], [1, 1]]\n'
        '[[camera.zone.rule]]\ncategory = "parked_vehicle"\ndwell_s = 300\n'
    )
    answer = CliRunner().invoke(cli, ["edge", "--config", str(file), "--check"])
    assert answer.exit_code == 0, answer.output
    assert "camera.0.look_interval_s" in answer.stderr
    assert "give 30 or less" in answer.stderr
    assert "is right" in answer.stdout
