"""The default engine: ONNX Runtime on the CPU (extra `edge`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.runtime.backends import load_failure, require, run_failure
from detectors.runtime.graph_detector import GraphDetector
from detectors.runtime.layouts import Outputs
from detectors.types import Detector
from models.catalogue import ResolvedModel


class OnnxRuntimeEngine:
    """One session. `threads` is the number of threads within an operator."""

    def __init__(self, model: ResolvedModel, threads: int) -> None:
        runtime = require("onnxruntime", "edge")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._name = model.card.name
        graph = model.read().graph
        try:
            self._session: Any = runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # pybind11 errors share no base; all become LOAD_FAILED
            raise load_failure(self._name, error) from error
        self._input: str = self._session.get_inputs()[0].name
        self._outputs: list[str] = [output.name for output in self._session.get_outputs()]

    def run(self, blob: NDArray[np.float32]) -> Outputs:
        """See `Engine.run`."""
        try:
            results = self._session.run(self._outputs, {self._input: blob})
        except Exception as error:  # pybind11 errors share no base; all become ENGINE_FAILED
            raise run_failure(self._name, error) from error
        return dict(zip(self._outputs, results, strict=True))


def open_onnxruntime(model: ResolvedModel, threads: int) -> Detector:
    """A detector on ONNX Runtime. Raises DetectorError, or ModelError for the weights file."""
    return GraphDetector(model.card, OnnxRuntimeEngine(model, threads))
