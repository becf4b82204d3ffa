"""Quantising leaves the head's outputs alone and gives a file that still computes nearly the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

onnx = pytest.importorskip("onnx", reason="the train extra is not installed")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from models.training.folder import write_sample  # noqa: E402
from models.training.quantise import calibration_pictures, head_outputs, quantise  # noqa: E402


def _network(path: Path) -> None:
    """Two convolutions: a hidden one with x * sigmoid(x), and an output."""
    rng = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(rng.normal(0, 0.02, (8, 3, 3, 3)).astype(np.float32), "w1"),
        numpy_helper.from_array(rng.normal(0, 0.2, (4, 8, 1, 1)).astype(np.float32), "w2"),
    ]
    nodes = [
        helper.make_node("Conv", ["images", "w1"], ["a"], name="hidden", pads=[1, 1, 1, 1]),
        helper.make_node("Sigmoid", ["a"], ["b"], name="gate"),
        helper.make_node("Mul", ["a", "b"], ["c"], name="swish"),
        helper.make_node("Conv", ["c", "w2"], ["output"], name="head"),
    ]
    ends = [
        helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, 32, 64]),
        helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 4, 32, 64]),
    ]
    graph = helper.make_graph(nodes, "two", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.save(model, str(path))


def _picture(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (32, 64, 3), dtype=np.uint8)


def test_only_convolutions_without_activation_count_as_outputs(tmp_path: Path) -> None:
    _network(tmp_path / "two.onnx")
    assert head_outputs(onnx.load(str(tmp_path / "two.onnx")).graph) == ["head"]


def test_the_quantised_file_computes_nearly_the_same(tmp_path: Path) -> None:
    plain, small = tmp_path / "two.onnx", tmp_path / "two-int8.onnx"
    _network(plain)
    quantise(plain, small, [_picture(seed) for seed in range(8)])
    names = {item.name: item.data_type for item in onnx.load(str(small)).graph.initializer}
    assert TensorProto.INT8 in names.values(), "the hidden convolution is in 8 bits"
    assert names["w2"] == TensorProto.FLOAT, "the head is not"
    given = _picture(99).transpose(2, 0, 1)[None].astype(np.float32)
    before, after = (
        ort.InferenceSession(str(file), providers=["CPUExecutionProvider"]).run(None, {"images": given})[0]
        for file in (plain, small)
    )
    assert np.abs(before - after).mean() < 0.1 * np.abs(before).mean()


def test_calibration_takes_the_training_folders_in_their_shares(tmp_path: Path) -> None:
    import cv2

    for folder, count in (("streets", 200), ("rubbish", 3)):
        for index in range(count):
            data = cv2.imencode(".png", np.full((4, 4, 3), index, np.uint8))[1].tobytes()
            write_sample(tmp_path / folder, f"{index:03}.png", data, np.zeros((0, 5), np.float32))
    taken = calibration_pictures(tmp_path, {"streets": 0.5, "rubbish": 0.5})
    assert len(taken) == 60 + 3
