"""Figures on real footage without labels: a better model's sure finds serve as the reference.

The footage is never trained on. Agreement with a reference model is not accuracy, and the lines say so.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.training.boxes import Detections, Floats, Picture, overlap
from models.training.evaluate import Judged, Truth, judge_picture, merged
from models.training.folder import read_picture
from models.training.reference import Model

_SURE, _DOUBT = 0.5, 0.15


class FootageError(ValueError):
    """A video that cannot be read."""


@dataclass(frozen=True)
class Standing:
    """A thing that stands in every frame of a video: `box` x1 y1 x2 y2 in its pixels, class `kind`."""

    box: tuple[float, float, float, float]
    kind: int


def frames(video: Path, every: int) -> Iterator[Picture]:
    """Every n-th frame of a video. Raises FootageError where it cannot be opened."""
    capture = cv2.VideoCapture(str(video))
    if not capture.isOpened():
        raise FootageError(f"{video}: not a readable video; check the path")
    try:
        index = 0
        while capture.grab():
            if index % every == 0:
                yield capture.retrieve()[1]
            index += 1
    finally:
        capture.release()


def reference_truth(found: Detections) -> Truth:
    """A reference model's finds as truth: sure ones are labels, doubtful ones ignore boxes."""
    sure, doubt = found.scores >= _SURE, (found.scores < _SURE) & (found.scores >= _DOUBT)
    rows = np.concatenate((found.classes[sure, None].astype(np.float32), found.boxes[sure]), 1)
    return Truth(rows, found.boxes[doubt])


def agreement(video: Path, every: int, model: Model, reference: Model, kind: int) -> Judged:
    """One class of a model's finds, judged against the reference model's over sampled frames."""
    return merged(
        [judge_picture(model(frame), reference_truth(reference(frame)), kind) for frame in frames(video, every)]
    )


def seen_shares(
    video: Path, every: int, model: Model, things: Sequence[Standing], thresholds: Sequence[float]
) -> Floats:
    """Share of the sampled frames in which each thing is found at each threshold, [things, thresholds].

    Found means: a find of its class overlaps its box by half.
    """
    rows = []
    for frame in frames(video, every):
        found = model(frame)
        rows.append([[_best_score(found, thing) >= limit for limit in thresholds] for thing in things])
    shares: Floats = np.array(rows, np.float32).mean(0)
    return shares


def _best_score(found: Detections, thing: Standing) -> float:
    box = np.array([thing.box], np.float32)
    hits = (found.classes == thing.kind) & (overlap(found.boxes, box)[:, 0] >= 0.5)
    return float(found.scores[hits].max(initial=0.0))


@dataclass(frozen=True)
class PhotoCount:
    """Photos sorted by hand into such with and without rubbish, and how many of each raised a find."""

    with_rubbish: int
    flagged: int
    clean: int
    flagged_clean: int


def count_photos(model: Model, folder: Path, sorted_by_hand: Path, kind: int, threshold: float) -> PhotoCount:
    """Counts photos in which the model finds `kind` at the threshold; the CSV has columns image, rubbish (yes/no)."""
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    with sorted_by_hand.open(encoding="ascii", newline="") as lines:
        for row in csv.DictReader(lines):
            found = model(read_picture(folder / row["image"]))
            seen = bool(((found.classes == kind) & (found.scores >= threshold)).any())
            counts[row["rubbish"] == "yes", seen] += 1
    return PhotoCount(
        with_rubbish=counts[True, True] + counts[True, False],
        flagged=counts[True, True],
        clean=counts[False, True] + counts[False, False],
        flagged_clean=counts[False, True],
    )
