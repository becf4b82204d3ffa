"""The weights in the repository are those that their card describes, and small enough to live there."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ingest.taxonomy import ObjectClass
from models.card import load_card
from models.evaluation.for_card import card_figures
from models.evaluation.report import Figures
from models.evaluation.tables import BEGIN, END, markdown
from models.training.folder import CLASSES

_WEIGHTS = Path(__file__).resolve().parents[3] / "models" / "weights"
CARDS = sorted(_WEIGHTS.glob("*.toml"))
_RUN = Figures.model_validate_json((_WEIGHTS / "figures.json").read_text(encoding="utf-8"))
_LIMIT = 12_000_000
every_card = pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)


def test_two_sets_ship() -> None:
    assert [card.stem for card in CARDS] == ["kerbwatch-nano", "kerbwatch-street"]


@every_card
def test_the_card_names_the_very_file_beside_it(path: Path) -> None:
    card = load_card(path)
    weights = path.parent / card.file
    assert sha256(weights.read_bytes()).hexdigest() == card.sha256
    assert weights.stat().st_size < _LIMIT


@every_card
def test_the_card_and_the_training_code_agree_on_the_classes(path: Path) -> None:
    assert load_card(path).classes == dict(enumerate(CLASSES))


@every_card
def test_the_card_says_where_the_weights_come_from(path: Path) -> None:
    provenance = load_card(path).provenance
    assert provenance.licence == "Apache-2.0"
    assert any("YOLOX" in source for source in provenance.sources)
    assert "AGPL" in provenance.notes
    assert any("vtest.avi" in line for line in provenance.accuracy)


@every_card
@pytest.mark.parametrize("kind", [ObjectClass.PERSON, ObjectClass.VEHICLE, ObjectClass.GARBAGE, ObjectClass.STALL])
def test_every_class_has_a_threshold_of_its_own(path: Path, kind: ObjectClass) -> None:
    assert kind in load_card(path).thresholds.per_class


@every_card
def test_real_figures_are_stated_with_interval_and_apart_from_made_pictures(path: Path) -> None:
    figures = load_card(path).figures
    assert {figure.kind for figure in figures} == {"real", "pseudo", "composite", "rendered"}
    assert all(figure.low is not None for figure in figures)
    bags = next(figure for figure in figures if figure.source == "malta_val")
    assert (bags.kind, bags.class_, bags.labels) == ("real", ObjectClass.GARBAGE, 68)


@every_card
def test_stalls_are_called_experimental(path: Path) -> None:
    assert load_card(path).experimental == (ObjectClass.STALL,)


@every_card
def test_the_card_states_the_figures_of_the_measuring_run(path: Path) -> None:
    rows = [row for row in _RUN.figures if row.model == path.stem]
    assert list(load_card(path).figures) == card_figures(rows)


def test_the_tables_of_the_documentation_are_those_of_the_measuring_run() -> None:
    document = (_WEIGHTS.parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
    assert document.split(BEGIN)[1].split(END)[0].strip() == markdown(_RUN).strip()
