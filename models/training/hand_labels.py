"""Boxes set by eye in this project, as committed facts: file name, the file's SHA-256, box in fractions.

`labels/stalls.csv` names stalls in street pictures (which side of the hold-out they are on says the hold-out list);
`labels/rubbish.csv` names rubbish in photos of collection points, each photo on one side, `train` or `test`. A row
without a box says that a person saw nothing of the kind: a hard negative.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from models.training.boxes import Floats
from models.training.folder import LabelError, write_sample
from models.training.reference import GARBAGE

_LABELS = Path(__file__).parent / "labels"
STALLS, RUBBISH = _LABELS / "stalls.csv", _LABELS / "rubbish.csv"
_CORNERS = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True)
class HandLabelled:
    """One picture: its label rows [N, 5] (class, x1 y1 x2 y2 in fractions; none: nothing there) and its side or ''."""

    name: str
    digest: str
    side: str
    boxes: Floats


def read_hand_labels(path: Path, kind: int) -> dict[str, HandLabelled]:
    """All pictures of a table by file name. Raises LabelError naming file and line."""
    found: dict[str, HandLabelled] = {}
    with path.open(encoding="ascii", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            where = f"{path}:{number}"
            try:
                name, digest, side = row["image"], row["sha256"], row.get("side") or ""
                corners = [row[key] for key in _CORNERS]
            except KeyError as error:
                raise LabelError(f"{where}: column {error} is missing") from None
            boxes = _box(where, kind, corners)
            before = found.get(name, HandLabelled(name, digest, side, boxes[:0]))
            if (before.digest, before.side) != (digest, side):
                raise LabelError(f"{where}: {name} is named with two digests or two sides")
            found[name] = HandLabelled(name, digest, side, np.concatenate((before.boxes, boxes)))
    return found


def _box(where: str, kind: int, corners: list[str | None]) -> Floats:
    if not any(corners):
        return np.zeros((0, 5), np.float32)
    try:
        x1, y1, x2, y2 = (float(value or "") for value in corners)
    except ValueError:
        raise LabelError(f"{where}: {corners} are not four numbers") from None
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise LabelError(f"{where}: box {(x1, y1, x2, y2)} is not inside the picture (fractions 0..1)")
    return np.array([[kind, x1, y1, x2, y2]], np.float32)


def checked_bytes(image: Path, digest: str) -> bytes:
    """The picture's bytes. Raises LabelError where it is not the picture that was labelled."""
    try:
        content = image.read_bytes()
    except OSError as error:
        raise LabelError(f"{image}: {error.strerror}; fetch the set again") from None
    if sha256(content).hexdigest() != digest:
        raise LabelError(f"{image}: is not the picture that was labelled (SHA-256 differs); fetch the set again")
    return content


def import_rubbish(photos: Path, target: Path, table: Path = RUBBISH) -> Iterator[tuple[str, int]]:
    """Writes `rubbish` and `rubbish_val` below `target`; yields name and number of pictures of each."""
    labelled = read_hand_labels(table, GARBAGE).values()
    for folder, side in (("rubbish", "train"), ("rubbish_val", "test")):
        mine = [picture for picture in labelled if picture.side == side]
        for picture in mine:
            content = checked_bytes(photos / picture.name, picture.digest)
            write_sample(target / folder, picture.name, content, picture.boxes)
        yield folder, len(mine)
