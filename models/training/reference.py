"""Finished models as plain functions picture -> Detections: teachers, yardsticks and our own exported file.

Training needs them before a card exists and with every score kept, so it does not use the edge's runtime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from models.training.boxes import STRIDES, Detections, Floats, Picture, letterbox, suppress_per_class

Model = Callable[[Picture], Detections]

PERSON, VEHICLE, TWO_WHEELER, GARBAGE, STALL = range(5)
COCO_TO_OURS: Mapping[int, int] = {0: PERSON, 1: TWO_WHEELER, 2: VEHICLE, 3: TWO_WHEELER, 5: VEHICLE, 7: VEHICLE}
# The stock files' own label numbers.
OMZ_TO_OURS: Mapping[int, int] = {0: VEHICLE, 1: PERSON, 2: TWO_WHEELER}
_NMS_IOU = 0.5


def _mapped(boxes: Floats, scores: Floats, labels: Floats, classes: Mapping[int, int]) -> Detections:
    ours = np.array([classes.get(int(label), -1) for label in labels], np.int64)
    known = ours >= 0
    return Detections(boxes[known].astype(np.float32), scores[known].astype(np.float32), ours[known])


def omz(model_file: Path, threads: int = 2, floor: float = 0.05) -> Model:
    """An Intel Open Model Zoo person-vehicle-bike detector (2000 series, OpenVINO IR)."""
    import openvino  # only the teacher needs it; evaluation of our own file must run without

    compiled = openvino.Core().compile_model(model_file, "CPU", {"INFERENCE_NUM_THREADS": threads})
    _, _, height, width = compiled.input(0).shape

    def detect(picture: Picture) -> Detections:
        stretched = cv2.resize(picture, (width, height)).transpose(2, 0, 1)[None].astype(np.float32)
        result = compiled(stretched)
        rows, labels = np.array(result["boxes"]), np.array(result["labels"])
        used = rows[:, 4] >= floor
        factor = np.array([picture.shape[1] / width, picture.shape[0] / height] * 2, np.float32)
        return _mapped(rows[used, :4] * factor, rows[used, 4], labels[used], OMZ_TO_OURS)

    return detect


def yolox_cells(height: int, width: int) -> Floats:
    """The cells of a YOLOX output for an input of `height` x `width` px: column, row and stride in px, [N, 3]."""
    cells = []
    for stride in STRIDES:
        ys, xs = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack((xs.ravel(), ys.ravel(), np.full(xs.size, stride)), 1))
    return np.concatenate(cells).astype(np.float32)


def decode_yolox(output: Floats, cells: Floats) -> tuple[Floats, Floats]:
    """Raw YOLOX output [N, 5 + C] of these cells to boxes x1 y1 x2 y2 in input pixels and class scores [N, C]."""
    stride = cells[:, 2:]
    centre = (output[:, :2] + cells[:, :2]) * stride
    half = np.exp(np.minimum(output[:, 2:4], 8.0)) * stride / 2
    return np.concatenate((centre - half, centre + half), 1), output[:, 4:5] * output[:, 5:]


def _onnxruntime(model_file: Path, threads: int) -> tuple[Callable[[Floats], Floats], int, int]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(model_file), options, providers=["CPUExecutionProvider"])
    tensor = session.get_inputs()[0]
    height, width = (int(value) for value in tensor.shape[2:])
    return (lambda batch: session.run(None, {tensor.name: batch})[0]), height, width


def _openvino(model_file: Path, threads: int) -> tuple[Callable[[Floats], Floats], int, int]:
    import openvino  # only comparisons on the yardsticks' own backend need it

    compiled = openvino.Core().compile_model(model_file, "CPU", {"INFERENCE_NUM_THREADS": threads})
    _, _, height, width = compiled.input(0).partial_shape
    return (lambda batch: np.array(compiled(batch)[0])), height.get_length(), width.get_length()


_RUNNERS = {"onnxruntime": _onnxruntime, "openvino": _openvino}


def yolox(
    model_file: Path,
    classes: Mapping[int, int],
    threads: int = 2,
    floor: float = 0.05,
    backend: str = "onnxruntime",
) -> Model:
    """A YOLOX ONNX file with raw boxes and scores after the sigmoid; the input size is the file's.

    `backend` is onnxruntime or openvino. The model raises ValueError where the file's output is of another shape.
    """
    run, height, width = _RUNNERS[backend](model_file, threads)
    cells = yolox_cells(height, width)
    least = 6 + max(classes, default=0)

    def detect(picture: Picture) -> Detections:
        canvas, scale = letterbox(picture, width, height)
        output = run(np.asarray(cv2.dnn.blobFromImage(canvas), np.float32))[0]
        if output.ndim != 2 or len(output) != len(cells) or output.shape[1] < least:
            raise ValueError(
                f"output of shape {list(output.shape)}, expected {len(cells)} rows of {least} or more"
            )
        sure = np.flatnonzero(output[:, 4] >= floor)  # a score is objectness times at most 1
        boxes, scores = decode_yolox(output[sure], cells[sure])
        best = scores.argmax(1)
        score = scores[np.arange(len(best)), best]
        used = score >= floor
        found = _mapped(boxes[used] / scale, score[used], best[used].astype(np.float32), classes)
        return suppress_per_class(found, _NMS_IOU)

    return detect
