"""Random views of a labelled picture: where it lands on the canvas, how it is lit, how the camera spoils it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from models.training.boxes import PAD_VALUE, Floats, Picture
from models.training.folder import Sample, read_picture
from models.training.weather import night, rain

Matrix = NDArray[np.float64]
_LEAST_VISIBLE = 0.35  # share of a box that must stay in view for its label to stay
_LEAST_SIDE = 3.0  # px; smaller than this nobody can tell what it is


class Augment(BaseModel):
    """How strong each change is. Ranges are (low, high), probabilities 0..1, angles in degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mosaic: float = 0.6
    zoom: tuple[float, float] = (0.5, 1.5)
    mosaic_zoom: tuple[float, float] = (0.35, 1.2)
    aspect: tuple[float, float] = (0.75, 1.35)  # height over width: below 1 is a steeper view
    rotation: float = 4.0
    perspective: float = 0.12
    flip: float = 0.5
    hue: float = 0.015
    saturation: float = 0.5
    brightness: float = 0.4
    blur: float = 0.15
    noise: float = 0.15
    compression: float = 0.15
    grey: float = 0.05
    night: float = 0.0
    rain: float = 0.0


@dataclass(frozen=True)
class Labelled:
    """A picture with label rows [N, 5] (class, x1 y1 x2 y2) and ignore boxes [M, 4], in its pixels."""

    picture: Picture
    boxes: Floats
    ignore: Floats


def load(sample: Sample) -> Labelled:
    """Reads a sample's picture and scales its boxes to pixels."""
    picture = read_picture(sample.image)
    size = np.array([picture.shape[1], picture.shape[0]] * 2, np.float32)
    boxes = sample.boxes.copy()
    boxes[:, 1:] *= size
    return Labelled(picture, boxes, sample.ignore * size)


def _log_uniform(rng: Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def random_view(
    rng: Generator, size: tuple[int, int], region: tuple[int, int], zoom: tuple[float, float], how: Augment
) -> Matrix:
    """A matrix [3, 3] that takes pixels of a picture of `size` (w, h) to those of a `region` (w, h)."""
    (width, height), (to_width, to_height) = size, region
    aspect = np.sqrt(_log_uniform(rng, *how.aspect))
    scale = min(to_width / width, to_height / height) * _log_uniform(rng, *zoom)
    sx, sy = scale / aspect, scale * aspect
    mirror = -1.0 if rng.random() < how.flip else 1.0
    angle = np.deg2rad(rng.uniform(-how.rotation, how.rotation))
    to_origin = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    tilt = np.eye(3)
    tilt[2, 1] = rng.uniform(-how.perspective, how.perspective) / height
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    spare_x, spare_y = abs(to_width - width * sx) / 2, abs(to_height - height * sy) / 2
    shift = np.array(
        [
            [1, 0, to_width / 2 + rng.uniform(-spare_x, spare_x)],
            [0, 1, to_height / 2 + rng.uniform(-spare_y, spare_y)],
            [0, 0, 1],
        ]
    )
    matrix: Matrix = shift @ turn @ np.diag([sx * mirror, sy, 1.0]) @ tilt @ to_origin
    return matrix


def moved_boxes(boxes: Floats, matrix: Matrix) -> Floats:
    """The upright boxes [N, 4] around the moved corners of `boxes`."""
    if not len(boxes):
        return boxes
    x1, y1, x2, y2 = boxes.T
    points = np.stack((x1, y1, x2, y1, x2, y2, x1, y2), 1).reshape(-1, 4, 2).astype(np.float64)
    moved = cv2.perspectiveTransform(points.reshape(1, -1, 2), matrix).reshape(-1, 4, 2)
    return np.concatenate((moved.min(1), moved.max(1)), 1).astype(np.float32)


def cut_to(rows: Floats, ignore: Floats, width: int, height: int) -> tuple[Floats, Floats]:
    """Clips labels and ignore boxes to a frame; labels with too little left become ignore boxes."""
    frame = np.array([width, height] * 2, np.float32)
    clipped = np.clip(rows[:, 1:], 0, frame)
    sides = clipped[:, 2:] - clipped[:, :2]
    whole = np.maximum((rows[:, 3] - rows[:, 1]) * (rows[:, 4] - rows[:, 2]), 1e-6)
    in_view = (sides > 0).all(1)
    kept = in_view & (sides.prod(1) / whole >= _LEAST_VISIBLE) & (sides >= _LEAST_SIDE).all(1)
    doubtful = np.concatenate((np.clip(ignore, 0, frame), clipped[in_view & ~kept]))
    doubtful = doubtful[(doubtful[:, 2:] > doubtful[:, :2]).all(1)]
    return np.concatenate((rows[kept, :1], clipped[kept]), 1), doubtful


def place(source: Labelled, matrix: Matrix, region: tuple[int, int]) -> Labelled:
    """The source seen through `matrix` in a region of (w, h) px."""
    picture = cv2.warpPerspective(
        source.picture, matrix, region, flags=cv2.INTER_LINEAR, borderValue=(PAD_VALUE,) * 3
    )
    rows = np.concatenate((source.boxes[:, :1], moved_boxes(source.boxes[:, 1:], matrix)), 1)
    return Labelled(picture, *cut_to(rows, moved_boxes(source.ignore, matrix), *region))


def mosaic(rng: Generator, sources: Sequence[Labelled], size: tuple[int, int], how: Augment) -> Labelled:
    """Four sources on one canvas of (w, h) px, meeting at a random point."""
    width, height = size
    x, y = (int(side * rng.uniform(0.3, 0.7)) for side in size)
    canvas: Picture = np.full((height, width, 3), PAD_VALUE, np.uint8)
    rows, ignore = [], []
    spots = ((0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height))
    for source, (x1, y1, x2, y2) in zip(sources, spots, strict=True):
        region = (x2 - x1, y2 - y1)
        # Zoom is relative to the whole canvas, so a quarter shows a part at a natural scale.
        zoom = tuple(z * min(width / region[0], height / region[1]) for z in how.mosaic_zoom)
        size_of = (source.picture.shape[1], source.picture.shape[0])
        seen = place(source, random_view(rng, size_of, region, (zoom[0], zoom[1]), how), region)
        canvas[y1:y2, x1:x2] = seen.picture
        rows.append(seen.boxes + np.array([0, x1, y1, x1, y1], np.float32))
        ignore.append(seen.ignore + np.array([x1, y1, x1, y1], np.float32))
    return Labelled(canvas, np.concatenate(rows), np.concatenate(ignore))


def spoil(rng: Generator, picture: Picture, how: Augment) -> Picture:
    """Light, colour, night, rain, blur, noise and compression as cheap street cameras show them."""
    gains = 1 + rng.uniform(-1, 1, 3) * (how.hue, how.saturation, how.brightness)
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV).astype(np.float32) * gains.astype(np.float32)
    hsv[..., 0] %= 180
    picture = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR)
    if rng.random() < how.grey:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if how.night and rng.random() < how.night:
        picture = night(rng, picture)
    if how.rain and rng.random() < how.rain:
        picture = rain(rng, picture)
    if rng.random() < how.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.4)))
    if rng.random() < how.noise:
        grain = rng.normal(0, rng.uniform(2, 10), picture.shape)
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    if rng.random() < how.compression:
        quality = int(rng.integers(25, 80))
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        decoded = cv2.imdecode(packed, cv2.IMREAD_COLOR)
        assert decoded is not None  # it was encoded a line above
        picture = decoded
    return picture
