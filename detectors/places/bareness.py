"""Whether a place looks as it did before anything came (裸街比对), also where only a part of it was ever seen bare."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from detectors.places.likeness import ALL_VISIBLE, Visible, like_bare_street
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


def _outer_thirds(box: Box) -> Iterator[Box]:
    x1, y1, x2, y2 = box
    x, y = (x2 - x1) / 3, (y2 - y1) / 3
    yield from ((x1, y1, x1 + x, y2), (x2 - x, y1, x2, y2), (x1, y1, x2, y1 + y), (x1, y2 - y, x2, y2))
