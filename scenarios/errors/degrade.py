"""Weaker versions of a recording: the same street smaller, partly covered, darker, wetter, blurred.

Where everything is stays known, so that what the detector loses can be measured. The weather is imitated plainly; it
stands for the direction and size of its effect, not for every night and every rain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.messages import Box
from scenarios.language.conditions import BLUR_RADIUS, ConditionKind

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

COVER_SIDES = ("left", "right", "bottom")


@dataclass(frozen=True)
class Variant:
    """One weaker version. ``scale`` 1: full size; ``cover``: share of every object hidden by a patch of street;
    ``quality``: of a JPEG in between, none without."""

    name: str
    condition: ConditionKind | None = None
    amount: float = 0.0
    scale: float = 1.0
    cover: float = 0.0
    quality: int | None = None
    noise: float = 0.0


PLAIN = Variant("as recorded")
VARIANTS: tuple[Variant, ...] = (
    Variant("jpeg 40, noise 6", quality=40, noise=6.0),
    Variant("scale 0.6", scale=0.6),
    Variant("scale 0.4", scale=0.4),
    Variant("scale 0.28", scale=0.28),
    Variant("scale 0.2", scale=0.2),
    Variant("covered 0.3", cover=0.3),
    Variant("covered 0.5", cover=0.5),
    Variant("covered 0.7", cover=0.7),
    *(
        Variant(f"{kind} {amount:g}", condition=kind, amount=amount)
        for kind, amounts in (
            (ConditionKind.RAIN, (0.5, 1.0)),
            (ConditionKind.DUSK, (0.5, 1.0)),
            (ConditionKind.NIGHT_IR, (0.5, 1.0)),
            (ConditionKind.DIRTY, (0.5, 1.0)),
            (ConditionKind.DEFOCUS, (0.15, 0.35, 1.0)),
            (ConditionKind.HEADLIGHTS, (0.5, 1.0)),
        )
        for amount in amounts
    ),
)


def degrade(frame: Image, variant: Variant, boxes: Sequence[Box], number: int) -> Image:
    """``frame`` (uint8, H x W x 3, BGR) as the variant has it; ``boxes`` are covered, ``number`` seeds the noise."""
    rng = np.random.default_rng((number, 271828))
    image = _cover(frame, boxes, variant.cover) if variant.cover else frame
    image = _smaller(image, variant.scale) if variant.scale < 1 else image
    if variant.condition is not None:
        values = _EFFECTS[variant.condition](image.astype(np.float32), variant.amount, rng)
        image = np.clip(values, 0, 255).astype(np.uint8)
    if variant.noise:
        noise = rng.normal(0, variant.noise, image.shape).astype(np.float32)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return _through_jpeg(image, variant.quality) if variant.quality else image


def moved(box: Box, variant: Variant) -> Box:
    """Where a box of the recording lies in the variant."""
    x1, y1, x2, y2 = (side * variant.scale for side in box)
    return x1, y1, x2, y2


def cover_of(box: Box, share: float, side: str) -> Box:
    """The part of ``box`` that is hidden: ``share`` of it from one side."""
    x1, y1, x2, y2 = box
    match side:
        case "left":
            return x1, y1, x1 + (x2 - x1) * share, y2
        case "right":
            return x2 - (x2 - x1) * share, y1, x2, y2
        case _:
            return x1, y2 - (y2 - y1) * share, x2, y2


def cover_side(index: int) -> str:
    """From which side the object of that index is covered."""
    return COVER_SIDES[index % len(COVER_SIDES)]


def _cover(frame: Image, boxes: Sequence[Box], share: float) -> Image:
    """Patches of the same street, from beside the object, stand before each of them."""
    height, width = frame.shape[:2]
    image = frame.copy()
    for index, box in enumerate(boxes):
        x1, y1, x2, y2 = cover_of(box, share, cover_side(index))
        left, top = int(x1 * width), int(y1 * height)
        right, bottom = min(width, int(x2 * width) + 1), min(height, int(y2 * height) + 1)
        wide = right - left
        source = left - 2 * wide if left >= 2 * wide else min(width - wide, right + wide)
        patch = frame[top:bottom, source : source + wide]
        image[top:bottom, left : left + patch.shape[1]] = cv2.GaussianBlur(patch, (5, 5), 0)
    return image


def _smaller(frame: Image, scale: float) -> Image:
    """The picture in the top left corner, its surroundings a blurred enlargement of itself: no bare border."""
    height, width = frame.shape[:2]
    small = cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    image = np.asarray(cv2.GaussianBlur(frame, (0, 0), 25), np.uint8)
    image[: small.shape[0], : small.shape[1]] = small
    return image


def _through_jpeg(image: Image, quality: int) -> Image:
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def _rain(image: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """Streaks and a grey veil."""
    height, width = image.shape[:2]
    drops = (rng.random((height, width)) < 0.004 * amount).astype(np.float32) * 255
    streaks = cv2.filter2D(drops, -1, np.eye(15, dtype=np.float32)[:, ::-1] / 5)[..., None]
    veil = 0.35 * amount
    blurred = cv2.GaussianBlur(image, (0, 0), 0.4 + 0.8 * amount)
    return np.asarray(blurred * (1 - veil) + 150 * veil + streaks * 0.8, np.float32)


def _dusk(image: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """Less light, and the sensor noise that the gain brings up."""
    dark = 255 * (image / 255) ** (1 + 0.8 * amount) * (1 - 0.75 * amount)
    return np.asarray(dark + rng.normal(0, 8 * amount, image.shape), np.float32)


def _night_ir(image: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """Grey, flat, noisy, and darker with the distance (upwards in the picture)."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    far = np.linspace(1.0, 0.0, image.shape[0], dtype=np.float32)[:, None]
    lit = (50 + grey * 0.75) * (1 - 0.85 * amount * far) + rng.normal(0, 7, grey.shape)
    return np.repeat(lit.astype(np.float32)[..., None], 3, axis=2)


def _dirty(image: Floats, amount: float, _: np.random.Generator) -> Floats:
    """Blurred grey spots that stay where they are."""
    spots = np.random.default_rng(3).random((9, 12)).astype(np.float32)
    dirt = cv2.resize(spots, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)
    veil = np.clip((dirt - 0.55) * 4, 0, 1)[..., None] * amount * 0.85
    return np.asarray(image * (1 - veil) + cv2.GaussianBlur(image, (0, 0), 9) * veil * 0.4 + 70 * veil, np.float32)


def _defocus(image: Floats, amount: float, _: np.random.Generator) -> Floats:
    sigma = max(0.1, BLUR_RADIUS * amount * image.shape[1] / 2)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _headlights(image: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """A night street with the glare of a beam somewhere in it."""
    height, width = image.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.3, 0.8) * height
    distance = np.hypot(columns - x, rows - y) / width
    glare = (np.exp(-((distance / 0.06) ** 2)) + 0.35 * np.exp(-distance / 0.15))[..., None]
    return np.asarray(_dusk(image, 0.7, rng) + 255 * amount * glare, np.float32)


_EFFECTS: dict[ConditionKind, Callable[[Floats, float, np.random.Generator], Floats]] = {
    ConditionKind.RAIN: _rain,
    ConditionKind.DUSK: _dusk,
    ConditionKind.NIGHT_IR: _night_ir,
    ConditionKind.DIRTY: _dirty,
    ConditionKind.DEFOCUS: _defocus,
    ConditionKind.HEADLIGHTS: _headlights,
}
