"""What spoils a picture, in steps: blur, noise, darkness, compression, distance. Pure functions of picture and step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from models.training.boxes import PAD_VALUE, Detections, Picture
from models.training.reference import Model

Disturb = Callable[[Picture, float], Picture]


def blurred(picture: Picture, sigma: float) -> Picture:
    """Gaussian blur; `sigma` in thousandths of the picture's width."""
    return cv2.GaussianBlur(picture, (0, 0), sigma * picture.shape[1] / 1000)


def noisy(picture: Picture, sigma: float) -> Picture:
    """Gaussian noise of `sigma` grey levels, the same for the same picture."""
    grain = np.random.default_rng(0).normal(0, sigma, picture.shape)
    spoiled: Picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return spoiled


def darkened(picture: Picture, share: float) -> Picture:
    """Only `share` of the light, in 8 bits, with the noise of a sensor turned up (3 grey levels)."""
    grain = np.random.default_rng(0).normal(0, 3, picture.shape)
    spoiled: Picture = np.clip(picture * share + grain, 0, 255).astype(np.uint8)
    return spoiled


def compressed(picture: Picture, quality: float) -> Picture:
    """JPEG of this quality (1..100)."""
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    opened = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert opened is not None  # it was encoded a line above
    return opened


def farther(picture: Picture, share: float) -> Picture:
    """Everything `share` as large, in the upper left of a grey frame of the same size."""
    canvas: Picture = np.full_like(picture, PAD_VALUE)
    size = (max(round(picture.shape[1] * share), 1), max(round(picture.shape[0] * share), 1))
    canvas[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return canvas


# Name of the curve: (function, steps from mild to hard, what a step is).
CURVES: Mapping[str, tuple[Disturb, tuple[float, ...], str]] = {
    "blur": (blurred, (1.0, 2.0, 4.0, 8.0), "sigma in thousandths of the width"),
    "noise": (noisy, (8.0, 16.0, 32.0, 64.0), "sigma in grey levels"),
    "darkness": (darkened, (0.5, 0.25, 0.12, 0.06), "share of the light left"),
    "jpeg": (compressed, (50.0, 25.0, 12.0, 6.0), "quality"),
    "scale": (farther, (0.75, 0.5, 0.35, 0.25), "size of everything"),
}


def disturbed(model: Model, curve: str, step: float) -> Model:
    """The model looking at spoiled pictures; boxes are given in the unspoiled picture's pixels."""
    change = CURVES[curve][0]
    factor = 1 / step if curve == "scale" else 1.0

    def detect(picture: Picture) -> Detections:
        found = model(change(picture, step))
        return Detections(found.boxes * factor, found.scores, found.classes)

    return detect
