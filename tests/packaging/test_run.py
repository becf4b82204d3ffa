"""The command for all checks shares the whole suite between two processes, and a part of it between none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "run"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """`run` beside programs that do nothing, and a Python that tells what it was called with."""
    shutil.copy(RUN, tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("dpkg-query", "apt-get", "ruff", "mypy", "lint-imports"):
        _program(programs / name, "echo install ok installed")
    _program(programs / "python", 'echo "called: $* threads: $OMP_NUM_THREADS"')
    for file in ("pyproject.toml", "constraints.txt", ".venv/installed-dev", ".venv/installed-train"):
        (tmp_path / file).touch()
    return tmp_path


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def pytest_called(checkout: Path, *options: str) -> str:
    """What pytest was called with."""
    environment = {**os.environ, "PATH": f"{checkout / '.venv' / 'bin'}:{os.environ['PATH']}"}
    # Nothing is to be installed, so any Python will do to make no virtualenv with.
    environment["PYTHON"] = str(checkout / ".venv" / "bin" / "python")
    command = [checkout / "run", "test", *options]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return said.rpartition("called: ")[2]


def test_the_whole_suite_runs_in_two_processes_that_keep_files_whole(checkout: Path) -> None:
    called = pytest_called(checkout)
    assert called.startswith("-m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov")
    assert called.endswith("threads: 1\n")


@pytest.mark.parametrize("options", [["-k", "name"], ["-kname"], ["-m", "broker"], ["tests/edge"], ["--lf"]])
def test_a_part_of_it_runs_in_one(checkout: Path, options: list[str]) -> None:
    called = pytest_called(checkout, *options)
    assert "-n 2" not in called
    assert f"{' '.join(options)} threads" in called


def test_the_number_given_comes_last_and_so_holds(checkout: Path) -> None:
    called = pytest_called(checkout, "-n", "0")
    assert called.index("-n 2") < called.index("-n 0")
