"""Somebody's own weights, by commands alone: train, export, add, evaluate (needs torch)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("onnx", reason="the train extra is not installed")

from kerbwatch.commands.models import models
from models.card import load_card
from models.training.folder import write_sample

pytestmark = pytest.mark.train
W, H = 128, 96
RECIPE = """
width = 128
height = 96
steps = 2
batch = 2
warm_up = 1
frozen = []
evaluate_on = ["my_val"]
[folders]
mine = 1.0
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two data sets of one's own and a finished run."""
    root = tmp_path_factory.mktemp("own")
    for folder in ("mine", "my_val"):
        for index in range(3):
            picture = np.full((H, W, 3), 60, np.uint8)
            picture[20:60, 30:90] = 200
            box = np.array([[1, 30 / W, 20 / H, 90 / W, 60 / H]], np.float32)
            write_sample(root / "sets" / folder, f"{index}.png", cv2.imencode(".png", picture)[1].tobytes(), box)
    (root / "mine.toml").write_text(RECIPE, encoding="utf-8")
    words = [
        "--datasets",
        str(root / "sets"),
        "--recipe",
        str(root / "mine.toml"),
        "--out",
        str(root / "runs/mine"),
    ]
    _run("train", *words, "--threads", "1", "--workers", "0")
    return root


def _run(*words: str, fails: bool = False) -> str:
    done = CliRunner().invoke(models, list(words))
    assert (done.exit_code != 0) == fails, done.output
    return done.output


def test_a_run_becomes_a_model_that_can_be_added_and_measured_on_a_set_of_ones_own(place: Path) -> None:
    out, own, sets = place / "out", place / "models", str(place / "sets")
    _run(
        "export",
        "--run",
        str(place / "runs/mine"),
        "--datasets",
        sets,
        "--out",
        str(out),
        "--started-from",
        "none",
    )
    card = load_card(out / "mine.toml")
    assert any("'mine'" in source for source in card.provenance.sources)
    assert "Apache" not in card.provenance.licence
    assert sorted(path.name for path in out.iterdir()) == ["mine.onnx", "mine.toml"]
    _run("add", str(out / "mine.toml"), "--folder", str(own))
    (place / "sets/my_val/set.toml").write_text('kind = "rendered"\nlabels = "exact"\n', encoding="utf-8")
    words = ["--datasets", sets, "--on", "my_val", "--no-time", "--curves", "0", "--folder", str(own)]
    told = _run("evaluate", "mine", *words)
    assert "| rendered | my_val | vehicle | exact | 3 in 3 |" in told


def test_an_export_that_fails_leaves_what_was_there(place: Path) -> None:
    out = place / "kept"
    out.mkdir()
    (out / "mine.onnx").write_bytes(b"before")
    words = ["--run", str(place / "runs/mine"), "--out", str(out), "--datasets", str(place)]
    assert "my_val" in _run("export", *words, fails=True)
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("mine.onnx", b"before")]


def test_a_recipe_without_held_out_pictures_cannot_be_exported(place: Path) -> None:
    blind = place / "blind.toml"
    blind.write_text(RECIPE.replace('["my_val"]', "[]"), encoding="utf-8")
    words = ["--run", str(place / "runs/mine"), "--recipe", str(blind), "--datasets", str(place / "sets")]
    assert "evaluate_on" in _run("export", *words, "--out", str(place / "none"), fails=True)


@pytest.mark.parametrize(
    ("text", "says"),
    [("kind = 3", "kind = 3"), ("colour = 'red'", "colour: unknown"), ("kind = [", "not TOML")],
)
def test_what_a_set_says_wrongly_about_itself_is_named(place: Path, text: str, says: str) -> None:
    from models.evaluation.sources import sets_named
    from models.training.folder import LabelError

    folder = place / "sets" / "odd"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "set.toml").write_text(text, encoding="utf-8")
    with pytest.raises(LabelError, match=says):
        sets_named(place / "sets", ["odd"])
