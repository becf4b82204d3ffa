"""Pseudo-labels: what a set's authors did not label (persons, mostly) is asked of finished models.

A sure find becomes a label, an unsure one an ignore region: calling an unlabelled person background
would teach the network not to see people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.training.boxes import Detections, Floats, coverage, overlap
from models.training.folder import read_folder, read_picture, write_sample
from models.training.reference import PERSON, TWO_WHEELER, VEHICLE, Model


@dataclass(frozen=True)
class Trust:
    """From which score on a teacher's find is a label, and from which it is at least an ignore region."""

    label: float = 0.60
    agreed: float = 0.35  # enough when a second teacher agrees
    ignore: float = 0.15


@dataclass(frozen=True)
class Asked:
    """Which classes the teachers may label, and which they may only mark as unknown."""

    label: frozenset[int]
    ignore: frozenset[int] = frozenset({PERSON, VEHICLE, TWO_WHEELER})


# Vehicles are labelled by hand in the street set, so a teacher's extra vehicle is only a doubt there.
STREET = Asked(frozenset({PERSON}))
PAVEMENT = Asked(frozenset({PERSON, VEHICLE}))


def _seen_by_another(index: int, teacher: int, finds: Sequence[Detections], least: float) -> bool:
    box, kind = finds[teacher].boxes[index : index + 1], finds[teacher].classes[index]
    for other, found in enumerate(finds):
        same = (found.classes == kind) & (found.scores >= least)
        if other != teacher and same.any() and overlap(box, found.boxes[same]).max() >= 0.5:
            return True
    return False


def judge(finds: Sequence[Detections], known: Floats, asked: Asked, trust: Trust) -> tuple[Floats, Floats]:
    """New label rows [N, 5] and ignore boxes [M, 4] from the teachers' finds, all in picture pixels.

    The first teacher's boxes are preferred. A find that an existing label of its class explains is
    dropped; one person's second box is too.
    """
    labels: list[Floats] = list(known)
    doubts: list[Floats] = []
    for teacher, found in enumerate(finds):
        for index in np.argsort(-found.scores, kind="stable"):
            box, kind, score = found.boxes[index], int(found.classes[index]), float(found.scores[index])
            if score < trust.ignore or kind not in asked.label | asked.ignore:
                continue
            same = np.array([row[1:] for row in labels if int(row[0]) == kind], np.float32).reshape(-1, 4)
            if len(same) and (overlap(box[None], same).max() >= 0.3 or coverage(box[None], same).max() >= 0.7):
                continue
            sure = score >= trust.label or (
                score >= trust.agreed and _seen_by_another(int(index), teacher, finds, trust.agreed)
            )
            if sure and kind in asked.label:
                labels.append(np.array([kind, *box], np.float32))
            else:
                doubts.append(box)
    new = np.array(labels[len(known) :], np.float32).reshape(-1, 5)
    return new, np.array(doubts, np.float32).reshape(-1, 4)


def pseudo_label(
    folder: Path,
    teachers: Sequence[Model],
    asked: Asked,
    trust: Trust | None = None,
    progress: Callable[[], None] = lambda: None,
) -> tuple[int, int]:
    """Adds pseudo-labels and ignore regions to a data-set folder; returns how many of each."""
    labelled = ignored = 0
    for sample in read_folder(folder):
        picture = read_picture(sample.image)
        size = np.array([picture.shape[1], picture.shape[0]] * 2, np.float32)
        known = sample.boxes.copy()
        known[:, 1:] *= size
        new, doubts = judge([teach(picture) for teach in teachers], known, asked, trust or Trust())
        new[:, 1:] = np.clip(new[:, 1:] / size, 0, 1)
        doubts = np.clip(doubts / size, 0, 1)
        boxes = np.concatenate((sample.boxes, new))
        write_sample(folder, sample.image.name, sample.image.read_bytes(), boxes, doubts)
        labelled, ignored = labelled + len(new), ignored + len(doubts)
        progress()
    return labelled, ignored
