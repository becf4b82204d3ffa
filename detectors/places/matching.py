"""Which sighting belongs to which remembered place: one to one, by place, kind and appearance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from detectors.places.geometry import centre_distance, overlaps, size_ratio
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting, may_be_one
from ingest.boxes import iou
from ingest.messages import Box

_SAME_OBJECT_IOU = 0.7


def same_place(anchor: Box, box: Box, settings: MemorySettings) -> bool:
    """Whether ``box`` lies on ``anchor``. Depends on proportions only, not on position or scale."""
    if not overlaps(anchor, box):
        return False
    if iou(anchor, box) >= settings.match_iou:
        return True
    near = centre_distance(anchor, box) <= settings.match_centre
    return near and size_ratio(anchor, box) <= settings.match_size


def one_per_object(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Drop the weaker of two sightings on one object, as a detector gives that hesitates between two names.

    A named sighting outranks an unnamed one whatever the scores.
    """
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda item: (item.object_class == "unknown", -item.score, item.box)):
        if all(iou(sighting.box, other.box) < _SAME_OBJECT_IOU for other in kept):
            kept.append(sighting)
    return kept


def candidate_pairs(
    places: Sequence[Place], sightings: Sequence[Sighting], settings: MemorySettings
) -> list[tuple[int, int]]:
    """All (place, sighting) indices that agree in place and kind, best overlap first, in a fixed order."""
    if not places or not sightings:
        return []
    anchors = np.array([place.anchor for place in places])
    boxes = np.array([sighting.box for sighting in sightings])
    low = np.maximum(anchors[:, None, :2], boxes[None, :, :2])
    high = np.minimum(anchors[:, None, 2:], boxes[None, :, 2:])
    touching = (low < high).all(axis=2)
    pairs = [
        (int(p), int(s))
        for p, s in np.argwhere(touching)
        if may_be_one(places[p].object_class, sightings[s].object_class)
        and same_place(places[p].anchor, sightings[s].box, settings)
    ]
    return sorted(pairs, key=lambda pair: (-iou(places[pair[0]].anchor, sightings[pair[1]].box), *pair))


def assign(pairs: Sequence[tuple[int, int]], agree: Callable[[int, int], bool]) -> dict[int, int]:
    """Greedy one-to-one choice from ``pairs`` in their order, among those that ``agree`` in appearance."""
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for place, sighting in pairs:
        if place not in chosen and sighting not in taken and agree(place, sighting):
            chosen[place] = sighting
            taken.add(sighting)
    return chosen
