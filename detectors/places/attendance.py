"""Whether somebody stands at a stall (摊主在场): the share of the looks at it in which a person did."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from detectors.places.geometry import ground_point
from detectors.places.place import Place
from ingest.messages import Box
from ingest.taxonomy import Category

_BESIDE = 0.5
"""Of the stall's width: so far to its sides a vendor stands."""
_BEFORE = 0.35
"""Of its height: so far in front of it (lower in the picture). Behind it feet are hidden, and the box ends within."""
_LEAST_HEIGHT = 0.35
"""Of the stall's height: who shows less than that passes far behind it."""


def note_attendance(places: Sequence[Place], seen: Collection[int], persons: Sequence[Box]) -> None:
    """Count this look for every stall that was seen in it; ``seen``: identities of places. A look that did not show the
    stall says nothing of its vendor."""
    for place in places:
        if id(place) in seen and place.category in (Category.STREET_VENDOR, Category.STATIC_OBJECT):
            place.attend_looks += 1
            place.attended_looks += any(stands_at(place.anchor, person) for person in persons)


def stands_at(stall: Box, person: Box) -> bool:
    """Whether a person stands at, beside or behind a stall; boxes as fractions of one frame."""
    x1, y1, x2, y2 = stall
    wide, tall = x2 - x1, y2 - y1
    foot_x, foot_y = ground_point(person)
    beside = x1 - _BESIDE * wide <= foot_x <= x2 + _BESIDE * wide
    on_the_ground = y1 <= foot_y <= y2 + _BEFORE * tall
    return beside and on_the_ground and person[3] - person[1] >= _LEAST_HEIGHT * tall
