"""The constants of attention, in one record so that cameras and tests can change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.messages import Box

TileChoice = Literal["auto", "off"] | tuple[Box, ...]
"""Far zones looked at in native resolution: found from the zones, none, or these boxes (fractions)."""


@dataclass(frozen=True)
class AttentionSettings:
    """How one camera is attended to.

    ``gating``: infer only where the picture has changed. ``sweep_interval_s``: at least one full look in so many
    seconds, whatever the change test says. ``most_tiles``: bounds what ``auto`` may cost.
    """

    gating: bool = True
    sweep_interval_s: float = 30.0
    tiles: TileChoice = "off"
    most_tiles: int = 4
