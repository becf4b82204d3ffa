"""The written card is one that the runtime accepts, and its thresholds come from held-out pictures."""

from __future__ import annotations

import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.card import parse_card
from models.evaluation.for_card import card_figures, with_figures
from models.evaluation.report import Figure
from models.training.boxes import Detections, Picture
from models.training.card_file import CardFacts, card_text
from models.training.evaluate import Judged
from models.training.figures import choose_thresholds, set_lines
from models.training.folder import CLASSES
from models.training.footage import FootageError, count_photos, frames, reference_truth
from models.training.recipe import Recipe
from models.training.reference import GARBAGE, PERSON, STALL

RECIPE = Recipe(folders={"tiny": 1.0})


def judged(scores: list[float], right: list[bool], labelled: int) -> Judged:
    return Judged(np.array(scores, np.float32), np.array(right, bool), labelled)


NOTHING = judged([], [], 0)


def test_a_written_card_is_accepted_with_quotes_and_chinese_in_it(tmp_path: Path) -> None:
    weights = tmp_path / "x.onnx"
    weights.write_bytes(b"weights")
    line = 'accuracy "quoted" \\ 摊位'
    row = Figure(
        model="x",
        folder="streets",
        kind="real",
        labelled_by="teacher",
        object_class="person",
        pictures=2,
        labels=3,
        ap50=0.5,
        low=0.4,
        high=0.7,
    )
    facts = CardFacts(
        "x", "1", weights, {PERSON: 0.4, GARBAGE: 0.3}, [line], "make it", (448, 256), figures=card_figures([row])
    )
    card = parse_card(card_text(facts, [RECIPE]), origin="x.toml")
    assert card.provenance.accuracy == (line,)
    assert card.classes == dict(enumerate(CLASSES))
    assert card.thresholds.of(CLASSES[GARBAGE]) == pytest.approx(0.3)
    assert (card.input.width, card.input.height) == (448, 256)
    assert [(figure.kind, figure.value) for figure in card.figures] == [("pseudo", 0.5)]
    assert card.experimental == (CLASSES[STALL],)
    assert not any("amsterdam" in source for source in card.provenance.sources)


def test_new_figures_replace_the_old_ones_and_nothing_else() -> None:
    rows = [
        Figure(
            model="x",
            folder="streets",
            kind="real",
            labelled_by="ours",
            object_class="person",
            pictures=2,
            labels=3,
            ap50=value,
            low=value,
            high=value,
        )
        for value in (0.5, 0.75)
    ]
    before = 'name = "x"\n\n[[figures]]\nsource = "old"\n\n[[smoke]]\nclass = "person"\n'
    once = with_figures(before, rows[:1])
    assert tomllib.loads(once)["smoke"] == [{"class": "person"}]
    assert [figure["value"] for figure in tomllib.loads(once)["figures"]] == [0.5]
    twice = tomllib.loads(with_figures(once, rows[1:]))
    assert [figure["value"] for figure in twice["figures"]] == [0.75]
    assert twice["smoke"] == [{"class": "person"}]


def test_a_card_names_a_source_only_where_a_run_used_it(tmp_path: Path) -> None:
    weights = tmp_path / "x.onnx"
    weights.write_bytes(b"weights")
    recipe = Recipe(folders={"tiny": 0.5, "rubbish": 0.5})
    card = parse_card(card_text(CardFacts("x", "1", weights, {}, [], ""), [recipe]), origin="x.toml")
    assert any("amsterdam" in source for source in card.provenance.sources)
    assert any("amsterdam" in licence for licence in card.provenance.licences)


def test_thresholds_pool_the_folders_that_label_a_class_and_stay_within_bounds() -> None:
    empty = dict.fromkeys(range(len(CLASSES)), NOTHING)
    street = {**empty, PERSON: judged([0.9, 0.5, 0.4], [True, True, False], 2)}
    pavement = {**empty, GARBAGE: judged([0.05], [True], 1)}
    assert choose_thresholds({"street": street, "pavement": pavement}) == {PERSON: 0.5, GARBAGE: 0.25}


def test_a_line_names_only_what_is_labelled() -> None:
    kinds = {**dict.fromkeys(range(len(CLASSES)), NOTHING), PERSON: judged([0.9], [True], 1)}
    assert set_lines("ours", {"street": kinds}) == ["AP50 on street, ours: person 1.000 (1)"]


def test_sure_finds_of_a_reference_are_truth_and_doubtful_ones_are_unknown() -> None:
    boxes = np.array([[0, 0, 9, 9], [10, 10, 19, 19], [20, 20, 29, 29]], np.float32)
    found = Detections(boxes, np.array([0.9, 0.3, 0.1], np.float32), np.array([PERSON] * 3))
    truth = reference_truth(found)
    assert truth.boxes.tolist() == [[PERSON, 0, 0, 9, 9]]
    assert truth.ignore.tolist() == [[10, 10, 19, 19]]


def test_a_missing_video_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match=r"none\.avi"):
        next(frames(tmp_path / "none.avi", 1))


def test_photos_are_counted_by_what_they_show_and_what_is_found(tmp_path: Path) -> None:
    for name, grey in (("a.png", 200), ("b.png", 10), ("c.png", 200)):
        cv2.imwrite(str(tmp_path / name), np.full((8, 8, 3), grey, np.uint8))
    (tmp_path / "sorted.csv").write_text("image,rubbish\na.png,yes\nb.png,yes\nc.png,no\n")

    def bright(picture: Picture) -> Detections:
        score = float(picture.mean()) / 255
        return Detections(np.zeros((1, 4), np.float32), np.array([score], np.float32), np.array([GARBAGE]))

    count = count_photos(bright, tmp_path, tmp_path / "sorted.csv", GARBAGE, 0.5)
    assert (count.with_rubbish, count.flagged, count.clean, count.flagged_clean) == (2, 1, 1, 1)
