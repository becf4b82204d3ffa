"""``[camera.attention]``: when and where a camera's detector looks."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from detectors.attention.settings import AttentionSettings, TileChoice
from ingest.config import ConfigModel
from ingest.messages import Box

MOST_TILES = 16


def _tiles(value: object) -> TileChoice:
    if value == "auto":
        return "auto"
    if value == "off":
        return "off"
    if not isinstance(value, list | tuple) or not value:
        raise ValueError('give "auto", "off" or a list of boxes [x1, y1, x2, y2]')
    if len(value) > MOST_TILES:
        raise ValueError(f"{len(value)} boxes, each costs an inference; give {MOST_TILES} at most")
    return tuple(_box(index, box) for index, box in enumerate(value))


def _box(index: int, value: object) -> Box:
    is_number = isinstance(value, list | tuple) and all(
        isinstance(side, int | float) and not isinstance(side, bool) for side in value
    )
    if not is_number or not isinstance(value, list | tuple) or len(value) != 4:
        raise ValueError(f"box {index}: {value!r} is no box; give four fractions x1, y1, x2, y2")
    x1, y1, x2, y2 = (float(side) for side in value)
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise ValueError(
            f"box {index}: ({x1:g}, {y1:g}, {x2:g}, {y2:g}) lies outside the frame or has no area; "
            "give fractions from 0 to 1 with x1 < x2 and y1 < y2"
        )
    return x1, y1, x2, y2


class AttentionSection(ConfigModel):
    """When and where the detector looks; see :class:`detectors.attention.settings.AttentionSettings`."""

    gating: bool = True
    sweep_interval_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    tiles: Annotated[TileChoice, BeforeValidator(_tiles)] = "off"
    most_tiles: Annotated[int, Field(ge=1, le=MOST_TILES)] = 4

    def settings(self) -> AttentionSettings:
        """The same for the detector's side."""
        return AttentionSettings(self.gating, self.sweep_interval_s, self.tiles, self.most_tiles)
