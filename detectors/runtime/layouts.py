"""Reads the numbers that leave a graph: one decoder per output layout, in a table.

A decoder takes the named outputs for ONE frame and gives candidates in pixels of the graph's input; what is
below threshold, of no known class, or doubled is sifted later, alike for all layouts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.types import Boxes, DetectorError, FailureReason
from models.card import ModelCard, OutputLayout

Tensor = NDArray[Any]
Outputs = Mapping[str, Tensor]
"""What an engine returned: tensors by name, in the graph's order."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """boxes: float32 N x 4, x1 y1 x2 y2 in input pixels. scores: float32 N. indices: int64 N, the model's."""

    boxes: Boxes
    scores: NDArray[np.float32]
    indices: NDArray[np.int64]


Decoder = Callable[[Outputs, ModelCard], Candidates]


def decode(outputs: Outputs, card: ModelCard) -> Candidates:
    """Read the outputs as the card says. Raises DetectorError when they are not what the card says."""
    for name, tensor in outputs.items():
        if not bool(np.isfinite(tensor).all()):
            raise DetectorError(
                FailureReason.OUTPUT_NOT_FINITE, f"output {name!r} of model {card.name!r} holds NaN or infinity"
            )
    return DECODERS[card.output.layout](outputs, card)


def _yolo_raw(outputs: Outputs, card: ModelCard) -> Candidates:
    """1 x (4 + classes) x N: cx cy w h in input pixels, then a score per class."""
    tensor = _shaped(_boxes(outputs, card), card, (1, None, None), least={1: 5})
    rows = tensor[0].T.astype(np.float32)
    return _from_class_scores(_corners(rows[:, :2], rows[:, 2:4]), rows[:, 4:], card)


def _yolo_end2end(outputs: Outputs, card: ModelCard) -> Candidates:
    """1 x N x 6: x1 y1 x2 y2 in input pixels, score, class."""
    rows = _shaped(_boxes(outputs, card), card, (1, None, 6))[0].astype(np.float32)
    return Candidates(rows[:, :4], rows[:, 4], np.rint(rows[:, 5]).astype(np.int64))


def _yolox(outputs: Outputs, card: ModelCard) -> Candidates:
    """1 x N x (5 + classes): cx cy w h, objectness, a score per class; N cells of all strides in turn."""
    tensor = _shaped(_boxes(outputs, card), card, (1, None, None), least={2: 6})
    rows = tensor[0].astype(np.float32)
    centres, sizes = rows[:, :2], rows[:, 2:4]
    if not card.output.decoded:
        cells, steps = _grid(card.input.width, card.input.height, card.output.strides)
        if len(cells) != len(rows):
            raise DetectorError(
                FailureReason.OUTPUT_SHAPE,
                f"model {card.name!r} yields {len(rows)} cells, its input size and strides make {len(cells)}; "
                "correct input or output.strides of the card",
            )
        with np.errstate(over="ignore"):  # an overflow ends as infinity and is refused when selected
            centres, sizes = (centres + cells) * steps, np.exp(sizes) * steps
    return _from_class_scores(_corners(centres, sizes), rows[:, 4:5] * rows[:, 5:], card)


def _omz_2000(outputs: Outputs, card: ModelCard) -> Candidates:
    """Two tensors: boxes N x 5 (x1 y1 x2 y2 in input pixels, score) and labels N."""
    rows = _shaped(_named(outputs, card.output.box_tensor or "boxes", card), card, (None, 5)).astype(np.float32)
    labels = _shaped(_named(outputs, card.output.label_tensor or "labels", card), card, (len(rows),))
    return Candidates(rows[:, :4], rows[:, 4], labels.astype(np.int64))


def _ssd(outputs: Outputs, card: ModelCard) -> Candidates:
    """1 x 1 x N x 7: image (negative ends the list), class, score, x1 y1 x2 y2 in fractions of the input."""
    rows = _shaped(_boxes(outputs, card), card, (1, 1, None, 7))[0, 0].astype(np.float32)
    ends = np.flatnonzero(rows[:, 0] < 0)
    rows = rows[: ends[0]] if len(ends) else rows
    sides = np.array([card.input.width, card.input.height] * 2, np.float32)
    return Candidates(rows[:, 3:7] * sides, rows[:, 2], np.rint(rows[:, 1]).astype(np.int64))


DECODERS: dict[OutputLayout, Decoder] = {
    OutputLayout.YOLO_RAW: _yolo_raw,
    OutputLayout.YOLO_END2END: _yolo_end2end,
    OutputLayout.YOLOX: _yolox,
    OutputLayout.OMZ_2000: _omz_2000,
    OutputLayout.SSD: _ssd,
}


def _named(outputs: Outputs, name: str, card: ModelCard) -> Tensor:
    if name not in outputs:
        raise DetectorError(
            FailureReason.OUTPUT_MISSING,
            f"model {card.name!r} has no output {name!r}, it has {sorted(outputs)}; "
            "correct output.box_tensor or output.label_tensor of the card",
        )
    return outputs[name]


def _boxes(outputs: Outputs, card: ModelCard) -> Tensor:
    """The one tensor of a one-tensor layout: the named one, else the graph's first."""
    return _named(outputs, card.output.box_tensor or next(iter(outputs), ""), card)


def _shaped(
    tensor: Tensor, card: ModelCard, shape: tuple[int | None, ...], least: Mapping[int, int] | None = None
) -> Tensor:
    """The tensor, if it has that shape (None: any length) and at least those lengths per axis."""
    fits = tensor.ndim == len(shape) and all(
        wanted in (None, got) for wanted, got in zip(shape, tensor.shape, strict=True)
    )
    if not fits or any(tensor.shape[axis] < length for axis, length in (least or {}).items()):
        wanted = " x ".join("N" if length is None else str(length) for length in shape)
        raise DetectorError(
            FailureReason.OUTPUT_SHAPE,
            f"model {card.name!r} yields {tensor.shape}, layout {card.output.layout.value!r} needs {wanted}; "
            "correct output.layout of the card",
        )
    return tensor


def _from_class_scores(boxes: Boxes, scores: NDArray[np.float32], card: ModelCard) -> Candidates:
    """The best class of each row among those that the card names: the others are not looked for."""
    named = np.array(sorted(card.classes), np.int64)
    if named[-1] >= scores.shape[1]:
        raise DetectorError(
            FailureReason.OUTPUT_SHAPE,
            f"model {card.name!r} knows {scores.shape[1]} classes, its card names index {named[-1]}; "
            "correct [classes] of the card",
        )
    wanted = scores[:, named]
    best = wanted.argmax(axis=1)
    return Candidates(boxes, wanted[np.arange(len(wanted)), best], named[best])


def _corners(centres: NDArray[np.float32], sizes: NDArray[np.float32]) -> Boxes:
    return np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)


@lru_cache(maxsize=8)
def _grid(width: int, height: int, strides: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cell columns and rows (N x 2) and their strides (N x 1), row by row, stride after stride."""
    cells, steps = [], []
    for stride in strides:
        rows, columns = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32))
        steps.append(np.full((rows.size, 1), stride, np.float32))
    return np.concatenate(cells), np.concatenate(steps)
