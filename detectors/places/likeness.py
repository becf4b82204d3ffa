"""How a place looks: small grey thumbnails and how alike two of them are.

A thumbnail is uint8 ``SIDE`` x ``SIDE`` of the place's box with a margin. Likeness is normalised
cross-correlation, hence blind to a change of the light's strength (gain) and of the black level (offset).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from detectors.places.geometry import grow, visible_cells
from detectors.places.settings import MemorySettings
from ingest.messages import Box

SIDE = 24
MARGIN = 0.12
"""Part of the box added on every side: an object without texture still has its outline."""

Thumbnail = NDArray[np.uint8]
Visible = NDArray[np.bool_]
ALL_VISIBLE: Visible = visible_cells((0.0, 0.0, 1.0, 1.0), (), SIDE)
UNCHANGED = 0.9
"""From here on a place looks as the bare street did."""

_FLAT = 2.0
_BLEND = 8
_SAME_AS_BACKGROUND = 0.8
_MARGIN_OF_PROOF = 0.1
_SURROUNDINGS = 0.6
_SHIFT = 2
"""Cells by which the boxes of one object may be off each other when it is compared at two places."""


class Presence(StrEnum):
    """What a look without a sighting says about a place."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Scenery:
    """The place without the object, and as it is now, both at the background's lower resolution."""

    background: Thumbnail
    now: Thumbnail


def in_both(first: Visible, second: Visible) -> Visible:
    """The cells that both show."""
    if second is ALL_VISIBLE:
        return first
    return second if first is ALL_VISIBLE else first & second


def likeness(remembered: Thumbnail, now: Thumbnail, visible: Visible) -> float | None:
    """Correlation -1..1 over the visible cells; None when the remembered picture is flat there."""
    whole = visible is ALL_VISIBLE
    a = (remembered.ravel() if whole else remembered[visible]).astype(np.float64)
    b = (now.ravel() if whole else now[visible]).astype(np.float64)
    n = a.size
    if n == 0:
        return None
    # Sums of squares of bytes are exact in float64; this is the inner loop of every look.
    sum_a, sum_b = float(a.sum()), float(b.sum())
    spread_a = float(a @ a) / n - (sum_a / n) ** 2
    spread_b = float(b @ b) / n - (sum_b / n) ** 2
    if spread_a < _FLAT * _FLAT:
        return None
    if spread_b < _FLAT * _FLAT:
        return 0.0
    return (float(a @ b) / n - sum_a * sum_b / n / n) / sqrt(spread_a * spread_b)


def around(anchor: Box) -> Box:
    """The surroundings of a place, by which a change of light is told from another object."""
    return grow(anchor, _SURROUNDINGS)


def outside(anchor: Box) -> Visible:
    """The cells of a thumbnail of :func:`around` that do not show the place itself."""
    return visible_cells(grow(around(anchor), MARGIN), [grow(anchor, MARGIN)], SIDE)


def alike(portrait: Thumbnail, recent: Thumbnail, other: Thumbnail) -> float:
    """How alike two objects are whose boxes were drawn anew, -1..1: the best over small shifts of the one picture."""
    inner = other[_SHIFT : SIDE - _SHIFT, _SHIFT : SIDE - _SHIFT].astype(np.float64)
    return max(_best_shift(portrait, inner), _best_shift(recent, inner))


def _best_shift(remembered: Thumbnail, inner: NDArray[np.float64]) -> float:
    windows = np.lib.stride_tricks.sliding_window_view(remembered.astype(np.float64), inner.shape)
    windows = windows.reshape(-1, inner.size)
    windows = windows - windows.mean(axis=1, keepdims=True)
    centred = (inner - inner.mean()).ravel()
    length = np.linalg.norm(windows, axis=1) * np.linalg.norm(centred)
    enough = (_FLAT * SIDE) ** 2
    return float(np.max(np.divide(windows @ centred, length, out=np.zeros_like(length), where=length > enough)))


def presence(
    portrait: Thumbnail, now: Thumbnail, scenery: Scenery | None, visible: Visible, settings: MemorySettings
) -> Presence:
    """Whether the remembered object still stands where the detector reported nothing.

    Being like the portrait is not enough where the bare place is known: the object must be nearer than it.
    """
    like_object = likeness(portrait, now, visible)
    if like_object is None:
        return Presence.ABSENT
    if scenery is not None:
        told_apart = likeness(portrait, scenery.background, visible)
        if told_apart is not None and told_apart < _SAME_AS_BACKGROUND:
            return _nearer(like_object, _like_background(scenery, visible), settings)
    if like_object >= settings.same_likeness:
        return Presence.PRESENT
    return Presence.ABSENT if like_object < settings.absent_likeness else Presence.UNCLEAR


def like_bare_street(scenery: Scenery, visible: Visible) -> float:
    """How much the visible cells look as they did when the camera learnt the bare street, -1..1."""
    return _like_background(scenery, visible)


def _like_background(scenery: Scenery, visible: Visible) -> float:
    value = likeness(scenery.background, scenery.now, visible)
    if value is not None:
        return value
    return 1.0 if float(scenery.now[visible].std()) < 2 * _FLAT else 0.0


def _nearer(like_object: float, like_background: float, settings: MemorySettings) -> Presence:
    if like_object >= settings.absent_likeness and like_object > like_background + _MARGIN_OF_PROOF:
        return Presence.PRESENT
    if like_background >= settings.absent_likeness and like_background > like_object:
        return Presence.ABSENT
    return Presence.UNCLEAR


def blend(portrait: Thumbnail, now: Thumbnail) -> Thumbnail:
    """The portrait moved an eighth of the way towards ``now``: it follows the light of the day."""
    mixed = (portrait.astype(np.uint16) * (_BLEND - 1) + now + _BLEND // 2) // _BLEND
    return mixed.astype(np.uint8)


def unit_vector(portrait: Thumbnail) -> tuple[float, ...]:
    """The portrait for the wire: 144 numbers of length 1 and mean 0; empty when it is flat."""
    cells = portrait.reshape(SIDE // 2, 2, SIDE // 2, 2).mean(axis=(1, 3)).ravel()
    cells = cells - cells.mean()
    length = float(np.linalg.norm(cells))
    if length < _FLAT * SIDE / 2:
        return ()
    return tuple(round(float(value), 5) for value in cells / length)
