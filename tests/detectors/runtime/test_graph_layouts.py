"""Every layout through both real engines, on graphs whose answer is known by hand (input 64 x 32)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detectors.runtime import open_detector
from detectors.runtime.layouts import DECODERS
from detectors.types import Detections, DetectorError, FailureReason
from ingest.taxonomy import ObjectClass
from models.card import ModelCard, OutputLayout
from models.catalogue import ResolvedModel

Build = Callable[..., ResolvedModel]
MakeCard = Callable[..., ModelCard]

PERSON, VEHICLE, STALL = ObjectClass.PERSON, ObjectClass.VEHICLE, ObjectClass.STALL
FRAME = np.full((320, 640, 3), 90, np.uint8)
BACKENDS = ("onnxruntime", "openvino")

# Two boxes: a person at 8,4 .. 24,20 and a vehicle at 32,8 .. 64,24 in input pixels, and noise below threshold.
PERSON_BOX, VEHICLE_BOX = [8.0, 4.0, 24.0, 20.0], [32.0, 8.0, 64.0, 24.0]


def floats(values: object) -> np.ndarray:
    return np.array(values, np.float32)


def yolo_raw() -> dict[str, np.ndarray]:
    rows = [
        [16, 12, 16, 16, 0.9, 0.1, 0.0, 0.0, 0.0],
        [48, 16, 32, 16, 0.1, 0.0, 0.8, 0.0, 0.0],  # index 2, also a vehicle
        [48, 16, 30, 16, 0.0, 0.7, 0.0, 0.0, 0.0],  # index 1: the same vehicle once more
        [48, 16, 30, 16, 0.0, 0.0, 0.0, 0.99, 0.0],  # index 3, not named by the card
        [48, 16, 30, 16, 0.2, 0.2, 0.2, 0.0, 0.2],
    ]
    return {"out": floats([rows]).transpose(0, 2, 1).copy()}


def yolo_end2end() -> dict[str, np.ndarray]:
    rows = [
        [*PERSON_BOX, 0.9, 0],
        [*VEHICLE_BOX, 0.8, 2],
        [*VEHICLE_BOX, 0.7, 3],
        [*VEHICLE_BOX, 0.6, 17],
        [0] * 6,
    ]
    return {"out": floats([rows])}


def yolox_decoded() -> dict[str, np.ndarray]:
    rows = [
        [16, 12, 16, 16, 0.9, 1.0, 0, 0, 0, 0],
        [48, 16, 32, 16, 0.8, 0, 1.0, 0, 0, 0],
        [0, 0, 1, 1, 1, 0, 0, 0, 0, 0],
    ]
    return {"out": floats([rows])}


def yolox_grid() -> dict[str, np.ndarray]:
    """Strides 16 and 32: 4 x 2 cells, then 2 x 1."""
    table = np.zeros((10, 10), np.float32)
    table[0] = [1.0, 0.75, 0, 0, 0.9, 1, 0, 0, 0, 0]  # cell 0,0 of stride 16: centre 16,12, sides exp(0) * 16
    table[9] = [0.5, 0.5, 0, np.log(0.5), 1, 0, 0.8, 0, 0, 0]  # cell 1,0 of stride 32: centre 48,16, 32 x 16
    return {"out": table[None]}


def omz_2000() -> dict[str, np.ndarray]:
    return {
        "labels": np.array([0, 2, 3], np.int64),
        "boxes": floats([[*PERSON_BOX, 0.9], [*VEHICLE_BOX, 0.8], [*VEHICLE_BOX, 0.99]]),
    }


def ssd() -> dict[str, np.ndarray]:
    p = [0.125, 0.125, 0.375, 0.625]
    v = [0.5, 0.25, 1.0, 0.75]
    rows = [[0, 0, 0.9, *p], [0, 1, 0.8, *v], [0, 0, 0, 0, 0, 0, 0], [-1, 0, 0.99, *v], [0, 0, 0.99, *v]]
    return {"out": floats([[rows]])}


CASES: dict[str, tuple[str, dict[str, Any], Callable[[], dict[str, np.ndarray]]]] = {
    "yolo_raw": ("yolo_raw", {}, yolo_raw),
    "yolo_end2end": ("yolo_end2end", {}, yolo_end2end),
    "yolox_decoded": ("yolox", {"output__decoded": True}, yolox_decoded),
    "yolox_grid": ("yolox", {}, yolox_grid),
    "omz_2000": ("omz_2000", {}, omz_2000),
    "ssd": ("ssd", {}, ssd),
}


def look(model: ResolvedModel, backend: str, **request: Any) -> Detections:
    detector = open_detector(model, backend=backend)
    (seen,) = detector.detect([FRAME], **request)
    detector.close()
    return seen


def test_every_layout_that_a_card_may_name_has_a_decoder() -> None:
    assert set(DECODERS) == set(OutputLayout)
    assert {layout for layout, _, _ in CASES.values()} == {layout.value for layout in OutputLayout}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_both_boxes_are_found_where_they_are_and_nothing_else(
    case: str, backend: str, build: Build, make_card: MakeCard
) -> None:
    layout, changes, outputs = CASES[case]
    seen = look(build(make_card(layout, **changes), **outputs()), backend)
    assert seen.classes == (PERSON, VEHICLE)
    np.testing.assert_allclose(seen.scores, [0.9, 0.8], rtol=1e-6)
    np.testing.assert_allclose(seen.boxes, [[0.125, 0.125, 0.375, 0.625], [0.5, 0.25, 1.0, 0.75]], atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_a_letterboxed_model_gives_boxes_of_the_frame_not_of_the_input(
    case: str, build: Build, make_card: MakeCard
) -> None:
    layout, changes, outputs = CASES[case]
    card = make_card(layout, input__resize="letterbox", input__pad_anchor="centre", **changes)
    detector = open_detector(build(card, **outputs()), backend="onnxruntime")
    (seen,) = detector.detect([np.zeros((100, 100, 3), np.uint8)])  # covers 16..48 of the width
    np.testing.assert_allclose(seen.boxes, [[0, 0.125, 0.25, 0.625], [0.5, 0.25, 1.0, 0.75]], atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("layout", "outputs"),
    [
        ("yolo_raw", {"out": np.zeros((1, 9, 10), np.float32)}),
        ("yolo_end2end", {"out": np.zeros((1, 300, 6), np.float32)}),
        ("yolox", {"out": np.zeros((1, 10, 10), np.float32)}),
        ("omz_2000", {"boxes": np.zeros((3, 5), np.float32), "labels": np.zeros(3, np.int64)}),
        ("ssd", {"out": np.zeros((1, 1, 200, 7), np.float32)}),
        ("ssd", {"out": np.full((1, 1, 2, 7), -1, np.float32)}),
    ],
)
def test_rows_that_only_fill_an_output_are_no_sightings_however_low_the_floor(
    layout: str, outputs: dict[str, np.ndarray], backend: str, build: Build, make_card: MakeCard
) -> None:
    assert len(look(build(make_card(layout), **outputs), backend, min_score=1e-9)) == 0


def test_outputs_without_any_row_are_looked_and_saw_nothing(build: Build, make_card: MakeCard) -> None:
    outputs = {"boxes": np.zeros((0, 5), np.float32), "labels": np.zeros(0, np.int64)}
    assert len(look(build(make_card("omz_2000"), **outputs), "onnxruntime")) == 0
    assert len(look(build(make_card("yolo_end2end"), out=np.zeros((1, 0, 6), np.float32)), "onnxruntime")) == 0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("case", CASES)
def test_an_output_that_is_not_finite_is_an_error_never_an_empty_street(
    case: str, poison: float, backend: str, build: Build, make_card: MakeCard
) -> None:
    layout, changes, outputs = CASES[case]
    tensors = outputs()
    name = "boxes" if "boxes" in tensors else "out"
    tensors[name].flat[-1] = poison
    with pytest.raises(DetectorError) as caught:
        look(build(make_card(layout, **changes), **tensors), backend)
    assert caught.value.reason is FailureReason.OUTPUT_NOT_FINITE


def test_a_size_that_overflows_while_decoding_is_an_error(build: Build, make_card: MakeCard) -> None:
    tensors = yolox_grid()
    tensors["out"][0, 0, 2] = 200.0
    with pytest.raises(DetectorError) as caught:
        look(build(make_card("yolox"), **tensors), "onnxruntime")
    assert caught.value.reason is FailureReason.OUTPUT_NOT_FINITE


@pytest.mark.parametrize(
    ("layout", "shape"),
    [
        ("yolo_raw", (1, 4, 10)),
        ("yolo_raw", (2, 9, 10)),
        ("yolo_raw", (1, 8, 10)),  # four classes, the card names index 4
        ("yolo_end2end", (1, 10, 7)),
        ("yolo_end2end", (10, 6)),
        ("yolox", (1, 10, 5)),
        ("yolox", (1, 11, 10)),  # not the grid of 64 x 32 with strides 16 and 32
        ("ssd", (1, 1, 10, 6)),
        ("ssd", (1, 10, 7)),
    ],
)
def test_an_output_of_another_shape_is_an_error_that_names_the_card(
    layout: str, shape: tuple[int, ...], build: Build, make_card: MakeCard
) -> None:
    with pytest.raises(DetectorError, match="of the card") as caught:
        look(build(make_card(layout), out=np.zeros(shape, np.float32)), "onnxruntime")
    assert caught.value.reason is FailureReason.OUTPUT_SHAPE


def test_labels_that_do_not_match_their_boxes_are_an_error(build: Build, make_card: MakeCard) -> None:
    outputs = {"boxes": np.zeros((3, 5), np.float32), "labels": np.zeros(2, np.int64)}
    with pytest.raises(DetectorError) as caught:
        look(build(make_card("omz_2000"), **outputs), "onnxruntime")
    assert caught.value.reason is FailureReason.OUTPUT_SHAPE


def test_a_tensor_that_the_card_names_and_the_graph_lacks_is_an_error(build: Build, make_card: MakeCard) -> None:
    with pytest.raises(DetectorError, match=r"no output 'boxes'.*\['out'\]") as caught:
        look(build(make_card("omz_2000"), out=np.zeros((3, 5), np.float32)), "onnxruntime")
    assert caught.value.reason is FailureReason.OUTPUT_MISSING


def test_thresholds_hold_per_class_and_a_request_overrides_them(build: Build, make_card: MakeCard) -> None:
    card = make_card("yolo_raw", thresholds__per_class={"person": 0.95})
    model = build(card, **yolo_raw())
    assert look(model, "onnxruntime").classes == (VEHICLE,)
    low = look(model, "onnxruntime", min_score=0.1)
    assert set(low.classes) == {PERSON, VEHICLE}
    assert len(low) == 3  # the noise row too
    assert low.above(card.thresholds.of).classes == (VEHICLE,)


def test_an_index_that_the_card_does_not_name_does_not_outvote_one_that_it_names(
    build: Build, make_card: MakeCard
) -> None:
    row = floats([[[16, 12, 16, 16, 0.4, 0, 0, 0.9, 0]]]).transpose(0, 2, 1).copy()
    assert look(build(make_card("yolo_raw"), out=row), "onnxruntime").classes == (PERSON,)
