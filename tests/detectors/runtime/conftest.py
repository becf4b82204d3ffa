"""Models with answers known by hand: tiny ONNX graphs whose outputs are constants."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.card import ModelCard
from models.catalogue import ResolvedModel

WIDTH, HEIGHT = 64, 32


def card_of(layout: str, **changes: Any) -> ModelCard:
    """A 64 x 32 model, 0 person 1 vehicle 2 vehicle 4 stall; a key 'part__field' changes that field."""
    text: dict[str, Any] = {
        "name": "constant",
        "version": "1",
        "file": "constant.onnx",
        "sha256": "0" * 64,
        "backends": ["onnxruntime", "openvino"],
        "input": {"width": WIDTH, "height": HEIGHT, "colour": "BGR", "resize": "stretch"},
        "output": {"layout": layout, "strides": [16, 32]},
        "classes": {0: "person", 1: "vehicle", 2: "vehicle", 4: "stall"},
        "thresholds": {"score": 0.3, "nms_iou": 0.5},
        "provenance": {"sources": ["made by hand"], "licences": ["Apache-2.0"], "licence": "Apache-2.0"},
    }
    for key, value in changes.items():
        *part, field = key.split("__")
        (text[part[0]] if part else text)[field] = value
    return ModelCard.model_validate(text)


def constant_graph(outputs: dict[str, np.ndarray]) -> bytes:
    """An ONNX model that takes 1 x 3 x 32 x 64 and always yields these outputs."""
    nodes = [
        helper.make_node("Constant", [], ["zero"], value=numpy_helper.from_array(np.float32(0))),
        helper.make_node("ReduceSum", ["images"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["sum", "zero"], ["nothing"]),  # ties the input to the outputs
    ]
    for name, value in outputs.items():
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        constant = numpy_helper.from_array(value)
        nodes.append(helper.make_node("Constant", [], [f"{name}_constant"], value=constant))
        nodes.append(helper.make_node("Cast", ["nothing"], [f"{name}_nothing"], to=kind))
        nodes.append(helper.make_node("Add", [f"{name}_constant", f"{name}_nothing"], [name]))
    infos = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
        for name, value in outputs.items()
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])
    graph = helper.make_graph(nodes, "constant", [images], infos)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


Build = Callable[..., ResolvedModel]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Writes a constant graph and gives the model of the card for it."""

    def _build(card: ModelCard, **outputs: np.ndarray) -> ResolvedModel:
        content = constant_graph(outputs)
        path = tmp_path / card.file
        path.write_bytes(content)
        true_card = card.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
        return ResolvedModel(card=true_card, weights=path)

    return _build


@pytest.fixture
def make_card() -> Callable[..., ModelCard]:
    """See `card_of`."""
    return card_of
