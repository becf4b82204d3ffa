from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.taxonomy import ObjectClass
from models.card import Backend, parse_card
from models.catalogue import ResolvedModel
from models.errors import BackendMissing, TrialFailed
from models.trial import SCORE_TOLERANCE, Seen, judge_trial, smoke_lines, try_model
from models.trial_picture import street
from tests.models.parcels import ONE, card_text, sees_one

SURE = Seen(ObjectClass.PERSON, 0.8, (0.1, 0.1, 0.5, 0.5))


def test_the_test_picture_is_the_same_everywhere_and_always() -> None:
    digest = hashlib.sha256(street().tobytes()).hexdigest()
    assert digest == "247598176b395b186326cd5b20905d91c403a8265a779915b3d5178180c2f027"


def test_a_fingerprint_appended_to_any_card_leaves_a_card() -> None:
    text = card_text(b"").rstrip("\n") + smoke_lines([SURE] * 100)
    assert len(parse_card(text, origin="x").smoke) == 64


def test_what_is_written_as_fingerprint_is_passed_by_the_same_sightings() -> None:
    card = parse_card(card_text(b"", more=smoke_lines([SURE])), origin="x")
    assert judge_trial(card, Backend.ONNXRUNTIME, [SURE], []).compared == 1


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [Seen(ObjectClass.VEHICLE, 0.8, SURE.box)],
        [Seen(ObjectClass.PERSON, 0.8 - SCORE_TOLERANCE - 0.01, SURE.box)],
        [Seen(ObjectClass.PERSON, 0.8, (0.5, 0.1, 0.9, 0.5))],
    ],
)
def test_other_figures_than_the_cards_fail_the_trial(seen: list[Seen]) -> None:
    card = parse_card(card_text(b"", more=smoke_lines([SURE])), origin="x")
    with pytest.raises(TrialFailed, match="smoke says person"):
        judge_trial(card, Backend.ONNXRUNTIME, seen, [])


@given(st.integers(0, 300), st.integers(0, 300))
def test_seeing_hundreds_of_things_fails_the_trial(seen: int, blank: int) -> None:
    card = parse_card(card_text(b""), origin="x")
    if max(seen, blank) <= 100:
        judge_trial(card, Backend.ONNXRUNTIME, [ONE] * seen, [ONE] * blank)
    else:
        with pytest.raises(TrialFailed, match="picture with six"):
            judge_trial(card, Backend.ONNXRUNTIME, [ONE] * seen, [ONE] * blank)


def test_a_missing_backend_is_skipped_unless_it_is_the_only_one(tmp_path: Path) -> None:
    def look(model: ResolvedModel, backend: Backend, pictures: object, min_score: float) -> list[list[Seen]]:
        if backend is Backend.OPENVINO:
            raise BackendMissing("install it: pip install 'kerbwatch[openvino]'")
        return [[ONE], []]

    card = parse_card(card_text(b"").replace('["onnxruntime"]', '["openvino", "onnxruntime"]'), origin="x")
    model = ResolvedModel(card, tmp_path / "mine.onnx")
    assert [report.backend for report in try_model(model, look)] == [Backend.ONNXRUNTIME]
    with pytest.raises(TrialFailed, match="pip install"):
        try_model(model, look, [Backend.OPENVINO])


def test_a_model_whose_file_is_gone_is_told_by_the_file(tmp_path: Path) -> None:
    from models.errors import ModelNotFound

    with pytest.raises(ModelNotFound, match="give the file"):
        try_model(ResolvedModel(parse_card(card_text(b""), origin="x"), tmp_path / "gone.onnx"), sees_one)
