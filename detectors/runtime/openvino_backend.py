"""The engine for OpenVINO IR, and for ONNX files where OpenVINO is preferred (extra `openvino`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.runtime.backends import load_failure, require, run_failure
from detectors.runtime.graph_detector import GraphDetector
from detectors.runtime.layouts import Outputs
from detectors.types import Detector
from models.catalogue import ResolvedModel


class OpenVinoEngine:
    """One compiled model on the CPU with one request."""

    def __init__(self, model: ResolvedModel, threads: int) -> None:
        openvino = require("openvino", "openvino")
        self._name = model.card.name
        content = model.read()
        hints = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
        try:
            core = openvino.Core()
            graph = core.read_model(content.graph, content.companion or b"")
            self._request: Any = core.compile_model(graph, "CPU", hints).create_infer_request()
        except Exception as error:  # the bindings raise bare RuntimeError and others
            raise load_failure(self._name, error) from error

    def run(self, blob: NDArray[np.float32]) -> Outputs:
        """See `Engine.run`."""
        try:
            results = self._request.infer([blob])
        except Exception as error:  # the bindings raise bare RuntimeError and others
            raise run_failure(self._name, error) from error
        return {_name_of(port): np.array(tensor) for port, tensor in results.items()}


def _name_of(port: Any) -> str:
    names = sorted(port.get_names())
    return names[0] if names else f"output_{port.get_index()}"


def open_openvino(model: ResolvedModel, threads: int) -> Detector:
    """A detector on OpenVINO. Raises DetectorError, or ModelError for the weights file."""
    return GraphDetector(model.card, OpenVinoEngine(model, threads))
