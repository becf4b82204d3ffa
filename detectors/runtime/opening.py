"""Opens a detector for a model: which engine, how many threads."""

from __future__ import annotations

from collections.abc import Callable

from detectors.runtime.onnxruntime_backend import open_onnxruntime
from detectors.runtime.openvino_backend import open_openvino
from detectors.runtime.ultralytics_backend import open_ultralytics
from detectors.types import Detector, DetectorError, FailureReason
from models.card import Backend
from models.catalogue import ResolvedModel

OPENERS: dict[Backend, Callable[[ResolvedModel, int], Detector]] = {
    Backend.ONNXRUNTIME: open_onnxruntime,
    Backend.OPENVINO: open_openvino,
    Backend.ULTRALYTICS: open_ultralytics,
}


def open_detector(model: ResolvedModel, *, backend: Backend | str | None = None, threads: int = 1) -> Detector:
    """Open a detector for a model that `models.catalogue.resolve` found.

    `backend` defaults to the first that the card names; `threads` per inference defaults to one, the most
    throughput where several processes share a box. Raises DetectorError, or ModelError for the weights file.
    """
    if threads < 1:
        raise DetectorError(FailureReason.BAD_REQUEST, f"threads is {threads}; give 1 or more")
    return OPENERS[_chosen(model, backend)](model, threads)


def _chosen(model: ResolvedModel, backend: Backend | str | None) -> Backend:
    able = model.card.backends
    chosen = able[0] if backend is None else backend
    if chosen not in able:
        raise DetectorError(
            FailureReason.BACKEND_UNSUITABLE,
            f"backend {str(chosen)!r} cannot run model {model.card.name!r}; use one of {[str(b) for b in able]}",
        )
    return Backend(chosen)
