"""The ultralytics engine, mostly against a stand-in for the package: the real one is an optional AGPL extra."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from detectors.runtime import open_detector
from detectors.types import DetectorError, FailureReason
from ingest.taxonomy import ObjectClass
from models.card import ModelCard
from models.catalogue import ResolvedModel

MakeCard = Callable[..., ModelCard]
FRAME = np.zeros((100, 200, 3), np.uint8)


class FakeTensor:
    def __init__(self, values: Any) -> None:
        self._values = np.array(values, np.float32)

    def cpu(self) -> FakeTensor:
        return self

    def numpy(self) -> np.ndarray:
        return self._values


class FakeYolo:
    """Has the part of ultralytics.YOLO that the engine uses; answers what the test put into `rows`."""

    rows: Any = ()
    asked: dict[str, Any]
    failure: Exception | None = None

    def __init__(self, path: str, task: str) -> None:
        assert Path(path).is_file()
        assert task == "detect"

    def predict(self, source: np.ndarray, **settings: Any) -> list[SimpleNamespace]:
        if FakeYolo.failure is not None:
            raise FakeYolo.failure
        FakeYolo.asked = settings
        table = np.array(FakeYolo.rows, np.float32).reshape(-1, 6)
        columns = {"xyxy": table[:, :4], "conf": table[:, 4], "cls": table[:, 5]}
        return [SimpleNamespace(boxes=SimpleNamespace(**{k: FakeTensor(v) for k, v in columns.items()}))]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeYolo]:
    ultralytics, torch = ModuleType("ultralytics"), ModuleType("torch")
    ultralytics.YOLO = FakeYolo  # type: ignore[attr-defined]
    torch.set_num_threads = lambda count: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ultralytics", ultralytics)
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(FakeYolo, "rows", ())
    monkeypatch.setattr(FakeYolo, "failure", None)
    return FakeYolo


@pytest.fixture
def model(tmp_path: Path, make_card: MakeCard) -> ResolvedModel:
    path = tmp_path / "street.pt"
    path.write_bytes(b"pickle")
    digest = hashlib.sha256(b"pickle").hexdigest()
    card = make_card("yolo_end2end", file="street.pt", backends=["ultralytics"], sha256=digest)
    return ResolvedModel(card=card, weights=path)


def test_pixels_of_the_frame_become_fractions_and_classes_the_cards(
    fake: type[FakeYolo], model: ResolvedModel
) -> None:
    fake.rows = [
        [20, 10, 60, 50, 0.9, 0],
        [100, 20, 220, 90, 0.8, 2],
        [100, 20, 200, 88, 0.7, 1],
        [0, 0, 9, 9, 0.9, 3],
    ]
    (seen,) = open_detector(model).detect([FRAME])
    assert seen.classes == (ObjectClass.PERSON, ObjectClass.VEHICLE)
    np.testing.assert_allclose(seen.boxes, [[0.1, 0.1, 0.3, 0.5], [0.5, 0.2, 1.0, 0.9]], atol=1e-6)
    assert fake.asked["imgsz"] == (32, 64)
    assert fake.asked["conf"] == 0.3


def test_a_lower_floor_reaches_ultralytics(fake: type[FakeYolo], model: ResolvedModel) -> None:
    fake.rows = [[20, 10, 60, 50, 0.12, 0]]
    assert len(open_detector(model).detect([FRAME], min_score=0.1)[0]) == 1
    assert fake.asked["conf"] == 0.1


def test_nothing_found_is_an_empty_answer_and_a_failure_is_not(fake: type[FakeYolo], model: ResolvedModel) -> None:
    detector = open_detector(model)
    assert len(detector.detect([FRAME])[0]) == 0
    fake.rows = [[20, 10, np.nan, 50, 0.9, 0]]
    with pytest.raises(DetectorError) as caught:
        detector.detect([FRAME])
    assert caught.value.reason is FailureReason.OUTPUT_NOT_FINITE
    fake.failure = RuntimeError("out of memory")
    with pytest.raises(DetectorError, match="out of memory") as caught:
        detector.detect([FRAME])
    assert caught.value.reason is FailureReason.ENGINE_FAILED
    detector.close()
    with pytest.raises(DetectorError) as caught:
        detector.detect([FRAME])
    assert caught.value.reason is FailureReason.CLOSED


def test_without_the_package_the_extra_is_named(model: ResolvedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(DetectorError, match=r"kerbwatch\[ultralytics\]") as caught:
        open_detector(model)
    assert caught.value.reason is FailureReason.BACKEND_MISSING


@pytest.mark.filterwarnings("ignore")
def test_the_real_package_runs_a_model_with_random_weights(tmp_path: Path, make_card: MakeCard) -> None:
    ultralytics = pytest.importorskip("ultralytics", reason="the ultralytics extra is not installed")
    path = tmp_path / "random.pt"
    ultralytics.YOLO("yolo11n.yaml").save(str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    card = make_card(
        "yolo_end2end", file="random.pt", backends=["ultralytics"], sha256=digest, classes={0: "person"}
    )
    (seen,) = open_detector(ResolvedModel(card=card, weights=path)).detect([FRAME], min_score=1e-6)
    assert set(seen.classes) <= {ObjectClass.PERSON}
