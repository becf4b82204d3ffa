"""Places about which a look should bring evidence (待证地点), although the picture there has not changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detectors.places.place import Place
from detectors.types import Detections
from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass

_SAME_IOU = 0.3


@dataclass(frozen=True)
class Interest:
    """What place memory asks of the next look; boxes in fractions of the frame.

    ``watched``: where a rule speaks for something remembered. ``wanted``: those of which evidence is lacking.
    ``doubted``: what nobody saw arrive, to be looked at closely.
    """

    watched: tuple[Box, ...] = ()
    wanted: tuple[Box, ...] = ()
    doubted: tuple[Box, ...] = ()


def interest(
    places: Sequence[Place],
    answer: Detections,
    is_ruled: Callable[[Place], bool],
    is_doubted: Callable[[Place], bool],
    enough: int,
) -> Interest:
    """What the places need, given the ``answer`` that stands.

    Evidence is lacking about places that a rule speaks for (``is_ruled``) and that

    - were sighted fewer than ``enough`` times: a candidate has to prove itself, or
    - are missing from the answer before an incident was raised: how often the detector misses a thing decides
      whether it is trusted, so a miss must not be carried on as if it were the last word, or
    - were looked at and not found, or would have been found absent had the detector looked: only its own looks may end
      what stands there, and one that is due to end is looked at at once.

    What static change found has nothing to ask of the detector. ``is_doubted`` says what a close look must decide.
    """
    ruled = [place for place in places if is_ruled(place)]
    return Interest(
        watched=tuple(place.anchor for place in ruled),
        wanted=tuple(place.anchor for place in ruled if _is_open(place, answer, enough)),
        doubted=tuple(place.anchor for place in places if is_doubted(place)),
    )


def _is_open(place: Place, answer: Detections, enough: int) -> bool:
    if place.object_class is ObjectClass.UNKNOWN:
        return False
    if place.sightings < enough or place.unasked or place.absent_looks > 0 or place.unclear_looks > 0:
        return True
    return place.incident is None and not _is_answered(place.anchor, answer)


def _is_answered(anchor: Box, answer: Detections) -> bool:
    for row, kind in enumerate(answer.classes):
        x1, y1, x2, y2 = (float(side) for side in answer.boxes[row])
        if kind is not ObjectClass.PERSON and iou(anchor, (x1, y1, x2, y2)) >= _SAME_IOU:
            return True
    return False
