"""Intervals, disturbances, times and tables of the measuring run, on models made up for the purpose."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelNotFound
from models.evaluation.disturbances import CURVES, disturbed
from models.evaluation.interval import estimate
from models.evaluation.opening import open_model
from models.evaluation.report import CurvePoint, Figures, Timing, measure_curves, measure_sets
from models.evaluation.sources import SETS, Kind
from models.evaluation.tables import BEGIN, END, MarksMissingError, write_tables
from models.evaluation.timing import seconds_per_picture
from models.training.boxes import Detections, Picture
from models.training.evaluate import Judged, average_precision, merged
from models.training.folder import write_sample
from models.training.holdout import STREETS
from models.training.reference import GARBAGE, VEHICLE

_BOX = (10.0, 10.0, 40.0, 30.0)


def seeing(picture: Picture) -> Detections:
    """A detector that finds the white block wherever and however large it is."""
    ys, xs = np.nonzero(picture.max(2) > 200)
    if not len(xs):
        return Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))
    box = np.array([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)
    return Detections(box, np.array([0.9]), np.array([VEHICLE]))


def blind(_picture: Picture) -> Detections:
    return Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))


def block() -> Picture:
    picture = np.zeros((60, 100, 3), np.uint8)
    picture[10:30, 10:40] = 255
    return picture


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """All sets, one picture each, all of the same block."""
    data = cv2.imencode(".png", block())[1].tobytes()
    rows = [[kind, 0.1, 10 / 60, 0.4, 0.5] for kind in (VEHICLE, GARBAGE)]
    for source in SETS:
        write_sample(tmp_path / source.folder, "one.png", data, np.array(rows, np.float32))
    return tmp_path


pictures = st.lists(
    st.builds(
        lambda pairs, missed: Judged(
            np.array([score for score, _ in pairs], np.float32),
            np.array([right for _, right in pairs], bool),
            sum(right for _, right in pairs) + missed,
        ),
        st.lists(st.tuples(st.floats(0.0625, 1.0, width=16), st.booleans()), max_size=5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


@given(pictures)
def test_the_estimate_is_the_plain_average_precision_within_its_interval(parts: list[Judged]) -> None:
    found = estimate(parts, draws=20)
    if not any(part.labelled for part in parts):
        assert math.isnan(found.value)
        return
    assert found.value == pytest.approx(average_precision(merged(parts)), abs=1e-5)
    assert -1e-9 <= found.low <= found.high <= 1 + 1e-9
    assert estimate(parts, draws=20) == found


def test_a_hundred_alike_pictures_leave_no_doubt_and_two_unlike_ones_much() -> None:
    hit, miss = Judged(np.array([0.9]), np.array([True]), 1), Judged(np.array([0.8]), np.array([False]), 1)
    assert estimate([hit] * 100).low == pytest.approx(1.0)
    assert estimate([hit, miss]).high - estimate([hit, miss]).low > 0.5


@pytest.mark.parametrize(("curve", "step"), [(curve, steps[0]) for curve, (_, steps, _) in CURVES.items()])
def test_a_spoiled_picture_keeps_its_boxes_in_the_unspoiled_one(curve: str, step: float) -> None:
    found = disturbed(seeing, curve, step)(block())
    if curve != "darkness":  # half of the light takes the block below the detector's limit
        assert found.boxes[0] == pytest.approx(np.array(_BOX), abs=6)
    assert block().shape == CURVES[curve][0](block(), step).shape


def test_later_steps_are_harder() -> None:
    for curve, (change, steps, _) in CURVES.items():
        if curve == "scale":
            continue
        street = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (60, 100, 3), np.uint8), (0, 0), 2)
        noise = [np.abs(change(street, step).astype(int) - street).mean() for step in steps]
        assert noise == sorted(noise), curve


def test_models_take_turns_and_the_median_counts() -> None:
    calls: list[str] = []

    def named(name: str):  # type: ignore[no-untyped-def]
        def model(picture: Picture) -> Detections:
            calls.append(name)
            return blind(picture)

        return model

    ticks = itertools.count()
    spent = seconds_per_picture({"a": named("a"), "b": named("b")}, [block()] * 2, 2, lambda: float(next(ticks)))
    assert spent == {"a": 1.0, "b": 1.0}
    assert calls[4:] == ["a", "b"] * 4


def test_real_composed_and_rendered_pictures_are_never_pooled(datasets: Path) -> None:
    figures = measure_sets({"seeing": seeing, "blind": blind}, datasets, lambda _: None)
    assert {row.kind for row in figures} == {kind.value for kind in Kind}
    assert {
        (row.folder, row.ap50) for row in figures if row.model == "seeing" and row.object_class == "vehicle"
    } == {
        (STREETS, 1.0),
        ("rendered_val", 1.0),
        ("families_val", 1.0),
    }
    assert all(row.ap50 == 0 for row in figures if row.model == "blind")
    assert not any(row.object_class == "stall" for row in figures), "nothing is labelled so"


def test_the_tables_replace_what_stands_between_the_marks(datasets: Path, tmp_path: Path) -> None:
    models = {"seeing": seeing}
    figures = Figures(
        command="measure",
        figures=tuple(measure_sets(models, datasets, lambda _: None)),
        timings=(Timing(model="seeing", milliseconds=1.0, ratio=1.0),),
        curves=tuple(measure_curves(models, datasets, 1, lambda _: None)),
    )
    document = tmp_path / "models.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_tables(figures, document)
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "1.000 (1.00-1.00)" in text
    assert Figures.model_validate_json(figures.model_dump_json()) == figures
    assert {point.curve for point in figures.curves} == {"none", *CURVES}
    assert isinstance(figures.curves[0], CurvePoint)


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "models.md"
    document.write_text("my text")
    with pytest.raises(MarksMissingError, match="put them"):
        write_tables(Figures(command="", figures=()), document)
    assert document.read_text() == "my text"


def test_weights_that_are_nowhere_are_named() -> None:
    with pytest.raises(ModelNotFound, match="person-vehicle-bike-detection-2004"):
        open_model("omz-2004", None)
