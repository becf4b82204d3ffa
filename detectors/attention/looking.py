"""One look with attention: plan, infer what is asked for, merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from detectors.attention.answer import Answer
from detectors.attention.attention import Attention
from detectors.attention.change import small_grey
from detectors.attention.closely import MOST_AT_A_LOOK, close_look, pictures, region_around
from detectors.attention.evidence import Interest
from detectors.attention.merge import to_frame
from detectors.attention.settings import AttentionSettings
from detectors.attention.tiles import tiles_for
from detectors.ground import GroundPlane
from detectors.types import Detections, Detector, DetectorError, Frame, check_frame
from ingest.messages import Box
from ingest.zones import Zone

Asks = Callable[[Detections], Interest]
"""Given what stands, what place memory asks of the next look."""

_COUNTED = ("looks_unchanged", "looks_partial", "looks_full", "looks_swept", "tiles_inferred", "looks_closely")


class AttentiveLook:
    """A camera's way to look: as a detector, but it infers only where it has to. Not thread-safe.

    Args:
        detector: Infers; stays open.
        settings: How this camera is attended to.
        zones: What is watched, for far zones.
        ground: The homography, where there is one.
    """

    def __init__(
        self,
        detector: Detector,
        settings: AttentionSettings,
        zones: Sequence[Zone] = (),
        ground: GroundPlane | None = None,
    ) -> None:
        self._detector, self._settings = detector, settings
        self._zones, self._ground = tuple(zones), ground
        self._size: tuple[int, int] | None = None
        self._attention = Attention(settings, self._zones)
        self.tiles: tuple[Box, ...] = ()

    @property
    def counters(self) -> dict[str, int]:
        """Looks by kind and tiles inferred, since the start; all of them, also those at 0."""
        return {name: self._attention.counters[name] for name in _COUNTED}

    def forget(self) -> None:
        """Nobody could look: the next look is a full one."""
        self._attention.forget()

    def look(self, frame: Frame, at: datetime, asks: Asks) -> Answer:
        """What is in ``frame`` (uint8, H x W x 3, BGR) of ``at`` (UTC), carried where nothing changed.

        Raises:
            DetectorError: The detector could not look, or ``frame`` is no picture; the next look is a full one.
        """
        check_frame(frame)
        self._fit(frame.shape[1], frame.shape[0])
        grey = small_grey(frame)
        interest = asks(self._attention.answer)
        plan = self._attention.plan(grey, at, interest)
        doubted = interest.doubted[:MOST_AT_A_LOOK]
        regions = [
            region_around(box, frame.shape[1], frame.shape[0], self._detector.card.input.width) for box in doubted
        ]
        views = [_part(frame, region) for region in plan.regions]
        views += [view for region in regions for view in pictures(_part(frame, region))]
        try:
            answers = self._detector.detect(views) if views else []
        except DetectorError:
            self.forget()
            raise
        found = [to_frame(answer, region) for answer, region in zip(answers, plan.regions, strict=False)]
        close = answers[len(found) :]
        closely = [
            close_look(box, region, close[2 * at_ : 2 * at_ + 2])
            for at_, (box, region) in enumerate(zip(doubted, regions, strict=True))
        ]
        self._attention.counters["looks_closely"] += len(closely)
        return replace(self._attention.settle(plan, grey, at, found), closely=tuple(closely))

    def _fit(self, width: int, height: int) -> None:
        if self._size == (width, height):
            return
        self._size = (width, height)
        card, settings = self._detector.card, self._settings
        model_input = (card.input.width, card.input.height)
        tiles = tiles_for(settings.tiles, self._zones, self._size, model_input, self._ground, settings.most_tiles)
        self.tiles = tuple(_snapped(tile, width, height) for tile in tiles)
        counters = self._attention.counters
        self._attention = Attention(settings, self._zones, self.tiles, nms_iou=card.thresholds.nms_iou)
        self._attention.counters.update(counters)


def _snapped(tile: Box, width: int, height: int) -> Box:
    """The tile with its edges on pixels, so that boxes in it map back exactly."""
    left, top = min(int(tile[0] * width), width - 1), min(int(tile[1] * height), height - 1)
    right, bottom = max(left + 1, round(tile[2] * width)), max(top + 1, round(tile[3] * height))
    return left / width, top / height, right / width, bottom / height


def _part(frame: Frame, region: Box) -> Frame:
    height, width = frame.shape[:2]
    left, top, right, bottom = (
        round(side * length) for side, length in zip(region, (width, height, width, height), strict=True)
    )
    return np.ascontiguousarray(frame[top:bottom, left:right])
