"""Pictures into graph inputs, and boxes back into the frame: exactly the inverse."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Boxes, Frame
from models.card import InputSpec


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame lies inside the graph's input; all in pixels of the input.

    The scaled frame covers (left, top) to (left + width, top + height).
    """

    left: int
    top: int
    width: int
    height: int

    def to_input(self, fractions: Boxes) -> Boxes:
        """N x 4 boxes in fractions of the frame, as pixels of the input."""
        return np.asarray(fractions * self._scale() + self._offset())

    def to_frame(self, pixels: Boxes) -> Boxes:
        """N x 4 boxes in pixels of the input, as fractions of the frame, clipped to it."""
        fractions = (pixels - self._offset()) / self._scale()
        return np.asarray(np.clip(fractions, 0.0, 1.0), np.float32)

    def _scale(self) -> NDArray[np.float32]:
        return np.array([self.width, self.height, self.width, self.height], np.float32)

    def _offset(self) -> NDArray[np.float32]:
        return np.array([self.left, self.top, self.left, self.top], np.float32)


def place(frame_width: int, frame_height: int, spec: InputSpec) -> Placement:
    """Where a frame of that size (pixels) goes. At least one pixel remains of either side."""
    if spec.resize == "stretch":
        return Placement(0, 0, spec.width, spec.height)
    ratio = min(spec.width / frame_width, spec.height / frame_height)
    width = min(spec.width, max(1, round(frame_width * ratio)))
    height = min(spec.height, max(1, round(frame_height * ratio)))
    centred = spec.pad_anchor == "centre"
    left = (spec.width - width) // 2 if centred else 0
    top = (spec.height - height) // 2 if centred else 0
    return Placement(left, top, width, height)


def prepare(frame: Frame, spec: InputSpec) -> tuple[NDArray[np.float32], Placement]:
    """Resize, pad, reorder and normalise one BGR frame.

    Returns the graph's input, float32 1 x 3 x height x width (or 1 x height x width x 3 for NHWC), and the
    placement that brings boxes back. Bilinear resizing, as the models were trained with.
    """
    placement = place(frame.shape[1], frame.shape[0], spec)
    size = (placement.width, placement.height)
    scaled = cv2.resize(np.ascontiguousarray(frame), size, interpolation=cv2.INTER_LINEAR)
    canvas = np.full((spec.height, spec.width, 3), spec.pad_value, np.uint8)
    below, right = placement.top + placement.height, placement.left + placement.width
    canvas[placement.top : below, placement.left : right] = scaled
    return _normalise(canvas, spec), placement


def _normalise(canvas: Frame, spec: InputSpec) -> NDArray[np.float32]:
    ordered = canvas[:, :, ::-1] if spec.colour == "RGB" else canvas
    values = ordered.astype(np.float32)
    if spec.scale != 1.0:
        values *= np.float32(spec.scale)
    if any(spec.mean):
        values -= np.array(spec.mean, np.float32)
    if any(std != 1.0 for std in spec.std):
        values /= np.array(spec.std, np.float32)
    arranged = values.transpose(2, 0, 1) if spec.layout == "NCHW" else values
    return np.ascontiguousarray(arranged[None])
