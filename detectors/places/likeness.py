"""How a place looks: small grey thumbnails and how alike two of them are.

A thumbnail is uint8 ``SIDE`` x ``SIDE`` of the place's box with a margin. Likeness is normalised
cross-correlation, hence blind to a change of the light's strength (gain) and of the black level (offset).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from detectors.places.settings import MemorySettings

SIDE = 24
MARGIN = 0.12
"""Part of the box added on every side: an object without texture still has its outline."""

Thumbnail = NDArray[np.uint8]
Visible = NDArray[np.bool_]

_FLAT = 2.0
_BLEND = 8
_SAME_AS_BACKGROUND = 0.8
_MARGIN_OF_PROOF = 0.1
_UNCHANGED = 0.9


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


def likeness(remembered: Thumbnail, now: Thumbnail, visible: Visible) -> float | None:
    """Correlation -1..1 over the visible cells; None when the remembered picture is flat there."""
    a, b = remembered[visible].astype(np.float64), now[visible].astype(np.float64)
    if a.size == 0:
        return None
    a -= a.mean()
    b -= b.mean()
    spread_a, spread_b = float(np.sqrt((a * a).mean())), float(np.sqrt((b * b).mean()))
    if spread_a < _FLAT:
        return None
    if spread_b < _FLAT:
        return 0.0
    return float((a * b).mean()) / (spread_a * spread_b)


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


def unchanged(scenery: Scenery) -> bool:
    """Whether the place looks as it did when the camera learnt the bare street."""
    return _like_background(scenery, np.ones((SIDE, SIDE), dtype=np.bool_)) >= _UNCHANGED


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
