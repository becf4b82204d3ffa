"""What the camera knows of its bare street, as ``detectors.reference`` would have learnt it from the same looks.

What stood there during the learning and was seen by the detector leaves a hole until it has gone; what the detector
missed then is taken for a part of the street, and stays one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from detectors.reference import LEARNING_LOOKS
from ingest.boxes import iou
from ingest.messages import Box
from scenarios.makers.synthetic_view import Painted

_LOOKS_TO_LEARN_A_HOLE = 6
_MOST_OF = 0.5
_SEEN_PART = 0.7
_SAME_BOX = 0.6


@dataclass(frozen=True, slots=True)
class Standing:
    """A thing that does not move in this look."""

    number: int
    painted: Painted


@dataclass(slots=True)
class _Hole:
    box: Box
    number: int
    bare_looks: int = 0


class BareStreet:
    """Fed with every look that worked."""

    def __init__(self) -> None:
        self._looks = 0
        self._present: Counter[int] = Counter()
        self._found: Counter[int] = Counter()
        self._last: dict[int, Painted] = {}
        self._holes: list[_Hole] = []
        self._stood: frozenset[int] = frozenset()
        self.contains: tuple[Painted, ...] = ()

    @property
    def unknown(self) -> list[Box] | None:
        """Where it was never seen bare; None while it is being learnt."""
        return None if self._looks < LEARNING_LOOKS else [hole.box for hole in self._holes]

    @property
    def learnt(self) -> bool:
        """Whether learning is over."""
        return self._looks >= LEARNING_LOOKS

    def was_there(self, number: int) -> bool:
        """Whether the thing of that number stood there while the street was learnt."""
        return number in self._stood

    def looked(self, standing: Sequence[Standing], found: Collection[int]) -> None:
        """One look: what stood in the picture, and the numbers of what the detector saw."""
        self._looks += 1
        if self._looks <= LEARNING_LOOKS:
            for item in standing:
                self._present[item.number] += 1
                self._found[item.number] += item.number in found
                self._last[item.number] = item.painted
            if self._looks == LEARNING_LOOKS:
                self._finish()
        elif self._holes:
            self._fill(standing)

    def _finish(self) -> None:
        stood = [number for number, count in self._present.items() if count > _MOST_OF * LEARNING_LOOKS]
        self._stood = frozenset(stood)
        seen = {number for number in stood if self._found[number] > _SEEN_PART * self._present[number]}
        self._holes = [_Hole(self._last[number].box, number) for number in stood if number in seen]
        self.contains = tuple(self._last[number] for number in stood if number not in seen)

    def _fill(self, standing: Sequence[Standing]) -> None:
        boxes = {item.number: item.painted.box for item in standing}
        for hole in self._holes:
            box = boxes.get(hole.number)
            still = box is not None and iou(box, hole.box) >= _SAME_BOX
            hole.bare_looks = 0 if still else hole.bare_looks + 1
        self._holes = [hole for hole in self._holes if hole.bare_looks < _LOOKS_TO_LEARN_A_HOLE]
