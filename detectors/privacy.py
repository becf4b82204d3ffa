"""Privacy of evidence (隐私遮蔽): people and number plates are pixelated, or the picture is withheld.

What is covered, and why:

- **Person**: the whole box with a margin. Face, build and clothes all identify.
- **Two-wheeler**: the upper part and the space above it, where the rider is (many models box the vehicle
  only); the whole box once it is so large that its small plate could be read.
- **Vehicle**: the lower band with the plate always; the glass band too once the box is so large that a face
  behind it could be recognised. Colour and shape stay, so an operator can still judge what stands there.

Blocks are so coarse that a face or the height of a plate falls into about one. Regions that touch share one
grid with the coarsest block: two grids over the same pixels would tell more than either. Each block becomes its
mean, so the rest of the information is gone. Cut crops only from the redacted picture, never from the frame.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.types import Boxes, Detections, Detector, DetectorError, Frame, check_frame, iou
from ingest.taxonomy import ObjectClass

_DARK_STEP = 4
_MOVING_PEOPLE = frozenset({ObjectClass.PERSON, ObjectClass.TWO_WHEELER})
_MUST_FIND = frozenset({ObjectClass.PERSON, ObjectClass.VEHICLE})
"""A model that knows one of these not at all cannot cover faces or plates."""


class WithholdReason(StrEnum):
    """Why a picture may not be shown."""

    DETECTOR_FAILED = "detector_failed"
    BAD_FRAME = "bad_frame"
    TOO_DARK = "too_dark"
    MODEL_UNSUITABLE = "model_unsuitable"


@dataclass(frozen=True, slots=True)
class RedactionPolicy:
    """What is covered. Fractions are of the box's own sides, sizes are pixels of the frame.

    `min_score` is far below alerting: a missed face costs more than a block too many. A picture whose
    brightest 5 % stay below `dark_level` (0..255) is withheld: no detector finds people in it, but a viewer
    who brightens it might. A person whose box is a vehicle's box (`same_box_iou`), and whose score is below that
    vehicle's divided by `outvoted_by`, is the vehicle under a second name and leaves its upper part visible.
    """

    min_score: float = 0.10
    person_margin: float = 0.15
    rider_part: float = 0.6
    rider_headroom: float = 0.35
    two_wheeler_plate_height_px: int = 200
    plate_band: float = 0.55
    glass_band: tuple[float, float] = (0.05, 0.45)
    glass_height_px: int = 96
    vehicle_margin: float = 0.05
    blocks_per_height: int = 8
    blocks_per_width: int = 4
    min_block_px: int = 8
    dark_level: int = 32
    same_box_iou: float = 0.8
    outvoted_by: float = 3.0

    def __post_init__(self) -> None:
        for field in ("blocks_per_height", "blocks_per_width", "min_block_px"):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} is {getattr(self, field)}; give 1 or more")
        if not 0.0 < self.min_score <= 1.0:
            raise ValueError(f"min_score is {self.min_score}; give 0 < min_score <= 1")


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle to cover, in whole pixels: left <= x < right, top <= y < bottom; `block` is the side."""

    left: int
    top: int
    right: int
    bottom: int
    block: int

    def touches(self, other: Region) -> bool:
        """Whether the two share a pixel."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


@dataclass(frozen=True, slots=True, eq=False)
class Redacted:
    """A picture that may be shown: uint8 H x W x 3 BGR, and the rectangles that were covered."""

    image: Frame
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Withheld:
    """No picture may be shown; `detail` says more for the log."""

    reason: WithholdReason
    detail: str = ""


def redact(frame: Frame, detections: Detections, policy: RedactionPolicy) -> Redacted | Withheld:
    """Cover people and plates. `frame` is left as it is.

    `detections` must hold everything down to `policy.min_score`, not only what alerts; `privacy_detections`
    yields that. Use `redact_with` where a detector is at hand.
    """
    try:
        check_frame(frame)
    except DetectorError as error:
        return Withheld(WithholdReason.BAD_FRAME, str(error))
    if _is_dark(frame, policy):
        return Withheld(WithholdReason.TOO_DARK)
    regions = regions_to_cover(detections, frame.shape[1], frame.shape[0], policy)
    image = frame.copy()
    for group in _touching(regions):
        _pixelate(image, group)
    return Redacted(image=image, regions=regions)


def redact_with(detector: Detector, frame: Frame, policy: RedactionPolicy) -> Redacted | Withheld:
    """Find people and vehicles in the frame and its tiles, then `redact`. Fails closed."""
    try:
        check_frame(frame)
    except DetectorError as error:
        return Withheld(WithholdReason.BAD_FRAME, str(error))
    if unknown := _MUST_FIND - set(detector.card.classes.values()):
        names = ", ".join(sorted(unknown))
        return Withheld(WithholdReason.MODEL_UNSUITABLE, f"model {detector.card.name!r} knows no {names}")
    try:
        found = privacy_detections(detector, frame, min_score=policy.min_score)
    except DetectorError as error:
        return Withheld(WithholdReason.DETECTOR_FAILED, str(error))
    return redact(frame, found, policy)


def privacy_detections(detector: Detector, frame: Frame, *, min_score: float) -> Detections:
    """Everything in the frame, and the people and two-wheelers in 2 x 2 overlapping tiles of it.

    The tiles find people who are too small for the full view; doubles remain and do no harm. Boxes are
    fractions of the frame. Raises DetectorError.
    """
    height, width = frame.shape[:2]
    tiles = _tiles(width, height)
    whole, *parts = detector.detect([frame, *(frame[t:b, x:r] for x, t, r, b in tiles)], min_score=min_score)
    placed = [
        _from_tile(part.of(_MOVING_PEOPLE), tile, width, height) for part, tile in zip(parts, tiles, strict=True)
    ]
    return Detections.concatenate([whole, *placed])


def regions_to_cover(
    detections: Detections, width: int, height: int, policy: RedactionPolicy
) -> tuple[Region, ...]:
    """The rectangles to cover in a picture of that size (pixels), clipped to it."""
    found: list[Region] = []
    told = _without_second_names(detections, policy)
    for kind, box in zip(told.classes, told.pixels(width, height).tolist(), strict=True):
        found += _AREAS[kind]((box[0], box[1], box[2], box[3]), policy) if kind in _AREAS else ()
    clipped = [
        Region(max(0, r.left), max(0, r.top), min(width, r.right), min(height, r.bottom), r.block) for r in found
    ]
    return tuple(r for r in clipped if r.left < r.right and r.top < r.bottom)


def encode_jpeg(picture: Redacted, *, quality: int = 85) -> bytes:
    """JPEG (quality 1..100) of a redacted picture. Holds pixels only: no EXIF, place, time or device."""
    done, content = cv2.imencode(".jpg", picture.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"picture of {picture.image.shape} cannot be a JPEG; sides must be below 65,500 pixels")
    return content.tobytes()


_Box = tuple[float, float, float, float]


def _block(box: _Box, policy: RedactionPolicy) -> int:
    """Coarse by height for whole figures, by width for those cut off below (then the face is large)."""
    by_height, by_width = (box[3] - box[1]) / policy.blocks_per_height, (box[2] - box[0]) / policy.blocks_per_width
    return max(policy.min_block_px, ceil(by_height), ceil(min(by_width, 2 * by_height)))


def _region(left: float, top: float, right: float, bottom: float, block: int) -> Region:
    return Region(floor(left), floor(top), ceil(right), ceil(bottom), block)


def _person(box: _Box, policy: RedactionPolicy) -> Iterable[Region]:
    dx, dy = (box[2] - box[0]) * policy.person_margin, (box[3] - box[1]) * policy.person_margin
    return (_region(box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy, _block(box, policy)),)


def _two_wheeler(box: _Box, policy: RedactionPolicy) -> Iterable[Region]:
    x1, y1, x2, y2 = box
    dx, high = (x2 - x1) * policy.person_margin, y2 - y1
    bottom = y2 if high >= policy.two_wheeler_plate_height_px else y1 + high * policy.rider_part
    return (_region(x1 - dx, y1 - high * policy.rider_headroom, x2 + dx, bottom, _block(box, policy)),)


def _vehicle(box: _Box, policy: RedactionPolicy) -> Iterable[Region]:
    x1, y1, x2, y2 = box
    dx, dy, high = (x2 - x1) * policy.vehicle_margin, (y2 - y1) * policy.vehicle_margin, y2 - y1
    block = max(policy.min_block_px, ceil(high / policy.blocks_per_height))
    plate = _region(x1 - dx, y2 - high * policy.plate_band, x2 + dx, y2 + dy, block)
    if high < policy.glass_height_px:
        return (plate,)
    upper, lower = policy.glass_band
    return (plate, _region(x1, y1 + high * upper, x2, y1 + high * lower, block))


_AREAS = {
    ObjectClass.PERSON: _person,
    ObjectClass.TWO_WHEELER: _two_wheeler,
    ObjectClass.VEHICLE: _vehicle,
}


def _without_second_names(detections: Detections, policy: RedactionPolicy) -> Detections:
    vehicles = detections.of({ObjectClass.VEHICLE})
    outvoted = detections.scores[:, None] * policy.outvoted_by < vehicles.scores[None, :]
    same = (iou(detections.boxes, vehicles.boxes) >= policy.same_box_iou) & outvoted
    is_person = np.array([kind is ObjectClass.PERSON for kind in detections.classes], bool)
    return detections.filter(~(is_person & same.any(axis=1)))


def _is_dark(frame: Frame, policy: RedactionPolicy) -> bool:
    sample = frame[::_DARK_STEP, ::_DARK_STEP].max(axis=2)
    return float(np.percentile(sample, 95)) < policy.dark_level


def _touching(regions: Iterable[Region]) -> list[list[Region]]:
    """Groups in which every region is joined to every other through touching ones."""
    groups: list[list[Region]] = []
    for region in regions:
        joined = [group for group in groups if any(region.touches(member) for member in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([region, *(member for group in joined for member in group)])
    return groups


def _pixelate(image: Frame, group: list[Region]) -> None:
    """Give every block of the group's one grid its mean, in place; pixels outside all regions stay."""
    left, top = min(r.left for r in group), min(r.top for r in group)
    right, bottom = max(r.right for r in group), max(r.bottom for r in group)
    block = max(r.block for r in group)
    covered = np.zeros((bottom - top, right - left), bool)
    for r in group:
        covered[r.top - top : r.bottom - top, r.left - left : r.right - left] = True
    rows, columns = np.nonzero(covered)
    label = rows // block * ceil((right - left) / block) + columns // block
    window = image[top:bottom, left:right]
    window[covered] = _means(window[covered], label)[label]


