"""What a node's own judgement of its camera makes of weather and faults, without drawing a picture (相机状态仿真).

``detectors.condition`` measured on drawn streets under ``scenarios.effects`` (four streets, day, dusk, infra-red, rain,
dirt), looks a second apart; the numbers below are what it did there, its mistakes included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.condition.warp import Warp
from detectors.incidents import BlindReason
from detectors.places.sighting import Unseen
from ingest.messages import Box
from scenarios.scene.camera import Camera
from scenarios.world.weather import Weather

COVERED_FROM = 0.65
"""Share of the frame under a cover from which the whole picture counts as covered."""
COVER_NOTICED_FROM = 0.2
COVER_EDGE = 0.1
"""A cover is noticed, but for this part of the frame along its soft edge: .3 left .18 of the blocks bare, .5 .38."""
BLURRED_FROM = 0.57
"""Strength of defocus from which the picture counts as blurred."""
FROZEN_AFTER_S = 5.0
"""Seconds after which a repeated picture is no look any more."""
REGISTRATION_ERROR = 0.0004
"""Standard deviation of the place of things after registration, as a part of the frame: a quarter of a pixel of 640 by
day, in rain and in infra-red alike."""
SHAKE_ERROR = 0.0008
"""The same after a shift by shaking, which is found anew in every look: half a pixel of 640."""
SHAKE_LEFT = 0.0027
"""A shift below this part of the frame is left as it is: the view still fits."""


@dataclass(frozen=True)
class Eyesight:
    """What the node says of one look: ``blind`` why there is none, ``since_s`` since when, where that is known."""

    warp: Warp = Warp()  # noqa: RUF009  (frozen)
    blind: BlindReason | None = None
    since_s: float | None = None
    unseen: tuple[Unseen, ...] = ()


class Judge:
    """Judges one camera's looks; ``straight`` is the camera as it hung at the start."""

    def __init__(self, straight: Camera) -> None:
        self._straight = straight

    def look(self, at_s: float, weather: Weather, lens: Camera) -> Eyesight:
        """One look through ``lens``, the camera as it hangs now."""
        if weather.frozen_since is not None and at_s - weather.frozen_since > FROZEN_AFTER_S:
            return Eyesight(blind=BlindReason.FROZEN, since_s=weather.frozen_since)
        warp = turned(self._straight, lens)
        if weather.covered >= COVERED_FROM:
            return Eyesight(warp, BlindReason.COVERED)
        if not warp.plausible:
            # Pan of 12 degrees was always found again, of 15 never; tilt of 10 and roll of 15 always.
            return Eyesight(warp, BlindReason.CAMERA_MOVED)
        if weather.defocus >= BLURRED_FROM:
            return Eyesight(warp, BlindReason.BLURRED)
        unseen = [(box, BlindReason.CAMERA_MOVED) for box in warp.unseen_boxes()]
        if weather.covered >= COVER_NOTICED_FROM:
            under: Box = (0.0, 0.0, weather.covered - COVER_EDGE, 1.0)
            unseen += [(box, BlindReason.COVERED) for box in [warp.box_back(under)] if box is not None]
        return Eyesight(warp, unseen=tuple(unseen))


def turned(straight: Camera, now: Camera) -> Warp:
    """How the picture of a camera turned on the spot lies over its usual one."""
    if straight == now:
        return Warp()
    usual, present = _intrinsics(straight), _intrinsics(now)
    matrix = present @ now.axes @ straight.axes.T @ np.linalg.inv(usual)
    return Warp.of_pixels(np.asarray(matrix, np.float64), straight.width, straight.frame_height)


def _intrinsics(lens: Camera) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([[lens.focal, 0, lens.width / 2], [0, lens.focal, lens.frame_height / 2], [0, 0, 1.0]])
