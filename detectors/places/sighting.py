"""What one look brings to place memory, and how it may look closer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from detectors.incidents import BlindReason
from detectors.places.likeness import Scenery, Thumbnail
from ingest.messages import Box
from ingest.taxonomy import ObjectClass


@dataclass(frozen=True)
class Sighting:
    """One object in one look; box in fractions of the frame, score 0..1.

    ``carried``: nothing has changed here since the detector last looked, so its last answer stands. Such a sighting
    continues a place but proves nothing new: it has no score, no vote and starts no place.
    """

    box: Box
    score: float
    object_class: ObjectClass
    carried: bool = False


Looked = Callable[[Box], bool]
"""Whether the detector itself looked at a box (fractions of the frame) in this picture. Where its last answer is
carried instead, that may go on speaking for what it saw; that it saw nothing proves nothing."""


def everywhere(_box: Box) -> bool:
    """The detector looked at the whole picture."""
    return True


Unseen = tuple[Box, BlindReason]
"""A region (fractions of the reference view) that a look does not show: out of the frame, under a cover ..."""


class View(Protocol):
    """The picture of one look. Pure as seen from here: the same box gives the same answer."""

    def crop(self, box: Box) -> Thumbnail:
        """How ``box`` with its margin looks now."""
        ...

    def scenery(self, box: Box) -> Scenery | None:
        """The bare place and the same now; None where the camera never saw it bare."""
        ...

    def unseen(self) -> Sequence[Unseen]:
        """Regions that this look does not show, and why; empty for a whole picture."""
        ...


_FAMILIES = (
    frozenset({ObjectClass.VEHICLE, ObjectClass.TWO_WHEELER, ObjectClass.STALL}),
    frozenset({ObjectClass.GARBAGE, ObjectClass.STALL}),
)


def may_be_one(a: ObjectClass, b: ObjectClass) -> bool:
    """Whether one object could get both names; ``UNKNOWN`` may turn out to be anything but a person."""
    if a is b:
        return True
    if ObjectClass.PERSON in (a, b):
        return False
    return ObjectClass.UNKNOWN in (a, b) or any(a in family and b in family for family in _FAMILIES)
