"""Far zones in native resolution (远区切块): which parts of the picture are worth an inference of their own.

An object that the model's input would show with too few pixels is not recognised. Where a zone's far end is so far
away, and the picture has more pixels than the input, that part is looked at through tiles.
"""

from __future__ import annotations

from collections.abc import Sequence

from detectors.attention.settings import TileChoice
from detectors.ground import GroundPlane
from ingest.boxes import area, intersection
from ingest.messages import Box
from ingest.taxonomy import Category
from ingest.zones import Point, Zone

ENOUGH_PX = 24.0
"""Longer side, in pixels of the model's input, from which objects are found well enough without a tile."""

_ZOOM = 1.25
"""A picture with fewer times the input's pixels has nothing more to show."""
_OVERLAP = 0.25
_MARGIN = 0.02
_SAME_PART = 0.99
_PROBE = 0.005
_FAR_HEIGHT = 0.25
"""Without a homography: a zone less high than this part of the picture is taken for a far one."""

LENGTH_M: dict[Category, float] = {
    Category.PARKED_VEHICLE: 3.0,
    Category.PARKED_TWO_WHEELER: 1.4,
    Category.STREET_VENDOR: 1.6,
    Category.GARBAGE: 0.6,
    Category.STATIC_OBJECT: 0.8,
}
"""A small one of its kind, as long as it appears, metres."""


def tiles_for(
    choice: TileChoice,
    zones: Sequence[Zone],
    frame: tuple[int, int],
    model_input: tuple[int, int],
    ground: GroundPlane | None,
    most: int,
) -> tuple[Box, ...]:
    """The tiles of a camera, fractions; empty where none is needed or the picture has no more to show.

    ``frame`` and ``model_input`` are width and height in pixels. Boxes that somebody chose are taken as they are.
    """
    shrunk = max(frame[0] / model_input[0], frame[1] / model_input[1])
    if choice == "off" or shrunk < _ZOOM:
        return ()
    if choice != "auto":
        return choice
    found: list[Box] = []
    for zone in zones:
        part = _far_part(zone, frame, model_input, ground)
        if part is not None:
            found += _cover(_grown(part), frame, model_input)
    return _distinct(found)[:most]


def _far_part(
    zone: Zone, frame: tuple[int, int], model_input: tuple[int, int], ground: GroundPlane | None
) -> Box | None:
    """The part of a zone whose objects are too small for the whole picture; None where there is none."""
    if not zone.rules:
        return None
    box = _bounds(zone.polygon)
    if ground is None:
        return box if box[3] - box[1] < _FAR_HEIGHT else None
    length = min(LENGTH_M[rule.category] for rule in zone.rules)
    scale = min(model_input[0] / frame[0], model_input[1] / frame[1])
    near = None
    for step in range(21):
        y = box[1] + (box[3] - box[1]) * step / 20
        width_m = _metres_across(ground, (box[0] + box[2]) / 2, y)
        if width_m is None:
            continue
        if length / width_m * frame[0] * scale >= ENOUGH_PX:
            break
        near = y
    return None if near is None else (box[0], box[1], box[2], max(near, box[1] + _MARGIN))


def _metres_across(ground: GroundPlane, x: float, y: float) -> float | None:
    """What the picture's whole width would span on the ground at a point; None above the horizon."""
    probed = ground.distance_m((x - _PROBE, y), (x + _PROBE, y))
    return None if probed is None else probed / (2 * _PROBE)


def _bounds(polygon: Sequence[Point]) -> Box:
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def _grown(box: Box) -> Box:
    """Objects rise above the ground they stand on."""
    rise = max(_MARGIN, 0.5 * (box[3] - box[1]))
    return (
        max(0.0, box[0] - _MARGIN),
        max(0.0, box[1] - rise),
        min(1.0, box[2] + _MARGIN),
        min(1.0, box[3] + _MARGIN),
    )


def _cover(box: Box, frame: tuple[int, int], model_input: tuple[int, int]) -> list[Box]:
    """Overlapping tiles of the input's size that cover ``box``; what lies in the overlap is whole in one of them."""
    wide, high = min(1.0, model_input[0] / frame[0]), min(1.0, model_input[1] / frame[1])
    columns, rows = _starts(box[0], box[2], wide), _starts(box[1], box[3], high)
    return [(x, y, x + wide, y + high) for y in rows for x in columns]


def _starts(low: float, high: float, side: float) -> list[float]:
    if high - low <= side:
        return [min(max(0.0, (low + high - side) / 2), 1.0 - side)]
    step = side * (1 - _OVERLAP)
    count = 1 + int(-(-(high - low - side) // step))
    last = min(1.0, high) - side
    return [low + (last - low) * index / (count - 1) for index in range(count)]


def _distinct(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Without those that another one shows nearly whole."""
    kept: list[Box] = []
    for box in boxes:
        if all(intersection(box, other) < _SAME_PART * area(box) for other in kept):
            kept.append(box)
    return tuple(kept)
