"""The measuring command on the shipped weights and a set of one picture; what it refuses, it explains."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from rich.progress import Progress

import models
from models.catalogue import list_models, shipped_card
from models.commands.evaluate import evaluate
from models.commands.export import export, made_by
from models.evaluation.for_card import write_cards
from models.evaluation.opening import shipped
from models.evaluation.report import Figure, Figures
from models.evaluation.tables import BEGIN, END
from models.training.build import build
from models.training.folder import LabelError, write_sample
from models.training.reference import GARBAGE
from tests.models.parcels import graph
from tests.models.test_external_data import model as onnx_model
from tests.models.test_external_data import outside


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
        (["kerbwatch-nano", "--on", "moon_val"], "no such set; name a folder with images"),
        (["no-such-model", "--on", "malta_val"], "no-such-model"),
        (["omz-2004", "--on", "malta_val"], "give it with --data"),
        (["kerbwatch-nano", "--on", "dhaka_val", "--no-time"], "no pictures"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(datasets: Path, words: list[str], says: str) -> None:
    done = CliRunner().invoke(evaluate, [*words, "--datasets", str(datasets)])
    assert done.exit_code == 1
    assert says in done.output


def street_card(folder: Path, name: str = "mine", **changes: str) -> Path:
    """A card for the shipped weights under another name, with some of its lines changed."""
    shipped = Path(models.__file__).parent / "weights"
    text = (shipped / "kerbwatch-nano.toml").read_text().replace('name = "kerbwatch-nano"', f'name = "{name}"')
    for old, new in changes.items():
        text = re.sub(rf"(?m)^{old} = .*$", new, text, count=1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kerbwatch-nano.onnx").write_bytes((shipped / "kerbwatch-nano.onnx").read_bytes())
    card = folder / "card.toml"
    card.write_text(text)
    return card


@pytest.mark.parametrize("field", ["colour = 'RGB'", "scale = 0.5", "decoded = true", "pad_anchor = 'centre'"])
def test_a_card_that_is_read_otherwise_than_measuring_reads_gets_no_wrong_figures(
    datasets: Path, tmp_path: Path, field: str
) -> None:
    card = street_card(tmp_path / "in", **{field.split()[0]: field})
    done = CliRunner().invoke(evaluate, [str(card), "--datasets", str(datasets), "--on", "malta_val"])
    assert done.exit_code == 1
    assert field.split()[0] in done.output
    assert "cannot be measured" in done.output


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file"),
        (b"junk", "is no YOLOX file"),
        (graph(), "is no YOLOX file"),
        (onnx_model(outside(), "initializer"), "external data"),
    ],
)
def test_a_bare_file_that_cannot_be_measured_is_refused_not_given_figures_of_zero(
    datasets: Path, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "best.onnx"
    if content is not None:
        file.write_bytes(content)
    done = CliRunner().invoke(evaluate, [str(file), "--datasets", str(datasets), "--on", "malta_val"])
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert says in done.output


def test_two_files_of_one_name_are_not_measured_as_one(datasets: Path) -> None:
    done = CliRunner().invoke(evaluate, ["a/best.onnx", "b/best.onnx", "--datasets", str(datasets)])
    assert done.exit_code == 1
    assert "a/best.onnx and b/best.onnx would share one column" in done.output


def test_the_name_of_the_output_does_not_keep_a_card_from_being_measured(datasets: Path, tmp_path: Path) -> None:
    card = street_card(tmp_path / "in", layout='layout = "NCHW"', decoded='decoded = false\nbox_tensor = "output"')
    words = [str(card), "--datasets", str(datasets), "--on", "malta_val", "--no-time", "--curves", "0"]
    done = CliRunner().invoke(evaluate, words)
    assert done.exit_code == 0, done.output


def test_a_data_folder_that_lacks_a_set_is_refused_before_any_work(tmp_path: Path) -> None:
    with Progress(disable=True) as progress, pytest.raises(LabelError, match=r"garbage_amsterdam.*--data"):
        list(build(tmp_path, tmp_path / "out", 1, 1, 1, progress))
    assert not (tmp_path / "out").exists()


def test_one_set_is_measured_in_full_without_the_others(datasets: Path) -> None:
    done = CliRunner().invoke(
        evaluate, ["kerbwatch-nano", "--datasets", str(datasets), "--on", "malta_val", "--curves", "1"]
    )
    assert done.exit_code == 0, done.output
    assert "Processor time" in done.output
    assert "garbage (malta_val)" in done.output


def test_a_document_without_marks_is_refused_before_anything_is_measured(datasets: Path, tmp_path: Path) -> None:
    document = tmp_path / "plain.md"
    document.write_text("no marks")
    done = CliRunner().invoke(
        evaluate, ["no-such-model", "--datasets", str(datasets), "--document", str(document)]
    )
    assert "put them where the tables belong" in done.output


def test_the_users_own_models_are_neither_measured_as_shipped_nor_are_their_cards_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = street_card(tmp_path / "mine")
    monkeypatch.setenv("KERBWATCH_MODELS", str(tmp_path))
    assert "mine" in {entry.card.name for entry in list_models() if entry.has_weights}
    assert shipped() == ["kerbwatch-nano", "kerbwatch-street"]
    row = Figure(
        model="mine",
        folder="malta_val",
        kind="real",
        labelled_by="authors",
        object_class="garbage",
        pictures=1,
        labels=1,
        ap50=0.5,
        low=0.4,
        high=0.6,
    )
    before = card.read_text()
    assert write_cards([row]) == []
    assert card.read_text() == before


def test_no_path_of_this_machine_gets_into_the_tables(
    datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["kerbwatch-nano", f"--datasets={datasets}", "--on", "malta_val", "--no-time", "--curves", "0"]
    monkeypatch.setattr("sys.argv", ["kerbwatch", "models", "evaluate", *words])
    done = CliRunner().invoke(evaluate, words)
    assert done.exit_code == 0, done.output
    assert f"--datasets={datasets.name}" in done.output
    assert str(tmp_path) not in done.output


def test_a_cards_command_makes_the_same_file_again() -> None:
    recipes = (Path("x/recipe.toml"), Path("x/second.toml"))
    command = made_by(recipes, "mine", (416, 256), True).split(" && ")[-1]
    words = command.split()[3:]
    assert "--size 416x256" in command
    assert "--int8" in words
    assert [words[at + 1] for at, word in enumerate(words) if word == "--recipe"] == [
        "models/training/recipe.toml",
        "models/training/second.toml",
    ]


def test_the_second_sets_card_says_the_size_of_its_export() -> None:
    card = shipped_card("kerbwatch-street")
    assert card is not None
    assert f"--size {card.input.width}x{card.input.height}" in card.provenance.command


@pytest.mark.parametrize("size", ["448", "450x256", "32x32", "axb"])
def test_an_input_size_that_no_grid_fits_is_refused(size: str) -> None:
    done = CliRunner().invoke(export, ["--run", ".", "--size", size])
    assert done.exit_code == 2
    assert "--size" in done.output
