"""The recordings that errors are measured on, and what is true in them: a larger model's sure finds, linked in time.

Agreement with a larger model is not accuracy, and the profile says so. What stands all the time is known better: it
was marked by hand, and its place is the median of all the teacher's finds there, sure or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Detections, Detector
from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass

Image = NDArray[np.uint8]

LOOK_S = 0.2
MEASURED = (ObjectClass.VEHICLE, ObjectClass.PERSON)

_SURE, _DOUBT = 0.5, 0.12
_LINK_IOU = 0.3
_STANDS_IOU = 0.4
_LONGEST_GAP = 2
_SHORTEST_TRACK = 5


@dataclass(frozen=True)
class Clip:
    """A recording by its file name, and the vehicles that stand in it from the first frame to the last, in pixels."""

    file: str
    parked: tuple[tuple[int, int, int, int], ...] = ()


CLIPS = (
    Clip("vtest.avi", parked=((651, 43, 723, 100), (733, 50, 767, 93))),
    Clip("car-detection.mp4"),
)


class FootageError(ValueError):
    """A recording that is missing or cannot be read; the message names it."""


@dataclass
class Track:
    """One true object: its box at each look (number -> box, fractions), and whether it stands all the time."""

    kind: ObjectClass
    boxes: dict[int, Box] = field(default_factory=dict)
    stands: bool = False


@dataclass(frozen=True)
class Recording:
    """A clip with its truth. ``doubtful``: at each look, what may or may not be there."""

    path: Path
    sha256: str
    width: int
    height: int
    looks: int
    tracks: tuple[Track, ...]
    doubtful: tuple[tuple[Box, ...], ...]


def sha256_of(path: Path) -> str:
    """Of a file's content. Raises FootageError where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise FootageError(f"recording {path}: {error.strerror}; correct the footage folder") from error


def frames(path: Path) -> Iterator[tuple[int, Image]]:
    """Look number and frame, one every :data:`LOOK_S` seconds. Raises FootageError."""
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise FootageError(f"recording {path}: not a readable video")
    try:
        fps = capture.get(cv2.CAP_PROP_FPS)
        index = look = 0
        while capture.grab():
            if index == round(look * LOOK_S * fps):
                yield look, np.asarray(capture.retrieve()[1], np.uint8)
                look += 1
            index += 1
    finally:
        capture.release()


def read_recording(folder: Path, clip: Clip, teacher: Detector) -> Recording:
    """Let the teacher look at every look of a clip."""
    path = folder / clip.file
    digest = sha256_of(path)
    found: list[Detections] = []
    height = width = 0
    for _, frame in frames(path):
        height, width = frame.shape[:2]
        found += teacher.detect([frame], min_score=_DOUBT)
    if not found:
        raise FootageError(f"recording {path}: holds no frame")
    doubtful = tuple(tuple(_boxes(item)) for item in found)
    marked = [(x1 / width, y1 / height, x2 / width, y2 / height) for x1, y1, x2, y2 in clip.parked]
    parked = [_settled(box, doubtful) for box in marked]
    tracks = [Track(ObjectClass.VEHICLE, dict.fromkeys(range(len(found)), box), stands=True) for box in parked]
    for kind in MEASURED:
        looks = [[box for box in _sure(item, kind) if _apart(box, parked)] for item in found]
        tracks += link(kind, looks)
    return Recording(path, digest, width, height, len(found), tuple(tracks), doubtful)


def link(kind: ObjectClass, looks: Sequence[Sequence[Box]]) -> list[Track]:
    """The boxes of one class at each look as tracks; short gaps are filled, short tracks dropped."""
    open_tracks: list[Track] = []
    done: list[Track] = []
    for number, boxes in enumerate(looks):
        free = list(boxes)
        for track in list(open_tracks):
            last = max(track.boxes)
            if number - last > _LONGEST_GAP + 1:
                open_tracks.remove(track)
                done.append(track)
                continue
            best = max(free, key=lambda box: iou(box, track.boxes[last]), default=None)
            if best is not None and iou(best, track.boxes[last]) >= _LINK_IOU:
                free.remove(best)
                _fill(track, last, number, best)
        open_tracks += [Track(kind, {number: box}) for box in free]
    return [track for track in [*done, *open_tracks] if len(track.boxes) >= _SHORTEST_TRACK]


def _apart(box: Box, parked: Sequence[Box]) -> bool:
    return all(iou(box, other) < _LINK_IOU for other in parked)


def _settled(marked: Box, looks: Sequence[Sequence[Box]]) -> Box:
    """The median of what the teacher found where a person marked something; the mark itself where it found nothing."""
    near = [box for boxes in looks for box in boxes if iou(box, marked) >= _STANDS_IOU]
    if not near:
        return marked
    x1, y1, x2, y2 = (float(side) for side in np.median(np.array(near), axis=0))
    return x1, y1, x2, y2


def _fill(track: Track, last: int, number: int, box: Box) -> None:
    before = np.array(track.boxes[last])
    for step in range(last + 1, number + 1):
        part = (step - last) / (number - last)
        x1, y1, x2, y2 = (float(side) for side in before + (np.array(box) - before) * part)
        track.boxes[step] = (x1, y1, x2, y2)


def _sure(found: Detections, kind: ObjectClass) -> list[Box]:
    rows = np.flatnonzero(found.scores >= _SURE)
    return [box for row, box in zip(rows, _boxes(found, rows), strict=True) if found.classes[row] is kind]


def _boxes(found: Detections, rows: Sequence[int] | NDArray[np.intp] | None = None) -> list[Box]:
    chosen = found.boxes if rows is None else found.boxes[np.asarray(rows, np.intp)]
    return [(float(a), float(b), float(c), float(d)) for a, b, c, d in chosen]
