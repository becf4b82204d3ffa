"""What nobody saw arrive is doubted until a close look has found it (存疑核实)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import may_be_one
from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass

LIKE_FURNITURE = frozenset({Category.GARBAGE, Category.STREET_VENDOR, Category.PARKED_TWO_WHEELER})
_SAME_ANCHOR = 0.9
_FOUND_AGAIN = 0.4
_VOTES = 5.0
"""A close look says what a thing is as surely as so many looks at the whole picture."""


@dataclass(frozen=True)
class Closely:
    """An answer to the question about ``box``: what was found around it (box, class, score), fractions of the reference
    view."""

    box: Box
    found: tuple[tuple[Box, ObjectClass, float], ...]


def is_doubted(place: Place, settings: MemorySettings) -> bool:
    """Whether it takes a close look to believe in it.

    Nobody saw it arrive (it stood there at the start, or in a place that was never seen without it), or it is of a kind
    that street furniture and passers-by are taken for, and the detector is not sure of it.
    """
    if place.object_class is ObjectClass.UNKNOWN:
        return False
    arrived = place.bare_seen and not place.present_at_start and place.like_bare < settings.bare_likeness
    return not arrived or (place.category in LIKE_FURNITURE and place.score < settings.start_score)


def asks(place: Place, settings: MemorySettings) -> bool:
    """Whether a close look at it is wanted: it is doubted and undecided, or was denied long ago."""
    if place.incident is not None or place.sightings < settings.min_sightings or not is_doubted(place, settings):
        return False
    if place.confirmed is False:
        return place.looks - place.close_look >= settings.close_again_looks
    return place.confirmed is None


def note(
    places: Sequence[Place], answers: Sequence[Closely], settings: MemorySettings, counters: Counter[str]
) -> None:
    """Take the answers; ``closely_confirmed_<category>`` and ``closely_denied_<category>`` count the decisions."""
    for answer in answers:
        place = max(places, key=lambda one: iou(one.anchor, answer.box), default=None)
        if place is None or iou(place.anchor, answer.box) < _SAME_ANCHOR:
            continue
        if place.confirmed is False:
            place.confirmed, place.close_hits, place.close_misses = None, 0, 0
        hits = [
            (score, kind)
            for box, kind, score in answer.found
            if may_be_one(kind, place.object_class) and iou(box, place.anchor) >= _FOUND_AGAIN
        ]
        hit = bool(hits)
        if hits:
            score, kind = max(hits)
            place.votes[kind] = place.votes.get(kind, 0.0) + _VOTES * score
        place.close_look = place.looks
        place.close_hits += hit
        place.close_misses += not hit
        if place.close_hits >= settings.close_hits:
            place.confirmed = True
            counters[f"closely_confirmed_{place.category}"] += 1
        elif place.close_misses >= settings.close_misses:
            place.confirmed = False
            counters[f"closely_denied_{place.category}"] += 1