def _means(pixels: NDArray[np.uint8], label: NDArray[np.intp]) -> NDArray[np.uint8]:
    """The mean colour of the pixels (N x 3) of each label, uint8 labels x 3; unused labels are black."""
    counts = np.maximum(np.bincount(label), 1)
    sums = [np.bincount(label, weights=pixels[:, channel]) for channel in range(3)]
    return np.rint(np.stack(sums, axis=1) / counts[:, None]).astype(np.uint8)


def _tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Left, top, right, bottom of 2 x 2 tiles, each 60 % of the frame's sides."""
    across, down = ceil(width * 0.6), ceil(height * 0.6)
    return [(x, y, x + across, y + down) for y in (0, height - down) for x in (0, width - across)]


def _from_tile(part: Detections, tile: tuple[int, int, int, int], width: int, height: int) -> Detections:
    left, top, right, bottom = tile
    shift = np.array([left, top, left, top], np.float32)
    sides = np.array([width, height, width, height], np.float32)
    boxes: Boxes = np.clip((part.pixels(right - left, bottom - top) + shift) / sides, 0.0, 1.0).astype(np.float32)
    solid = (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
    kinds = tuple(kind for kind, kept in zip(part.classes, solid, strict=True) if kept)
    return Detections(boxes[solid], part.scores[solid], kinds)
