"""What covering must spare: the problem itself, here garbage bags labelled in real pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from detectors.privacy import Withheld
from scenarios.privacy.labels import MeasureError
from scenarios.privacy.measuring import Cover, Rate, block_sides

_BAGS = Path("garbage_malta_bags/valid")
_MOSTLY = 0.5


def covered_of_bags(folder: Path, cover: Cover) -> Rate:
    """How many labelled bags are mostly covered, in the validation pictures below `folder`. Raises MeasureError."""
    pictures = sorted((folder / _BAGS / "images").glob("*.jpg"))
    if not pictures:
        raise MeasureError(f"{_BAGS}: holds no pictures; give the folder of the real data")
    covered = bags = 0
    for path in pictures:
        image = cv2.imread(str(path))
        if image is None:
            raise MeasureError(f"{path.name}: cannot be decoded")
        picture = np.asarray(image, np.uint8)
        outcome = cover(picture)
        blocks = (
            np.ones(picture.shape[:2], np.int32)
            if isinstance(outcome, Withheld)
            else block_sides(outcome.regions, *picture.shape[:2])
        )
        for left, top, right, bottom in _boxes(path, picture.shape[1], picture.shape[0]):
            bags += 1
            covered += bool((blocks[top:bottom, left:right] > 0).mean() > _MOSTLY)
    return Rate("garbage bags mostly covered (to be spared)", covered, bags)


def _boxes(picture: Path, width: int, height: int) -> Iterable[tuple[int, int, int, int]]:
    lines = (picture.parents[1] / "labels" / f"{picture.stem}.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        values = [float(value) for value in line.split()[1:]]
        left, top, right, bottom = _box_of(values)
        yield int(left * width), int(top * height), int(right * width) + 1, int(bottom * height) + 1


def _box_of(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Centre and size, or the corners of a polygon."""
    if len(values) == 4:
        x, y, wide, high = values
        return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
    return min(values[0::2]), min(values[1::2]), max(values[0::2]), max(values[1::2])
