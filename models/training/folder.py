"""A data-set folder in plain YOLO form: `images/NAME.jpg|png`, `labels/NAME.txt`, optional `ignore/NAME.txt`.

A label line is `class cx cy w h`, fractions of the picture; an ignore line is `cx cy w h`: a region in
which nobody knows what is there, so neither a detection nor its absence counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ingest.taxonomy import ObjectClass
from models.training.boxes import Floats, Picture

# The order of our classes in labels and in the network's output. Only ever appended to.
CLASSES: tuple[ObjectClass, ...] = (
    ObjectClass.PERSON,
    ObjectClass.VEHICLE,
    ObjectClass.TWO_WHEELER,
    ObjectClass.GARBAGE,
    ObjectClass.STALL,
)
_SLACK = 0.02
_SUFFIXES = (".jpg", ".jpeg", ".png")


class LabelError(ValueError):
    """A label file that cannot be used; the message names file, line and what is wrong."""


@dataclass(frozen=True)
class Sample:
    """One labelled picture. `boxes` [N, 5]: class, x1, y1, x2, y2; `ignore` [M, 4]; fractions of the picture."""

    image: Path
    boxes: Floats
    ignore: Floats = field(default_factory=lambda: np.zeros((0, 4), np.float32))


def _numbers(path: Path, number: int, line: str, least: int) -> list[float]:
    try:
        values = [float(word) for word in line.split()]
    except ValueError:
        raise LabelError(f"{path}:{number}: {line.strip()!r} is not a row of numbers") from None
    if len(values) < least:
        raise LabelError(f"{path}:{number}: {len(values)} values, expected at least {least}")
    return values


def _box(path: Path, number: int, values: list[float]) -> tuple[float, float, float, float]:
    """Centre form, or a polygon (x y pairs) of which the box is taken, to corners clipped to the picture."""
    if len(values) == 4:
        cx, cy, w, h = values
        corners = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
    elif len(values) >= 6 and len(values) % 2 == 0:
        corners = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    else:
        raise LabelError(f"{path}:{number}: {len(values)} coordinates are neither a box nor a polygon")
    if not all(-_SLACK <= value <= 1 + _SLACK for value in corners):
        raise LabelError(f"{path}:{number}: box {values} leaves the picture; coordinates are fractions 0..1")
    x1, y1, x2, y2 = (min(max(value, 0.0), 1.0) for value in corners)
    if x2 <= x1 or y2 <= y1:
        raise LabelError(f"{path}:{number}: box {values} is empty")
    return x1, y1, x2, y2


def read_labels(path: Path, class_of: Callable[[int], int | None]) -> Floats:
    """Labels of one file as [N, 5]; `class_of` maps the file's class to ours, None drops it.

    Raises LabelError naming file and line. KeyError from `class_of` means an unknown class.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        values = _numbers(path, number, line, 5)
        try:
            kind = class_of(int(values[0]))
        except KeyError:
            raise LabelError(f"{path}:{number}: class {values[0]:g} is not a known class") from None
        if kind is not None:
            rows.append((float(kind), *_box(path, number, values[1:])))
    return np.array(rows, np.float32).reshape(-1, 5)


def _own_class(kind: int) -> int:
    if not 0 <= kind < len(CLASSES):
        raise KeyError(kind)
    return kind


def _read_ignore(path: Path) -> Floats:
    if not path.is_file():
        return np.zeros((0, 4), np.float32)
    lines = path.read_text(encoding="ascii").splitlines()
    rows = [_box(path, n, _numbers(path, n, line, 4)) for n, line in enumerate(lines, 1) if line.strip()]
    return np.array(rows, np.float32).reshape(-1, 4)


def pictures(folder: Path) -> list[Path]:
    """The pictures of a folder, sorted by name; an empty or missing folder is an error."""
    found = sorted(path for path in folder.glob("*") if path.suffix.lower() in _SUFFIXES)
    if not found:
        raise LabelError(f"{folder}: no pictures ({', '.join(_SUFFIXES)}); check the data set's path")
    return found


def read_picture(path: Path) -> Picture:
    """A picture as BGR. Raises LabelError where it cannot be read."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise LabelError(f"{path}: not a readable picture; make the data set again")
    return picture


def read_folder(root: Path) -> list[Sample]:
    """All samples of a data-set folder. A picture without a label file is an error, an empty file is not."""
    samples = []
    for image in pictures(root / "images"):
        labels = root / "labels" / f"{image.stem}.txt"
        if not labels.is_file():
            raise LabelError(f"{labels}: missing; a picture without objects needs an empty label file")
        samples.append(
            Sample(image, read_labels(labels, _own_class), _read_ignore(root / "ignore" / f"{image.stem}.txt"))
        )
    return samples


def write_sample(root: Path, name: str, image: bytes, boxes: Floats, ignore: Floats | None = None) -> None:
    """Writes one encoded picture (`name` with suffix) and its labels (as in Sample) into a folder."""
    for part in ("images", "labels", "ignore"):
        (root / part).mkdir(parents=True, exist_ok=True)
    (root / "images" / name).write_bytes(image)
    stem = Path(name).stem
    lines = (f"{int(row[0])} {_centre_form(row[1:])}" for row in boxes)
    _write_lines(root / "labels" / f"{stem}.txt", lines)
    if ignore is not None and len(ignore):
        _write_lines(root / "ignore" / f"{stem}.txt", (_centre_form(row) for row in ignore))


def _centre_form(box: Floats) -> str:
    x1, y1, x2, y2 = (float(value) for value in box)
    return f"{(x1 + x2) / 2:.6f} {(y1 + y2) / 2:.6f} {x2 - x1:.6f} {y2 - y1:.6f}"


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
