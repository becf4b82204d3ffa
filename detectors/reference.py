"""The camera's picture of the bare street (背景参考): learnt, slowly following the light, never absorbing what stands.

Works on a small picture (320 wide). Everything is uint8, so that a saved reference goes on bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.places.geometry import grow
from detectors.places.likeness import MARGIN, SIDE, Thumbnail
from ingest.messages import Box

WIDTH = 320
LEARNING_LOOKS = 9
_CLEAR_SAMPLES = 3
_KNOWN_PART = 0.9
_DIFFERENT = 13
_STEP_SHIFT = 4
_LOCAL_PART = 0.38
"""Side of the window in which a change of light counts as even, as part of the width."""

Mask = NDArray[np.bool_]
Grey = NDArray[np.uint8]
Colour = NDArray[np.uint8]


@dataclass(frozen=True)
class SmallFrame:
    """One frame made small: ``colour`` uint8 H x W x 3 BGR, ``grey`` uint8 H x W, smoothed."""

    colour: Colour
    grey: Grey


def shrink(frame: Colour) -> SmallFrame:
    """``frame`` (uint8, H x W x 3, BGR) at the width the reference works with."""
    height = max(8, round(frame.shape[0] * WIDTH / frame.shape[1]))
    colour = np.asarray(cv2.resize(frame, (WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
    return SmallFrame(colour, smooth_grey(colour))


def smooth_grey(colour: Colour) -> Grey:
    """Grey, lightly smoothed against sensor noise."""
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (3, 3), 0), np.uint8)


def paint(boxes: list[Box], shape: tuple[int, int], margin: float = 0.0, extra_px: int = 0) -> Mask:
    """Mask (H x W) of all pixels that a box, grown by ``margin`` of its size and ``extra_px``, touches."""
    mask = np.zeros(shape, bool)
    height, width = shape
    for box in boxes:
        x1, y1, x2, y2 = grow(box, margin)
        left, top = max(0, int(x1 * width) - extra_px), max(0, int(y1 * height) - extra_px)
        right, bottom = int(np.ceil(x2 * width)) + extra_px, int(np.ceil(y2 * height)) + extra_px
        mask[top:bottom, left:right] = True
    return mask


def thumbnail(grey: Grey, box: Box) -> Thumbnail:
    """``box`` with its margin, cut from a grey picture (H x W), uint8 SIDE x SIDE."""
    height, width = grey.shape[:2]
    x1, y1, x2, y2 = grow(box, MARGIN)
    left, top = min(int(x1 * width), width - 2), min(int(y1 * height), height - 2)
    right, bottom = max(left + 2, round(x2 * width)), max(top + 2, round(y2 * height))
    part = grey[top:bottom, left:right]
    if part.ndim == 3:
        part = np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8)
    shrinks = part.shape[0] >= SIDE and part.shape[1] >= SIDE
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=method), np.uint8)


class Reference:
    """The bare street, with a count of how often each pixel was seen uncovered.

    A pixel that something covered during all of the learning is unknown until it has been seen bare.
    """

    def __init__(self) -> None:
        self._colour: Colour | None = None
        self._grey: Grey = np.zeros((0, 0), np.uint8)
        self._clear: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self._samples: list[Colour] = []
        self._uncovered: list[Mask] = []

    @property
    def ready(self) -> bool:
        """Whether learning is over."""
        return self._colour is not None

    @property
    def colour(self) -> Colour | None:
        """The reference, uint8 H x W x 3 BGR; None while learning."""
        return self._colour

    @property
    def grey(self) -> Grey:
        """The reference in smoothed grey; empty while learning."""
        return self._grey

    @property
    def known(self) -> Mask:
        """Pixels whose bare look is known."""
        return self._clear >= _CLEAR_SAMPLES

    def fits(self, small: SmallFrame) -> bool:
        """Whether ``small`` has the size of what was learnt so far."""
        learnt = self._samples[0] if self._samples else self._colour
        return learnt is None or learnt.shape == small.colour.shape

    def learn(self, small: SmallFrame, covered: Mask) -> None:
        """Take one of the first looks; ``covered`` are pixels under detected objects."""
        self._samples.append(small.colour)
        self._uncovered.append(~covered)
        if len(self._samples) < LEARNING_LOOKS:
            return
        samples, uncovered = np.stack(self._samples), np.stack(self._uncovered)
        self._clear = uncovered.sum(axis=0).astype(np.uint8)
        self._colour = _median_where(samples, uncovered)
        self._grey = smooth_grey(self._colour)
        self._samples, self._uncovered = [], []

    def difference(self, small: SmallFrame, ignored: Mask) -> NDArray[np.float32]:
        """How far each pixel is off the reference, grey levels, an even change of light taken out.

        ``ignored`` pixels (under known objects) do not take part in measuring the light.
        """
        residual = small.grey.astype(np.float32) - self._grey
        weight = (~ignored).astype(np.float32)
        side = int(WIDTH * _LOCAL_PART) | 1
        light = cv2.boxFilter(residual * weight, -1, (side, side))
        share = cv2.boxFilter(weight, -1, (side, side))
        return np.asarray(residual - light / np.maximum(share, 0.05), np.float32)

    def adapt(self, small: SmallFrame, difference: NDArray[np.float32], covered: Mask) -> None:
        """Follow the light where nothing stands; learn unknown pixels when they are bare."""
        if self._colour is None:
            return
        bare = ~covered
        first_time = bare & ~self.known
        follow = bare & ~first_time & (np.abs(difference) < _DIFFERENT)
        step = small.colour.astype(np.int16) - self._colour
        step = np.sign(step) * np.maximum(np.abs(step) >> _STEP_SHIFT, np.minimum(np.abs(step), 1))
        moved = (self._colour + step).astype(np.uint8)
        self._colour = np.where(follow[..., None], moved, self._colour)
        self._colour[first_time] = small.colour[first_time]
        self._clear[first_time] += 1
        self._grey = smooth_grey(self._colour)

    def absorb(self, region: Mask, small: SmallFrame) -> None:
        """``region`` looks like this from now on."""
        if self._colour is not None:
            self._colour[region] = small.colour[region]
            self._grey = smooth_grey(self._colour)

    def forget(self, region: Mask) -> None:
        """The bare look of ``region`` has to be learnt anew."""
        if self._colour is not None:
            self._clear[region] = 0

    def shows(self, box: Box) -> bool:
        """Whether nearly all of ``box`` is known."""
        if self._colour is None:
            return False
        inside = paint([box], self._grey.shape[:2])
        return bool(self.known[inside].mean() >= _KNOWN_PART)

    def dump(self) -> dict[str, NDArray[Any]]:
        """All state, as arrays."""
        if self._colour is not None:
            return {"reference": self._colour, "clear": self._clear}
        if self._samples:
            return {
                "samples": np.stack(self._samples),
                "uncovered": np.packbits(np.stack(self._uncovered), axis=-1),
            }
        return {}

    def load(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Fill a fresh reference. Raises KeyError or ValueError for what :meth:`dump` did not write."""
        if "reference" in arrays:
            colour, clear = arrays["reference"], arrays["clear"]
            if colour.ndim != 3 or clear.shape != colour.shape[:2]:
                raise ValueError(f"reference {colour.shape} and clear {clear.shape} do not fit")
            self._colour, self._clear = colour.copy(), clear.copy()
            self._grey = smooth_grey(self._colour)
        elif "samples" in arrays:
            samples = arrays["samples"]
            uncovered = np.unpackbits(arrays["uncovered"], axis=-1, count=samples.shape[2]).astype(bool)
            if uncovered.shape != samples.shape[:3]:
                raise ValueError(f"samples {samples.shape} and uncovered {uncovered.shape} do not fit")
            self._samples, self._uncovered = list(samples), list(uncovered)


def _median_where(samples: NDArray[np.uint8], uncovered: Mask) -> Colour:
    """Median over time (N x H x W x 3) of the uncovered samples; of all where too few are uncovered."""
    plain = np.median(samples, axis=0)
    partly = ~uncovered.all(axis=0) & (uncovered.sum(axis=0) >= _CLEAR_SAMPLES)
    if partly.any():
        values = np.where(uncovered[:, partly, None], samples[:, partly].astype(np.float32), np.nan)
        plain[partly] = np.nanmedian(values, axis=0)
    return np.asarray(plain, np.uint8)
