"""The `models` commands as a user runs them, with the real engines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edge.config import DetectorSection
from kerbwatch.cli import cli
from tests.detectors.runtime.conftest import constant_graph
from tests.models.parcels import parcel

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's catalogue of this test."""
    monkeypatch.setenv("KERBWATCH_MODELS", str(tmp_path / "catalogue"))
    return tmp_path / "catalogue"


def models(*words: object) -> Result:
    return CliRunner().invoke(cli, ["models", *map(str, words)])


def test_own_weights_are_added_named_by_a_node_verified_listed_and_removed(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    assert models("add", card).exit_code == 0
    assert DetectorSection(model="mine").resolve().card.name == "mine"
    verified = models("verify", "mine")
    assert (verified.exit_code, "ok in onnxruntime, sees 1" in verified.output) == (0, True)
    rows = {row["name"]: row for row in json.loads(models("list", "--json").output)["models"]}
    assert rows["mine"]["own"]
    assert rows["mine"]["has_weights"]
    assert rows["kerbwatch-nano"]["has_weights"]
    assert models("remove", "mine").exit_code == 0
    with pytest.raises(ValueError, match="not in the catalogue"):
        DetectorSection(model="mine")


def test_a_node_finds_models_in_the_folder_that_its_file_names(tmp_path: Path) -> None:
    assert models("add", parcel(tmp_path / "in"), "--folder", tmp_path / "node").exit_code == 0
    assert DetectorSection(models_dir=tmp_path / "node", model="mine").resolve().read()
    with pytest.raises(ValueError, match="not in the catalogue"):
        DetectorSection(model="mine")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no graph at all", "load_failed"),
        (constant_graph({"output": np.zeros((1, 3, 7), np.float32)}), "output.layout"),
        (constant_graph({"output": np.full((1, 1, 6), np.inf, np.float32)}), "output_not_finite"),
    ],
)
def test_weights_that_are_not_what_the_card_says_are_refused_with_the_fix(
    tmp_path: Path, folder: Path, content: bytes, said: str
) -> None:
    refused = models("add", parcel(tmp_path / "in", content))
    assert refused.exit_code == 1
    assert said in refused.output
    assert not (folder / "mine").exists()


def test_verify_fails_when_the_figures_are_not_those_of_the_card(tmp_path: Path) -> None:
    smoke = '[[smoke]]\nclass = "person"\nscore = 0.5\nbox = [0.1, 0.1, 0.5, 0.5]'
    refused = models("verify", parcel(tmp_path / "in", more=smoke))
    assert refused.exit_code == 1
    assert "smoke says person 0.50" in refused.output
    assert "seen was 0.90" in refused.output


def test_verify_writes_a_fingerprint_that_verify_accepts(tmp_path: Path) -> None:
    card = parcel(tmp_path / "in")
    lines = models("verify", card, "--smoke").output
    card.write_text(card.read_text() + lines)
    assert "1 of its card's sightings found again" in models("verify", card).output


def test_verify_all_fails_for_one_broken_model_and_still_checks_the_others(tmp_path: Path, folder: Path) -> None:
    assert models("add", parcel(tmp_path / "in")).exit_code == 0
    (folder / "mine" / "mine.onnx").write_bytes(b"rotten")
    (folder / "bad").mkdir()
    (folder / "bad" / "card.toml").write_text("name = 1")
    found = models("verify", "--all")
    assert found.exit_code == 1
    assert "kerbwatch-nano: ok" in found.output
    assert "mine: " in found.output
    assert "bad: " in found.output


def test_contradicting_words_are_refused() -> None:
    for words in (["verify"], ["verify", "x", "--all"], ["verify", "--all", "--smoke"]):
        assert models(*words).exit_code == 2


def test_fetch_shows_the_index_and_refuses_plain_http() -> None:
    assert "omz-2004" in models("fetch").output
    refused = models("fetch", "x", "--index", "http://mirror.example/index.toml")
    assert refused.exit_code == 1
    assert "https" in refused.output
