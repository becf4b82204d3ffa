"""Whether a lens was ever in focus (对焦): how wide the edges of a picture are, against nothing but themselves."""

from __future__ import annotations

import cv2
import numpy as np

from detectors.condition.outlines import COLUMNS, ROWS, Grey

OUT_OF_FOCUS = 5.0
"""Edge width, pixels of 320, from which nothing was ever in focus. Sharp pictures have 2.8 to 3.8 (vtest 3.0,
car-detection 2.8, a hundred street pictures up to 3.8, drawn streets 2.9 by day, dusk and in rain, 3.4 in infra-red);
after a blur whose circle has a radius of 1 % of the frame's width 4.5, of 2 % 6.5."""
IN_FOCUS = 4.5
"""A view that was never in focus must become so sharp to be learnt anew."""
_CONTRAST = 25.0
"""Grey levels between the darkest and brightest of a block in which an edge is looked for."""
_LEAST_BLOCKS = 5
_SHARPEST = 25
"""Percentile over the blocks: shadows are soft in any picture, and a text written over a blurred one is sharp."""


def edge_width(grey: Grey) -> float | None:
    """How wide the sharper edges of a small grey (uint8 H x W) are, pixels; None where hardly any are to be seen."""
    height, width = grey.shape[0] // ROWS, grey.shape[1] // COLUMNS
    plain = np.asarray(grey, np.float32)
    slope = cv2.magnitude(cv2.Sobel(plain, cv2.CV_32F, 1, 0), cv2.Sobel(plain, cv2.CV_32F, 0, 1)) / 8
    cells = [
        np.asarray(plane, np.float32)[: height * ROWS, : width * COLUMNS]
        .reshape(ROWS, height, COLUMNS, width)
        .swapaxes(1, 2)
        .reshape(ROWS * COLUMNS, height * width)
        for plane in (plain, slope)
    ]
    low, high = np.percentile(cells[0], [2, 98], axis=1)
    shown = high - low >= _CONTRAST
    if int(shown.sum()) < _LEAST_BLOCKS:
        return None
    steepest = np.maximum(np.percentile(cells[1][shown], 98, axis=1), 1e-3)
    return float(np.percentile((high - low)[shown] / steepest, _SHARPEST))
