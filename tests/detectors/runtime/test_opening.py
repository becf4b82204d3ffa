from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable

import numpy as np
import pytest

from detectors.runtime import open_detector
from detectors.runtime.opening import OPENERS
from detectors.types import DetectorError, FailureReason
from models.card import Backend, ModelCard
from models.catalogue import ResolvedModel
from models.errors import ChecksumMismatch

Build = Callable[..., ResolvedModel]
MakeCard = Callable[..., ModelCard]

NOTHING = {"out": np.zeros((1, 1, 1, 7), np.float32)}
FRAME = np.zeros((8, 8, 3), np.uint8)


@pytest.fixture
def model(build: Build, make_card: MakeCard) -> ResolvedModel:
    return build(make_card("ssd"), **NOTHING)


def test_every_backend_that_a_card_may_name_can_be_opened() -> None:
    assert set(OPENERS) == set(Backend)


def test_frames_are_answered_one_for_one_in_order(build: Build, make_card: MakeCard) -> None:
    detector = open_detector(build(make_card("ssd"), **NOTHING))
    assert detector.card.name == "constant"
    assert [len(seen) for seen in detector.detect([FRAME] * 3)] == [0, 0, 0]
    assert detector.detect([]) == []


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (1080, 1920)])
def test_pictures_of_any_size_are_looked_at(backend: str, shape: tuple[int, int], model: ResolvedModel) -> None:
    assert len(open_detector(model, backend=backend).detect([np.zeros((*shape, 3), np.uint8)])[0]) == 0


def test_a_wrong_picture_is_refused_before_any_is_looked_at(model: ResolvedModel) -> None:
    with pytest.raises(DetectorError, match="float32") as caught:
        open_detector(model).detect([FRAME, FRAME.astype(np.float32)])  # type: ignore[list-item]
    assert caught.value.reason is FailureReason.BAD_FRAME


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_a_closed_detector_raises_and_closing_twice_is_fine(backend: str, model: ResolvedModel) -> None:
    detector = open_detector(model, backend=backend)
    detector.close()
    detector.close()
    with pytest.raises(DetectorError) as caught:
        detector.detect([FRAME])
    assert caught.value.reason is FailureReason.CLOSED


def test_a_backend_that_the_card_does_not_name_is_refused_with_those_it_does(model: ResolvedModel) -> None:
    with pytest.raises(DetectorError, match=r"'ultralytics'.*'onnxruntime', 'openvino'") as caught:
        open_detector(model, backend="ultralytics")
    assert caught.value.reason is FailureReason.BACKEND_UNSUITABLE
    with pytest.raises(DetectorError, match="threads is 0"):
        open_detector(model, threads=0)


@pytest.mark.parametrize(
    ("backend", "package", "extra"),
    [("onnxruntime", "onnxruntime", "edge"), ("openvino", "openvino", "openvino")],
)
def test_a_missing_package_names_the_extra_to_install(
    backend: str, package: str, extra: str, model: ResolvedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DetectorError, match=rf"pip install 'kerbwatch\[{extra}\]'") as caught:
        open_detector(model, backend=backend)
    assert caught.value.reason is FailureReason.BACKEND_MISSING


def test_weights_changed_between_resolving_and_opening_are_not_run(model: ResolvedModel) -> None:
    model.weights.write_bytes(model.weights.read_bytes() + b"\0")
    with pytest.raises(ChecksumMismatch):
        open_detector(model)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_weights_that_are_no_graph_are_a_load_failure(
    backend: str, model: ResolvedModel, make_card: MakeCard
) -> None:
    model.weights.write_bytes(b"no graph")
    card = make_card("ssd", sha256=hashlib.sha256(b"no graph").hexdigest())
    with pytest.raises(DetectorError) as caught:
        open_detector(ResolvedModel(card=card, weights=model.weights), backend=backend)
    assert caught.value.reason is FailureReason.LOAD_FAILED


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_a_card_whose_input_is_not_the_graphs_is_an_engine_failure_not_an_empty_street(
    backend: str, build: Build, make_card: MakeCard
) -> None:
    detector = open_detector(build(make_card("ssd", input__width=128), **NOTHING), backend=backend)
    with pytest.raises(DetectorError) as caught:
        detector.detect([FRAME])
    assert caught.value.reason is FailureReason.ENGINE_FAILED
