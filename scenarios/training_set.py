"""A rendered training set: pictures with YOLO labels, exact to the pixel.

Layout of the folder: ``images/NNNNNNNN_K.jpg`` (640x360), ``labels/NNNNNNNN_K.txt`` (one line for each object:
class index, then centre x, centre y, width, height of the visible box in fractions of the frame) and
``data.json`` (classes in order, seeds, counts, version of the generator). A rider belongs to the two-wheeler;
the vendor behind a stall is a person of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from ingest.taxonomy import ObjectClass
from scenarios.random_scene import Setting, random_setting, random_things
from scenarios.scene.camera import Image
from scenarios.scene.compose import Seen, Stage
from scenarios.scene.grade import Grader, Sensor, darken_corners, exposed, random_sensor
from scenarios.scene.street import Background, render_background

GENERATOR = "kerbwatch-rendered/3"
FIRST_TRAINING_SEED = 1_000_000  # everything below belongs to demo clips and tests
PICTURES_PER_STREET = 2
CLASSES = (
    ObjectClass.PERSON,
    ObjectClass.VEHICLE,
    ObjectClass.TWO_WHEELER,
    ObjectClass.GARBAGE,
    ObjectClass.STALL,
)
_LEAST_VISIBLE = 0.35
_LEAST_INSIDE = 0.25
_LEAST_PX = 6.0
_PLENTY_PX = 900  # so many visible pixels are labelled however much the frame's edge cuts off


def training_seeds(count: int, first_seed: int) -> range:
    """Seeds of the streets for ``count`` pictures; raises ValueError for seeds that belong to the demo."""
    if first_seed < FIRST_TRAINING_SEED:
        raise ValueError(f"first_seed {first_seed} is a demo seed: training seeds start at {FIRST_TRAINING_SEED}")
    if count < 1:
        raise ValueError(f"count {count} must be at least 1")
    return range(first_seed, first_seed + -(-count // PICTURES_PER_STREET))


def label_lines(seen: list[Seen], width: int, height: int) -> list[str]:
    """YOLO lines of what is worth learning: enough of it visible, not too small."""
    lines: list[str] = []
    for one in seen:
        left, top, right, bottom = one.box
        if one.visible < _LEAST_VISIBLE or (one.inside < _LEAST_INSIDE and one.pixels < _PLENTY_PX):
            continue
        if (right - left) * width < _LEAST_PX or (bottom - top) * height < _LEAST_PX:
            continue
        values = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
        lines.append(f"{CLASSES.index(one.kind)} " + " ".join(f"{v:.6f}" for v in values))
    return lines


def _camera_flaws(setting: Setting, background: Background, rng: np.random.Generator) -> Sensor:
    sensor = random_sensor(rng, float(rng.beta(1.2, 2.0)))
    level = rng.uniform(48, 92) if setting.light.night else rng.uniform(88, 138)
    return exposed(sensor, background.picture, level)


def _infrared(picture: Image) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def _coarse(picture: Image, rng: np.random.Generator) -> Image:
    """What a cheap encoder leaves: fewer pixels, then blocks."""
    height, width = picture.shape[:2]
    factor = rng.uniform(0.45, 0.8)
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def training_picture(setting: Setting, background: Background, seed: int, index: int) -> tuple[Image, list[Seen]]:
    """The ``index``-th picture of a street: frame (360, 640, 3) BGR and its truth."""
    rng = np.random.default_rng((seed, 2, index))
    things = random_things(setting, rng)
    sensor = _camera_flaws(setting, background, rng)
    dimmed = replace(background, picture=darken_corners(background.picture, sensor.vignette))
    frame, seen = Stage(setting.camera, setting.light, dimmed).draw(things)
    frame = Grader(sensor).apply(frame, rng)
    if setting.light.night and rng.random() < 0.4:
        frame = _infrared(frame)
    if rng.random() < 0.2:
        frame = _coarse(frame, rng)
    return frame, seen


class TrainingFolder:
    """Writes pictures with their labels, and at the end what they are."""

    def __init__(self, out_dir: Path) -> None:
        self.pictures = 0
        self._out, self._images, self._labels = out_dir, out_dir / "images", out_dir / "labels"
        self._images.mkdir(parents=True, exist_ok=True)
        self._labels.mkdir(parents=True, exist_ok=True)
        self._objects = dict.fromkeys(CLASSES, 0)

    def add(self, name: str, picture: Image, lines: list[str], quality: int) -> None:
        """One picture as a JPEG of a quality (0..100) with its label lines."""
        cv2.imwrite(str(self._images / f"{name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        (self._labels / f"{name}.txt").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        for line in lines:
            self._objects[CLASSES[int(line.split()[0])]] += 1
        self.pictures += 1

    def close(self, generator: str, seeds: range) -> Path:
        """Writes ``data.json`` and gives its path."""
        record = {
            "generator": generator,
            "classes": [kind.value for kind in CLASSES],
            "images": self.pictures,
            "first_seed": seeds[0],
            "last_seed": seeds[-1],
            "objects": {kind.value: number for kind, number in self._objects.items()},
        }
        path = self._out / "data.json"
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        return path


def make_training_set(
    count: int, out_dir: Path, first_seed: int, progress: Callable[[int], None] | None = None
) -> Path:
    """Writes ``count`` pictures with labels and gives the path of ``data.json``.

    ``progress`` is called with the number of pictures done. Raises ValueError for a seed below
    ``FIRST_TRAINING_SEED`` or a count below 1. The same arguments always write the same files.
    """
    seeds = training_seeds(count, first_seed)
    folder = TrainingFolder(out_dir)
    for seed in seeds:
        setting = random_setting(seed)
        background = render_background(setting.street, setting.camera, setting.light)
        for index in range(min(PICTURES_PER_STREET, count - folder.pictures)):
            frame, seen = training_picture(setting, background, seed, index)
            lines = label_lines(seen, setting.camera.width, setting.camera.frame_height)
            quality = int(np.random.default_rng((seed, 3, index)).integers(38, 94))
            folder.add(f"{seed:08d}_{index}", frame, lines, quality)
            if progress is not None:
                progress(folder.pictures)
    return folder.close(GENERATOR, seeds)
