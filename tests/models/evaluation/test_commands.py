"""The measuring command on the shipped weights and a set of one picture; what it refuses, it explains."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from models.commands.evaluate import evaluate
from models.commands.export import export
from models.evaluation.report import Figures
from models.evaluation.tables import BEGIN, END
from models.training.folder import write_sample
from models.training.reference import GARBAGE


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    data = cv2.imencode(".png", np.full((60, 100, 3), 90, np.uint8))[1].tobytes()
    write_sample(tmp_path / "malta_val", "one.png", data, np.array([[GARBAGE, 0.1, 0.1, 0.4, 0.5]], np.float32))
    return tmp_path


def test_the_command_writes_the_same_figures_to_screen_json_and_document(datasets: Path, tmp_path: Path) -> None:
    document, json_file = tmp_path / "models.md", tmp_path / "figures.json"
    document.write_text(f"{BEGIN}\n{END}\n")
    words = ["kerbwatch-nano", "--datasets", str(datasets), "--on", "malta_val", "--no-time", "--curves", "0"]
    done = CliRunner().invoke(evaluate, [*words, "--json", str(json_file), "--document", str(document)])
    assert done.exit_code == 0, done.output
    (row,) = Figures.model_validate_json(json_file.read_text()).figures
    assert (row.object_class, row.labels, row.kind) == ("garbage", 1, "real")
    line = next(line for line in done.output.splitlines() if "malta_val" in line and line.startswith("|"))
    assert line in document.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["kerbwatch-nano", "--on", "moon_val"], "no such set; use dhaka_val"),
        (["no-such-model", "--on", "malta_val"], "no-such-model"),
        (["omz-2004", "--on", "malta_val"], "give it with --data"),
        (["kerbwatch-nano", "--on", "dhaka_val", "--no-time"], "no pictures"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(datasets: Path, words: list[str], says: str) -> None:
    done = CliRunner().invoke(evaluate, [*words, "--datasets", str(datasets)])
    assert done.exit_code == 1
    assert says in done.output


@pytest.mark.parametrize("size", ["448", "450x256", "32x32", "axb"])
def test_an_input_size_that_no_grid_fits_is_refused(size: str) -> None:
    done = CliRunner().invoke(export, ["--run", ".", "--size", size])
    assert done.exit_code == 2
    assert "--size" in done.output
