"""Importers: the data folder's foreign sets become data-set folders with our classes.

Each source is a table (where it lies, how its classes map to ours, how it is split); the copying is one
function. Which street pictures are held out says the committed list of `holdout.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.boxes import Floats
from models.training.folder import LabelError, pictures, read_labels, write_sample
from models.training.hand_labels import STALLS, read_hand_labels
from models.training.holdout import DHAKA_LIST, read_list
from models.training.reference import GARBAGE, STALL, TWO_WHEELER, VEHICLE

# Rickshaws and cargo tricycles are pedalled (非机动车); auto rickshaws and CNG three-wheelers are motorised.
# `wheelbarrow` is the set's word for goods carts, which stand for mobile stalls here.
_DHAKA_CLASSES: Mapping[int, int] = {
    **dict.fromkeys((0, 1, 2, 4, 5, 6, 7, 8, 9, 11, 14, 15, 16), VEHICLE),
    **dict.fromkeys((3, 10, 12, 13), TWO_WHEELER),
    17: STALL,
}


@dataclass(frozen=True)
class Source:
    """One foreign set: a folder with `images/` and `labels/`, relative to the data folder."""

    name: str
    folder: str
    classes: Mapping[int, int]
    held_out: Path | None = None  # list of pictures that go to `<name>_val`; None: all go to `<name>`


DHAKA = Source("dhaka", "vehicles_dhaka/train", _DHAKA_CLASSES, DHAKA_LIST)
MALTA = Source("malta", "garbage_malta_bags/train", dict.fromkeys(range(4), GARBAGE))
MALTA_VAL = Source("malta_val", "garbage_malta_bags/valid", dict.fromkeys(range(4), GARBAGE))
SOURCES = (DHAKA, MALTA, MALTA_VAL)


def import_source(
    source: Source, data: Path, target: Path, extra: Mapping[str, Floats] | None = None
) -> dict[str, int]:
    """Copies one source into `target/<name>` (and `_val`); returns the number of pictures per folder.

    Raises LabelError naming the file and line of a broken label.
    """
    folder = data / source.folder
    images = pictures(folder / "images")
    held_out = {picture.name for picture in read_list(source.held_out)} if source.held_out else set()
    if absent := sorted(held_out - {image.name for image in images}):
        raise LabelError(f"{folder}: {absent[0]} of {source.held_out} is not there; fetch the set again")
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
    stalls = {name: picture.boxes for name, picture in read_hand_labels(STALLS, STALL).items()}
    counts: dict[str, int] = {}
    for source in sources:
        counts |= import_source(source, data, target, stalls if source is DHAKA else None)
    return counts
