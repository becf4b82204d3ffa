"""The detector looks at recordings and their weaker versions; every look is held against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from detectors.places.geometry import visible_cells
from detectors.types import Detections, Detector
from ingest.boxes import area, intersection, iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from models.card import InputSpec
from scenarios.errors.degrade import PLAIN, VARIANTS, Variant, cover_of, cover_side, degrade, moved
from scenarios.errors.footage import LOOK_S, Recording, Track, frames

SPARSE_S = (0.0, 0.2, 0.4, 1.4, 2.4, 4.4)
SPARSE_EVERY_S = 6.4
"""Looks at weaker versions: neighbours are 0.2, 1 or 2 s apart, at the price of one look a second."""

_FOUND_IOU = 0.4
_SECOND_IOU = 0.3
_SECOND_INSIDE = 0.7
_DOUBT_INSIDE = 0.5
_CELLS = 12


@dataclass(frozen=True)
class Looked:
    """One look at one true object. ``offsets``: edges found minus edges true, as parts of width and height."""

    at_s: float
    size_px: float
    hidden: float
    cover_side: str | None
    found: Box | None = None
    offsets: tuple[float, float, float, float] | None = None
    score: float = 0.0
    named: ObjectClass | None = None
    second: Box | None = None


@dataclass
class ObjectLooks:
    """All looks at one true object in one version of a recording; ``track`` is the same in every version."""

    track: int
    kind: ObjectClass
    stands: bool
    variant: Variant
    looks: list[Looked] = field(default_factory=list)


@dataclass(frozen=True)
class FalseSighting:
    """A sighting of nothing: look number, time, what was seen."""

    recording: int
    variant: Variant
    at_s: float
    box: Box
    score: float
    kind: ObjectClass
    frame: tuple[int, int]


@dataclass
class Measured:
    """Everything seen: sequences of true objects, sightings of nothing, and looks taken by variant and recording."""

    sequences: list[ObjectLooks] = field(default_factory=list)
    false: list[FalseSighting] = field(default_factory=list)
    looks: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def total_looks(self) -> int:
        """Detector calls in all."""
        return self.looks.total()

    def looks_of(self, names: Collection[str]) -> int:
        """Looks taken at variants of these names."""
        return sum(count for (name, _), count in self.looks.items() if name in names)


def measure(
    recordings: Sequence[Recording],
    detector: Detector,
    progress: Callable[[str], None],
    variants: Sequence[Variant] = (PLAIN, *VARIANTS),
) -> Measured:
    """Look at every recording in every variant; ``progress`` is told each variant's name."""
    measured = Measured()
    for variant in variants:
        progress(variant.name)
        for number, recording in enumerate(recordings):
            _measure_one(measured, number, recording, variant, detector)
    return measured


def _measure_one(
    measured: Measured, number: int, recording: Recording, variant: Variant, detector: Detector
) -> None:
    wanted = _wanted(recording.looks, variant)
    sequences = [
        ObjectLooks(1000 * number + index, track.kind, track.stands, variant)
        for index, track in enumerate(recording.tracks)
    ]
    for look, frame in frames(recording.path):
        if look not in wanted:
            continue
        present = [index for index, track in enumerate(recording.tracks) if look in track.boxes]
        whole = [recording.tracks[index].boxes[look] for index in present]
        found = detector.detect([degrade(frame, variant, whole, look)])[0]
        measured.looks[variant.name, number] += 1
        truths = [moved(box, variant) for box in whole]
        matches = _Matches(found, truths, [_visible(box, place, variant) for place, box in enumerate(truths)])
        for place, index in enumerate(present):
            side = cover_side(place) if variant.cover else None
            base = Looked(
                look * LOOK_S,
                _size(truths[place], recording, detector.card.input),
                _hidden(truths, place, variant),
                side,
            )
            sequences[index].looks.append(matches.looked(base, place, recording.tracks[index]))
        measured.false += [
            FalseSighting(number, variant, look * LOOK_S, box, score, kind, (recording.width, recording.height))
            for box, score, kind in matches.nothing([moved(box, variant) for box in recording.doubtful[look]])
        ]
    measured.sequences += [sequence for sequence in sequences if sequence.looks]


