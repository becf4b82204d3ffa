"""What one look brings to place memory, and how it may look closer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from detectors.places.likeness import Scenery, Thumbnail
from ingest.messages import Box
from ingest.taxonomy import ObjectClass


@dataclass(frozen=True)
class Sighting:
    """One object in one look; box in fractions of the frame, score 0..1."""

    box: Box
    score: float
    object_class: ObjectClass


class View(Protocol):
    """The picture of one look. Pure as seen from here: the same box gives the same answer."""

    def crop(self, box: Box) -> Thumbnail:
        """How ``box`` with its margin looks now."""
        ...

    def scenery(self, box: Box) -> Scenery | None:
        """The bare place and the same now; None where the camera never saw it bare."""
        ...


_FAMILIES = (
    frozenset({ObjectClass.VEHICLE, ObjectClass.TWO_WHEELER}),
    frozenset({ObjectClass.GARBAGE, ObjectClass.STALL}),
)


def may_be_one(a: ObjectClass, b: ObjectClass) -> bool:
    """Whether one object could get both names; ``UNKNOWN`` may turn out to be anything but a person."""
    if a is b:
        return True
    if ObjectClass.PERSON in (a, b):
        return False
    return ObjectClass.UNKNOWN in (a, b) or any(a in family and b in family for family in _FAMILIES)
