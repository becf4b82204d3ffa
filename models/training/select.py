"""Folders picked out of another: what is rare is shown more often, and what is mistaken for it, too."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from models.training.folder import Sample, read_folder, write_sample
from models.training.reference import STALL

# Umbrella hits of which it cannot be seen whether somebody sells there.
_UNDECIDED = frozenset({"0011.jpg", "0665.jpg", "2042.jpg", "2280.jpg", "2281.jpg"})


def pick(source: Path, target: Path, wanted: Callable[[Sample], bool]) -> int:
    """Copies the wanted samples of one data-set folder to another; returns how many."""
    picked = [sample for sample in read_folder(source) if wanted(sample)]
    for sample in picked:
        write_sample(target, sample.image.name, sample.image.read_bytes(), sample.boxes, sample.ignore)
    return len(picked)


def has_stall(sample: Sample) -> bool:
    return bool((sample.boxes[:, 0] == STALL).any())


def umbrella_without_stall(candidates: Path) -> Callable[[Sample], bool]:
    """Whether a picture with an umbrella (column `image` of the table) shows no stall: a hard negative."""
    with candidates.open(encoding="ascii", newline="") as lines:
        names = {row["image"] for row in csv.DictReader(lines)} - _UNDECIDED
    return lambda sample: sample.image.name in names and not has_stall(sample)