def _wanted(looks: int, variant: Variant) -> set[int]:
    if variant == PLAIN:
        return set(range(looks))
    rounds = int(looks * LOOK_S / SPARSE_EVERY_S) + 1
    return {round((turn * SPARSE_EVERY_S + offset) / LOOK_S) for turn in range(rounds) for offset in SPARSE_S}


def _visible(box: Box, place: int, variant: Variant) -> Box:
    """What a patch leaves of a box."""
    if not variant.cover:
        return box
    x1, y1, x2, _ = cover_of(box, variant.cover, cover_side(place))
    match cover_side(place):
        case "left":
            return x2, box[1], box[2], box[3]
        case "right":
            return box[0], box[1], x1, box[3]
        case _:
            return box[0], box[1], box[2], y1


def _hidden(truths: Sequence[Box], place: int, variant: Variant) -> float:
    """Share of the object behind the patch and behind what stands lower in the picture, that is nearer."""
    box = truths[place]
    covers = [other for other in truths if other[3] > box[3]]
    if variant.cover:
        covers += [cover_of(other, variant.cover, cover_side(index)) for index, other in enumerate(truths)]
    return 1.0 - float(visible_cells(box, covers, _CELLS).mean())


def _size(box: Box, recording: Recording, spec: InputSpec) -> float:
    across, down = spec.width / recording.width, spec.height / recording.height
    if spec.resize == "letterbox":
        across = down = min(across, down)
    pixels = (box[2] - box[0]) * recording.width * across * (box[3] - box[1]) * recording.height * down
    return float(pixels**0.5)


class _Matches:
    """One look's finds, each given to a true object, to a second box on one, or to nothing."""

    def __init__(self, found: Detections, truths: Sequence[Box], visible: Sequence[Box]) -> None:
        self._boxes: list[Box] = [(float(a), float(b), float(c), float(d)) for a, b, c, d in found.boxes]
        self._found, self._truths = found, truths
        fits = [
            (max(iou(box, truths[place]), iou(box, visible[place])), row, place)
            for row, box in enumerate(self._boxes)
            for place in range(len(truths))
        ]
        self._of_truth: dict[int, int] = {}
        taken: set[int] = set()
        for fit, row, place in sorted(fits, reverse=True):
            if fit >= _FOUND_IOU and row not in taken and place not in self._of_truth:
                self._of_truth[place] = row
                taken.add(row)
        self._free = [row for row in range(len(self._boxes)) if row not in taken]

    def looked(self, base: Looked, place: int, track: Track) -> Looked:
        """What the look says about the true object at ``place``."""
        row = self._of_truth.get(place)
        if row is None:
            return base
        box, truth = self._boxes[row], self._truths[place]
        wide, tall = truth[2] - truth[0], truth[3] - truth[1]
        offsets = (
            (box[0] - truth[0]) / wide,
            (box[1] - truth[1]) / tall,
            (box[2] - truth[2]) / wide,
            (box[3] - truth[3]) / tall,
        )
        return Looked(
            base.at_s,
            base.size_px,
            base.hidden,
            base.cover_side,
            found=box,
            offsets=offsets,
            score=float(self._found.scores[row]),
            named=self._found.classes[row],
            second=self._second(truth, track.kind),
        )

    def _second(self, truth: Box, kind: ObjectClass) -> Box | None:
        for row in self._free:
            box = self._boxes[row]
            if self._found.classes[row] is kind and _is_second(box, truth):
                return box
        return None

    def nothing(self, doubtful: Sequence[Box]) -> list[tuple[Box, float, ObjectClass]]:
        """Finds where neither truth nor doubt is."""
        return [
            (self._boxes[row], float(self._found.scores[row]), self._found.classes[row])
            for row in self._free
            if not any(_is_second(self._boxes[row], truth) for truth in self._truths)
            and not any(_touches(self._boxes[row], box) for box in doubtful)
        ]


def _is_second(box: Box, truth: Box) -> bool:
    inside = intersection(box, truth) / max(area(box), 1e-12)
    return iou(box, truth) >= _SECOND_IOU or inside >= _SECOND_INSIDE


def _touches(box: Box, doubt: Box) -> bool:
    shared = intersection(box, doubt)
    return iou(box, doubt) >= _SECOND_IOU or shared / max(area(box), 1e-12) >= _DOUBT_INSIDE
