"""Whether a place looks as it did before anything came (裸街比对), also where only a part of it was ever seen bare."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from detectors.places.likeness import ALL_VISIBLE, UNCHANGED, Visible, like_bare_street
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import View
from ingest.messages import Box


def bare_likeness(view: View, box: Box, visible: Visible) -> float | None:
    """How much ``box`` looks as the bare street did, -1..1 over its ``visible`` cells; None where it is not known.

    What stood beside it from the start hides a part of the bare street for ever: then those outer thirds speak that
    are known, in the mean.
    """
    whole = view.scenery(box)
    if whole is not None:
        return like_bare_street(whole, visible)
    parts = [scenery for third in _outer_thirds(box) if (scenery := view.scenery(third)) is not None]
    return fmean(like_bare_street(part, ALL_VISIBLE) for part in parts) if parts else None


def note_bare_anew(place: Place, view: View, settings: MemorySettings) -> None:
    """Compare a place whose anchor has moved: what was found before was said of another piece of the street."""
    like_bare = bare_likeness(view, place.anchor, place.known)
    place.like_bare = min(place.like_bare, -1.0 if like_bare is None else like_bare)
    if place.born_look >= settings.start_looks and place.like_bare < UNCHANGED:
        place.present_at_start = False


def note_bare(place: Place, view: View, settings: MemorySettings) -> None:
    """Compare a place that is not raised with the bare street; other things may cover it in a later look."""
    if place.incident is None and place.like_bare < settings.bare_likeness:
        like_bare = bare_likeness(view, place.anchor, place.known)
        if like_bare is not None:
            place.like_bare = max(place.like_bare, like_bare)


def is_bare_street(place: Place, view: View, settings: MemorySettings) -> bool:
    """Whether nothing came: the place looks as the bare street does, and the detector is not sure of it."""
    note_bare(place, view, settings)
    if place.like_bare < settings.bare_likeness or place.confirmed:
        return False
    certainty = place.score * place.sightings
    return place.score < settings.bare_score or certainty < settings.bare_certainty * place.looks


def _outer_thirds(box: Box) -> Iterator[Box]:
    x1, y1, x2, y2 = box
    x, y = (x2 - x1) / 3, (y2 - y1) / 3
    yield from ((x1, y1, x1 + x, y2), (x2 - x, y1, x2, y2), (x1, y1, x2, y1 + y), (x1, y2 - y, x2, y2))
