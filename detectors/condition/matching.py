"""Finding the reference view in a picture by its key points (特征点配准): SIFT and a robust homography.

SIFT, not ORB: its gradients survive the change from day to infra-red, and it is needed only when the view no longer
fits. Works on small greys (uint8 H x W); the same pictures give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.condition.outlines import Grey, Mask
from detectors.condition.warp import Warp

_POINTS = 500
_CONTRAST = 0.02
_RATIO = 0.8
_LEAST_MATCHES = 12
_LEAST_AGREEING = 14
_LEAST_PART = 0.35
_OFF_PX = 1.5
_ITERATIONS = 2000


@dataclass(frozen=True)
class KeyPoints:
    """Positions (float32 N x 2, pixels) and descriptions (float32 N x 128)."""

    places: NDArray[np.float32]
    looks: NDArray[np.float32]


def key_points(grey: Grey, usable: Mask | None = None) -> KeyPoints:
    """The key points of a small grey, outside what is not ``usable`` (H x W)."""
    evened = cv2.createCLAHE(3.0, (8, 8)).apply(grey)
    mask = None if usable is None else usable.astype(np.uint8)
    points, looks = cv2.SIFT.create(nfeatures=_POINTS, contrastThreshold=_CONTRAST).detectAndCompute(evened, mask)
    if looks is None or not points:
        return KeyPoints(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    # Square roots of shares: nearest neighbours then compare as histograms should be compared.
    shares = np.sqrt(looks / (looks.sum(axis=1, keepdims=True) + 1e-6))
    return KeyPoints(np.array([point.pt for point in points], np.float32), np.asarray(shares, np.float32))


def found_warp(kept: KeyPoints, now: KeyPoints, width: int, height: int) -> Warp | None:
    """How ``now`` lies over ``kept`` (pixels of pictures ``width`` x ``height``); None where too little agrees."""
    if len(kept.places) < _LEAST_MATCHES or len(now.places) < _LEAST_MATCHES:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(kept.looks, now.looks, k=2)
    good = [best for best, second in pairs if best.distance < _RATIO * second.distance]
    if len(good) < _LEAST_MATCHES:
        return None
    before = kept.places[[match.queryIdx for match in good]]
    after = now.places[[match.trainIdx for match in good]]
    matrix, agreeing = cv2.findHomography(before, after, cv2.USAC_MAGSAC, _OFF_PX, maxIters=_ITERATIONS)
    if matrix is None or int(agreeing.sum()) < max(_LEAST_AGREEING, _LEAST_PART * len(good)):
        return None
    try:
        warp = Warp.of_pixels(np.asarray(matrix, np.float64), width, height)
    except ValueError:
        return None
    return warp if warp.plausible else None


def small_shift(kept: Grey, now: Grey, usable: Mask) -> tuple[float, float]:
    """How far (right, down) in pixels ``now`` is shifted against ``kept``: exact for fractions of a pixel, useless
    for turns. Only ``usable`` pixels (H x W) take part."""
    window = cv2.createHanningWindow((kept.shape[1], kept.shape[0]), cv2.CV_32F)
    a, b = (_edges(grey, usable) for grey in (kept, now))
    (right, down), _ = cv2.phaseCorrelate(a, b, window)
    return float(right), float(down)


def _edges(grey: Grey, usable: Mask) -> NDArray[np.float32]:
    soft = cv2.GaussianBlur(np.asarray(grey, np.float32), (0, 0), 1.0)
    strength = cv2.magnitude(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    around = cv2.boxFilter(strength, -1, (31, 31)) + 4.0
    return np.asarray(strength / around * usable, np.float32)
