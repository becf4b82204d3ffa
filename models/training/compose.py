"""Composite scenes: cut-outs set into real street pictures where they could stand, with exact boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from models.training.augment import Labelled, load
from models.training.boxes import Floats, Picture, coverage
from models.training.cutout import Cutout
from models.training.folder import Sample, write_sample
from models.training.reference import GARBAGE, PERSON, VEHICLE

_HEIGHT_M = {PERSON: 1.65, VEHICLE: 1.7}  # the typical height of what is labelled already
_BAG_HEIGHT_M = (0.35, 1.0)
_LEAST_PX = 9
_LARGEST_SHARE = 0.35  # of the picture's height
_LEAST_REFERENCES = 3
_HIDDEN_STREET, _HIDDEN_BAG = 0.2, 0.45  # how much of a street object or another bag may be hidden
_TRIES = 20
_JPEG_QUALITY = 90


@dataclass(frozen=True)
class Ground:
    """How large a metre is: `pixels_per_metre = slope * (y - horizon)` at picture row y (px)."""

    slope: float
    horizon: float

    def pixels_per_metre(self, y: float) -> float:
        return self.slope * (y - self.horizon)


def ground_of(boxes: Floats) -> Ground | None:
    """The ground's scale from labelled persons and vehicles ([N, 5] in px); None where they do not agree."""
    rows = [row for row in boxes if int(row[0]) in _HEIGHT_M]
    if len(rows) < _LEAST_REFERENCES:
        return None
    foot = np.array([row[4] for row in rows], float)
    scale = np.array([(row[4] - row[2]) / _HEIGHT_M[int(row[0])] for row in rows], float)
    if np.ptp(foot) < 20:
        return None
    pairs = [(i, j) for i in range(len(foot)) for j in range(i) if abs(foot[i] - foot[j]) > 10]
    if not pairs:
        return None
    slope = float(np.median([(scale[i] - scale[j]) / (foot[i] - foot[j]) for i, j in pairs]))
    if slope <= 0.02:
        return None
    return Ground(slope, float(np.median(foot - scale / slope)))


def _fitting(rng: Generator, cut: Cutout, height_px: float) -> Cutout:
    factor = height_px / cut.shape[0]
    wide = factor * rng.uniform(0.85, 1.25)
    size = (max(round(cut.shape[1] * wide), 3), max(round(height_px), 3))
    scaled: Cutout = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    return scaled[:, ::-1] if rng.random() < 0.5 else scaled


def paste(picture: Picture, cut: Cutout, left: int, top: int, light: float) -> None:
    """Sets a cut-out into the picture in place, with a contact shadow; `light` moves it to the ground's brightness."""
    h, w = cut.shape[:2]
    base = (left + w // 2, top + h - max(h // 12, 1))
    dark = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(dark, base, (round(w * 0.58), max(round(h * 0.14), 1)), 0, 0, 360, 0.45, -1)
    shade = cv2.GaussianBlur(dark, (0, 0), max(h * 0.05, 0.8))[..., None]
    picture[:] = (picture * (1 - shade)).astype(np.uint8)
    spot = picture[top : top + h, left : left + w].astype(np.float32)
    colour = cut[..., :3].astype(np.float32)
    gain = np.clip(1 + light * (spot.mean() / max(float(colour.mean()), 1.0) - 1), 0.5, 1.6)
    opacity = cut[..., 3:].astype(np.float32) / 255
    mixed = spot * (1 - opacity) + np.clip(colour * gain, 0, 255) * opacity
    picture[top : top + h, left : left + w] = mixed.astype(np.uint8)


def compose(rng: Generator, street: Labelled, cuts: Sequence[Cutout], at_most: int = 4) -> Labelled | None:
    """The street with one to `at_most` bags on free ground; None where no scale or no place is found."""
    ground = ground_of(street.boxes)
    if ground is None:
        return None
    height, width = street.picture.shape[:2]
    picture = street.picture.copy()
    taken = np.concatenate((street.boxes[:, 1:], street.ignore))
    bags = np.zeros((0, 4), np.float32)
    wanted = int(rng.integers(1, at_most + 1))
    anchor: tuple[float, float] | None = None
    for _ in range(_TRIES):
        if len(bags) == wanted:
            break
        x, foot = _spot(rng, width, height, ground, anchor)
        tall = ground.pixels_per_metre(foot) * rng.uniform(*_BAG_HEIGHT_M)
        if not _LEAST_PX <= tall <= height * _LARGEST_SHARE:
            continue
        cut = _fitting(rng, cuts[int(rng.integers(len(cuts)))], tall)
        left, top = int(x - cut.shape[1] / 2), int(foot - cut.shape[0])
        box = np.array([left, top, left + cut.shape[1], top + cut.shape[0]], np.float32)
        inside = left >= 0 and top >= 0 and box[2] <= width and box[3] <= height
        if not inside or _covers(box, taken, _HIDDEN_STREET) or _covers(box, bags, _HIDDEN_BAG):
            continue
        paste(picture, cut, left, top, float(rng.uniform(0.2, 0.8)))
        bags = np.concatenate((bags, box[None]))
        anchor = anchor or (x, foot)
    if not len(bags):
        return None
    rows = np.concatenate((np.full((len(bags), 1), GARBAGE, np.float32), bags), 1)
    return Labelled(picture, np.concatenate((street.boxes, rows)), street.ignore)


def _covers(box: Floats, others: Floats, limit: float) -> bool:
    """Whether the box hides, or is hidden by, more than `limit` of one of the others."""
    if not len(others):
        return False
    return max(float(coverage(box[None], others).max()), float(coverage(others, box[None]).max())) > limit


def _spot(
    rng: Generator, width: int, height: int, ground: Ground, anchor: tuple[float, float] | None
) -> tuple[float, float]:
    """A foot point: near the first bag most of the time (bags lie in heaps), else anywhere on the ground."""
    if anchor is not None and rng.random() < 0.7:
        metre = ground.pixels_per_metre(anchor[1])
        return anchor[0] + rng.normal(0, 0.7) * metre, anchor[1] + rng.normal(0, 0.15) * metre
    top = min(max(ground.horizon + 0.05 * height, 0.2 * height), 0.95 * height)
    return float(rng.uniform(0.03, 0.97)) * width, float(rng.uniform(top, height))


def compose_folder(
    streets: Sequence[Sample],
    cuts: Sequence[Cutout],
    target: Path,
    count: int,
    seed: int,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Writes up to `count` composites to a data-set folder; returns how many were possible."""
    rng = np.random.default_rng(seed)
    made = 0
    for attempt in range(count * 4):
        if made == count:
            break
        scene = compose(rng, load(streets[int(rng.integers(len(streets)))]), cuts)
        if scene is None:
            continue
        size = np.array([scene.picture.shape[1], scene.picture.shape[0]] * 2, np.float32)
        boxes = scene.boxes.copy()
        boxes[:, 1:] = np.clip(boxes[:, 1:] / size, 0, 1)
        data = cv2.imencode(".jpg", scene.picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
        write_sample(target, f"c{seed}_{attempt:05d}.jpg", data, boxes, np.clip(scene.ignore / size, 0, 1))
        made += 1
        progress()
    return made
