"""INT8 (量化): a file's convolutions in 8 bits, with ranges measured on pictures of the training side.

Static quantisation in the QDQ form, which ONNX Runtime and OpenVINO both read. The last convolutions of the
head stay in floating point: box sizes and scores need the range.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from models.training.boxes import Picture, letterbox
from models.training.folder import pictures, read_picture

_CALIBRATION_PICTURES = 120


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime carries no types
    """Letterboxed pictures as the graph's input, one by one."""

    def __init__(self, pictures: Sequence[Picture], name: str, width: int, height: int) -> None:
        self._left: Iterator[Picture] = iter(pictures)
        self._name, self._size = name, (width, height)

    def get_next(self) -> dict[str, Any] | None:
        picture = next(self._left, None)
        if picture is None:
            return None
        canvas, _ = letterbox(picture, *self._size)
        return {self._name: canvas.transpose(2, 0, 1)[None].astype(np.float32)}


def head_outputs(graph: onnx.GraphProto) -> list[str]:
    """Names of the head's last convolutions: those that no activation follows."""
    users: dict[str, list[str]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node.op_type)
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    # A hidden convolution's output goes to both factors of x * sigmoid(x); an output goes to one place.
    return [node.name for node in convolutions if "Mul" not in users.get(node.output[0], [])]


def calibration_pictures(datasets: Path, shares: Mapping[str, float]) -> list[Picture]:
    """Evenly spread pictures of the folders that a run trains on, in the run's shares."""
    chosen = []
    for name, share in shares.items():
        found = pictures(datasets / name / "images")
        wanted = min(max(round(_CALIBRATION_PICTURES * share / sum(shares.values())), 1), len(found))
        chosen += [read_picture(found[index * len(found) // wanted]) for index in range(wanted)]
    return chosen


def quantise(weights: Path, out: Path, seen: Sequence[Picture]) -> None:
    """Writes `out`, the 8-bit form of the ONNX file `weights`; `seen` are calibration pictures (BGR)."""
    graph = onnx.load(str(weights)).graph
    _, _, height, width = (item.dim_value for item in graph.input[0].type.tensor_type.shape.dim)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(weights), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(out),
            _Reader(seen, graph.input[0].name, width, height),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            reduce_range=True,  # processors without VNNI saturate when both factors have 8 bits
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=head_outputs(onnx.load(str(prepared)).graph),
        )
