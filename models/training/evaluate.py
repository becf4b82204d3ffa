"""Average precision at 50 % overlap, and threshold choice, for any picture -> Detections function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.training.boxes import Detections, Floats, Picture, coverage, overlap
from models.training.folder import CLASSES, Sample, read_picture
from models.training.reference import Model

_OVERLAP = 0.5
_IN_IGNORE = 0.5


@dataclass(frozen=True)
class Judged:
    """All finds of one class over a set: `scores` [N] with `right` [N], and the number of labelled boxes."""

    scores: Floats
    right: NDArray[np.bool_]
    labelled: int


@dataclass(frozen=True)
class Truth:
    """One picture's truth in its pixels: label rows [N, 5] and ignore boxes [M, 4]."""

    boxes: Floats
    ignore: Floats


def judge_picture(found: Detections, truth: Truth, kind: int) -> Judged:
    """Matches one class's finds, best first, each to the unmatched label it overlaps most.

    A find that matches nothing and lies mostly in an ignore box is left out of the count.
    """
    mine = found.only(found.classes == kind)
    labels = truth.boxes[truth.boxes[:, 0] == kind, 1:]
    table = overlap(mine.boxes, labels)
    unknown = coverage(mine.boxes, truth.ignore).max(1, initial=0) > _IN_IGNORE
    taken = np.zeros(len(labels), bool)
    scores, right = [], []
    for index in np.argsort(-mine.scores, kind="stable"):
        free = np.where(taken, 0.0, table[index])
        best = int(free.argmax()) if len(labels) else -1
        if best >= 0 and free[best] >= _OVERLAP:
            taken[best] = True
        elif unknown[index]:
            continue
        else:
            best = -1
        scores.append(mine.scores[index])
        right.append(best >= 0)
    return Judged(np.array(scores, np.float32), np.array(right, bool), len(labels))


def merged(parts: Sequence[Judged]) -> Judged:
    """The parts as one list, best score first."""
    scores = np.concatenate([part.scores for part in parts])
    right = np.concatenate([part.right for part in parts])
    order = np.argsort(-scores, kind="stable")
    return Judged(scores[order], right[order], sum(part.labelled for part in parts))


def precision_recall(judged: Judged) -> tuple[Floats, Floats]:
    """Precision and recall after each find, best score first."""
    hits = np.cumsum(judged.right)
    precision = hits / np.arange(1, len(hits) + 1)
    return precision.astype(np.float32), (hits / max(judged.labelled, 1)).astype(np.float32)


def average_precision(judged: Judged) -> float:
    """Area under the precision-recall curve, precision made monotone (VOC 2010 and later). NaN without labels."""
    if judged.labelled == 0:
        return float("nan")
    precision, recall = precision_recall(judged)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate(([0.0], recall)))
    return float((envelope * steps).sum())


def judge_pictures(model: Model, samples: Iterable[Sample]) -> dict[int, list[Judged]]:
    """Every class judged on every sample: per class one Judged for each picture, in order."""
    parts: dict[int, list[Judged]] = {kind: [] for kind in range(len(CLASSES))}
    for sample in samples:
        picture = read_picture(sample.image)
        size = np.array([picture.shape[1], picture.shape[0]] * 2, np.float32)
        rows = sample.boxes.copy()
        rows[:, 1:] *= size
        found = model(picture)
        for kind, judged in parts.items():
            judged.append(judge_picture(found, Truth(rows, sample.ignore * size), kind))
    return parts


def judge_set(model: Model, samples: Iterable[Sample]) -> dict[int, Judged]:
    """Every class judged over all samples."""
    return {kind: merged(judged) for kind, judged in judge_pictures(model, samples).items()}


def best_threshold(judged: Judged, least_precision: float = 0.0) -> tuple[float, float, float]:
    """The score with the best F1 and the precision and recall there; (1, 0, 0) where nothing is right.

    Scores below `least_precision` are passed over unless there are no others.
    """
    precision, recall = precision_recall(judged)
    balance = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    if not len(balance) or balance.max() == 0:
        return 1.0, 0.0, 0.0
    if (precision >= least_precision).any():
        balance = np.where(precision >= least_precision, balance, 0.0)
    best = int(balance.argmax())
    return float(judged.scores[best]), float(precision[best]), float(recall[best])


def at_threshold(judged: Judged, threshold: float) -> tuple[float, float]:
    """Precision and recall of the finds with at least this score; precision is NaN when there are none."""
    kept = judged.scores >= threshold
    hits = int(judged.right[kept].sum())
    count = int(kept.sum())
    return (hits / count if count else float("nan")), hits / max(judged.labelled, 1)


def chance(rng: np.random.Generator, samples: Sequence[Sample], per_picture: int = 20) -> Model:
    """A detector that knows how large and how frequent the labels are, and nothing about the picture."""
    rows = np.concatenate([sample.boxes for sample in samples if len(sample.boxes)])

    def guess(picture: Picture) -> Detections:
        height, width = picture.shape[:2]
        drawn = rows[rng.integers(len(rows), size=per_picture)]
        boxes = drawn[:, 1:] * np.array([width, height] * 2, np.float32)
        scores = rng.random(per_picture).astype(np.float32)
        return Detections(boxes.astype(np.float32), scores, drawn[:, 0].astype(np.int64))

    return guess
