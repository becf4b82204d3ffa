"""Faces and number plates labelled by hand in the real pictures: facts only, the pictures are not ours to ship."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from detectors.types import Frame

LABELS = Path(__file__).with_name("labels.csv")


class LabelKind(StrEnum):
    """What identifies somebody."""

    FACE = "face"
    PLATE = "plate"


class MeasureError(Exception):
    """The measurement cannot be made; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Label:
    """A face or plate in the picture `file` (relative to the data folder), pixels of that picture.

    `legible`: a person who looks at the enlarged picture could recognise the face, or read a character.
    """

    file: str
    sha256: str
    kind: LabelKind
    left: int
    top: int
    right: int
    bottom: int
    legible: bool

    @property
    def height(self) -> int:
        """Pixels."""
        return self.bottom - self.top


def load_labels(path: Path = LABELS) -> tuple[Label, ...]:
    """All labels. Raises MeasureError naming the line that is none."""
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(_label(number, row) for number, row in enumerate(csv.DictReader(file), start=2))


def read_picture(folder: Path, labels: Sequence[Label]) -> Frame:
    """The picture that these labels of one file belong to. Raises MeasureError where it is another one."""
    file, sha256 = labels[0].file, labels[0].sha256
    try:
        content = (folder / file).read_bytes()
    except OSError as error:
        raise MeasureError(f"{file}: {error.strerror}; give the folder of the real data") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise MeasureError(f"{file}: is not the picture that was labelled (other sha256)")
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise MeasureError(f"{file}: cannot be decoded")
    return np.asarray(picture, np.uint8)


def _label(number: int, row: dict[str, str]) -> Label:
    try:
        left, top, right, bottom = (int(row[side]) for side in ("left", "top", "right", "bottom"))
        if not (0 <= left < right and 0 <= top < bottom):
            raise ValueError("the box has no area")
        legible = {"yes": True, "no": False}[row["legible"]]
        return Label(row["file"], row["sha256"], LabelKind(row["kind"]), left, top, right, bottom, legible)
    except (KeyError, ValueError, TypeError) as error:
        raise MeasureError(f"labels, line {number}: {error}") from error
