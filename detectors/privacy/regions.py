"""Which rectangles of a picture are covered, given what the detector saw in it.

- **Person**: the whole box with a margin. Face, build and clothes all identify.
- **Two-wheeler**: the upper part and the space above it, where the rider is (many models box the vehicle
  only); the whole box once it is so large that its small plate could be read.
- **Vehicle**: the lower band with the plate always; the glass band too once the box is so large that a face
  behind it could be recognised. Colour and shape stay, so an operator can still judge what stands there.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from detectors.privacy.mosaic import Region, on_the_grid
from detectors.privacy.policy import RedactionPolicy
from detectors.types import Detections, iou
from ingest.taxonomy import ObjectClass

_Box = tuple[float, float, float, float]
_Area = tuple[_Box, float]
"""A rectangle in pixels, and the least side of its blocks."""


def regions_to_cover(
    detections: Detections, width: int, height: int, policy: RedactionPolicy
) -> tuple[Region, ...]:
    """The rectangles to cover in a picture of that size (pixels): whole blocks, clipped to it.

    Never smaller than what the policy says of a box; up to one block larger at each side.
    """
    told = _without_second_names(_sure_enough(detections, policy), policy)
    found: list[Region] = []
    for kind, box in zip(told.classes, told.pixels(width, height).tolist(), strict=True):
        for area, block in _AREAS[kind]((box[0], box[1], box[2], box[3]), policy) if kind in _AREAS else ():
            region = on_the_grid(area, max(block, policy.min_block_px), width, height)
            found += [] if region is None else [region]
    return tuple(dict.fromkeys(found))


def _figure_block(box: _Box, policy: RedactionPolicy) -> float:
    """Coarse by height for whole figures, by width for those cut off below (then the face is large)."""
    high, wide = box[3] - box[1], box[2] - box[0]
    return max(
        high / policy.blocks_per_person,
        min(wide / policy.blocks_per_shoulders, 2 * high / policy.blocks_per_person),
    )


def _vehicle_block(box: _Box, policy: RedactionPolicy) -> float:
    """By height; by width where the box is cut off below or above, but never so that nothing of it is left."""
    high, wide = box[3] - box[1], box[2] - box[0]
    return max(high / policy.blocks_per_vehicle, min(wide / 24, high / 8))


def _person(box: _Box, policy: RedactionPolicy) -> Iterable[_Area]:
    dx, dy = (box[2] - box[0]) * policy.person_margin, (box[3] - box[1]) * policy.person_margin
    return (((box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy), _figure_block(box, policy)),)


def _two_wheeler(box: _Box, policy: RedactionPolicy) -> Iterable[_Area]:
    x1, y1, x2, y2 = box
    dx, high = (x2 - x1) * policy.person_margin, y2 - y1
    bottom = y2 if high >= policy.two_wheeler_plate_height_px else y1 + high * policy.rider_part
    return (((x1 - dx, y1 - high * policy.rider_headroom, x2 + dx, bottom), _figure_block(box, policy)),)


def _vehicle(box: _Box, policy: RedactionPolicy) -> Iterable[_Area]:
    x1, y1, x2, y2 = box
    dx, dy, high = (x2 - x1) * policy.vehicle_margin, (y2 - y1) * policy.vehicle_margin, y2 - y1
    block = _vehicle_block(box, policy)
    plate = ((x1 - dx, y2 - high * policy.plate_band, x2 + dx, y2 + dy), block)
    if high < policy.glass_height_px:
        return (plate,)
    upper, lower = policy.glass_band
    return (plate, ((x1, y1 + high * upper, x2, y1 + high * lower), block))


_AREAS = {
    ObjectClass.PERSON: _person,
    ObjectClass.TWO_WHEELER: _two_wheeler,
    ObjectClass.VEHICLE: _vehicle,
}


def _sure_enough(detections: Detections, policy: RedactionPolicy) -> Detections:
    floors = {ObjectClass.TWO_WHEELER: policy.two_wheeler_score, ObjectClass.VEHICLE: policy.vehicle_score}
    return detections.above(lambda kind: max(policy.min_score, floors.get(kind, 0.0)) - 1e-6)


def _without_second_names(detections: Detections, policy: RedactionPolicy) -> Detections:
    vehicles = detections.of({ObjectClass.VEHICLE})
    outvoted = detections.scores[:, None] * policy.outvoted_by < vehicles.scores[None, :]
    same = (iou(detections.boxes, vehicles.boxes) >= policy.same_box_iou) & outvoted
    is_person = np.array([kind is ObjectClass.PERSON for kind in detections.classes], bool)
    return detections.filter(~(is_person & same.any(axis=1)))
