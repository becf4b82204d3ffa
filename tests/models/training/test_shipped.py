"""The weights in the repository are those that their card describes, and small enough to live there."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ingest.taxonomy import ObjectClass
from models.card import load_card
from models.training.folder import CLASSES

CARD = Path(__file__).resolve().parents[3] / "models" / "weights" / "kerbwatch-nano.toml"
_LIMIT = 12_000_000


def test_the_card_names_the_very_file_beside_it() -> None:
    card = load_card(CARD)
    weights = CARD.parent / card.file
    assert sha256(weights.read_bytes()).hexdigest() == card.sha256
    assert weights.stat().st_size < _LIMIT


def test_the_card_and_the_training_code_agree_on_the_classes() -> None:
    assert load_card(CARD).classes == dict(enumerate(CLASSES))


def test_the_card_says_where_the_weights_come_from() -> None:
    provenance = load_card(CARD).provenance
    assert provenance.licence == "Apache-2.0"
    assert any("YOLOX" in source for source in provenance.sources)
    assert "AGPL" in provenance.notes
    assert any("vtest.avi" in line for line in provenance.accuracy)


@pytest.mark.parametrize("kind", [ObjectClass.PERSON, ObjectClass.VEHICLE, ObjectClass.GARBAGE, ObjectClass.STALL])
def test_every_class_has_a_threshold_of_its_own(kind: ObjectClass) -> None:
    assert kind in load_card(CARD).thresholds.per_class
