"""Importers: the data folder's foreign sets become data-set folders with our classes.

Each source is a table (where it lies, how its classes map to ours, how it is split); the copying is one
function. Held-out pictures are chosen per group of look-alikes, because both sets hold augmented copies
and consecutive frames of the same scene: a split by file would test on what was trained.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.boxes import Floats
from models.training.folder import LabelError, pictures, read_labels, write_sample
from models.training.reference import GARBAGE, STALL, TWO_WHEELER, VEHICLE

# Rickshaws and cargo tricycles are pedalled (非机动车); auto rickshaws and CNG three-wheelers are motorised.
# `wheelbarrow` is the set's word for goods carts, which stand for mobile stalls here.
_DHAKA_CLASSES: Mapping[int, int] = {
    **dict.fromkeys((0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 14, 15, 16), VEHICLE),
    **dict.fromkeys((3, 10, 12, 13), TWO_WHEELER),
    17: STALL,
}
_LOOKALIKE_BITS = 8
_HELD_OUT_SHARE = 10  # one group in this many


@dataclass(frozen=True)
class Source:
    """One foreign set: a folder with `images/` and `labels/`, relative to the data folder."""

    name: str
    folder: str
    classes: Mapping[int, int]
    held_out: bool  # True: look-alike groups are split off as `<name>_val`; False: all go to `<name>`


DHAKA = Source("dhaka", "vehicles_dhaka/train", _DHAKA_CLASSES, held_out=True)
MALTA = Source("malta", "garbage_malta_bags/train", dict.fromkeys(range(4), GARBAGE), held_out=False)
MALTA_VAL = Source("malta_val", "garbage_malta_bags/valid", dict.fromkeys(range(4), GARBAGE), held_out=False)
SOURCES = (DHAKA, MALTA, MALTA_VAL)
STALL_LABELS = Path(__file__).parent / "labels" / "stalls.csv"


def fingerprint(image: Path) -> NDArray[np.uint8]:
    """A 128-bit difference hash (rows and columns of a 9x9 thumbnail) as an array of bits."""
    grey = cv2.imread(str(image), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise LabelError(f"{image}: not a readable picture; remove it or fetch the set again")
    small = cv2.resize(grey, (9, 9), interpolation=cv2.INTER_AREA).astype(np.int16)
    across, down = small[:8, 1:] > small[:8, :-1], small[1:, :8] > small[:-1, :8]
    return np.concatenate((across.ravel(), down.ravel())).astype(np.uint8)


def lookalike_groups(prints: NDArray[np.uint8], limit: int = _LOOKALIKE_BITS) -> list[int]:
    """Group number of each fingerprint [N, bits]: chains of pictures at most `limit` bits apart share one."""
    parent = list(range(len(prints)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index in range(len(prints)):
        distance = np.count_nonzero(prints[index + 1 :] != prints[index], axis=1)
        for other in np.flatnonzero(distance <= limit) + index + 1:
            a, b = root(index), root(int(other))
            parent[max(a, b)] = min(a, b)
    return [root(index) for index in range(len(prints))]


def held_out_names(images: list[Path]) -> set[str]:
    """Names of the held-out pictures: whole look-alike groups, chosen by the hash of their first name."""
    groups = lookalike_groups(np.stack([fingerprint(image) for image in images]))
    return {
        image.name
        for image, group in zip(images, groups, strict=True)
        if int(sha256(images[group].name.encode()).hexdigest(), 16) % _HELD_OUT_SHARE == 0
    }


def read_stalls(path: Path) -> dict[str, Floats]:
    """Hand-made stall boxes (`image,x1,y1,x2,y2` in fractions) per picture name, as label rows [N, 5]."""
    rows: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    with path.open(encoding="ascii", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                box = tuple(float(row[key]) for key in ("x1", "y1", "x2", "y2"))
            except (KeyError, TypeError, ValueError):
                raise LabelError(f"{path}:{number}: needs image,x1,y1,x2,y2 with numbers") from None
            if not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
                raise LabelError(f"{path}:{number}: box {box} is not inside the picture (fractions 0..1)")
            rows[row["image"]].append((float(STALL), *box))
    return {name: np.array(boxes, np.float32) for name, boxes in rows.items()}


def import_source(
    source: Source, data: Path, target: Path, extra: Mapping[str, Floats] | None = None
) -> dict[str, int]:
    """Copies one source into `target/<name>` (and `_val`); returns the number of pictures per folder.

    Raises LabelError naming the file and line of a broken label.
    """
    folder = data / source.folder
    images = pictures(folder / "images")
    held_out = held_out_names(images) if source.held_out else set()
    counts: dict[str, int] = defaultdict(int)
    for image in images:
        labels = folder / "labels" / f"{image.stem}.txt"
        if not labels.is_file():
            raise LabelError(f"{labels}: missing; {image.name} has no labels")
        boxes = read_labels(labels, source.classes.__getitem__)
        if extra and image.name in extra:
            boxes = np.concatenate((boxes, extra[image.name]))
        part = source.name + ("_val" if image.name in held_out else "")
        write_sample(target / part, image.name, image.read_bytes(), boxes)
        counts[part] += 1
    return dict(counts)


def import_all(data: Path, target: Path, sources: Iterable[Source] = SOURCES) -> dict[str, int]:
    """Imports every source; the hand-made stall labels join the street pictures."""
    stalls = read_stalls(STALL_LABELS)
    counts: dict[str, int] = {}
    for source in sources:
        counts |= import_source(source, data, target, stalls if source is DHAKA else None)
    return counts
