"""What one look answers (应答), and about which places it is an answer at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.attention.closely import CloseLook
from detectors.attention.merge import WHOLE, lies_in
from detectors.types import Detections
from ingest.messages import Box

_FITS_TILE = 0.7
"""An object larger than this part of a tile's side is left to the whole picture."""


@dataclass(frozen=True)
class Answer:
    """The whole picture's answer: ``found``, carried rows included; ``fresh``, the units (the whole picture, tiles)
    that were inferred in this look; ``tiles``, all tiles that there are; ``closely``, the close looks that were asked
    for. Boxes in fractions of the frame."""

    found: Detections
    fresh: frozenset[Box]
    tiles: tuple[Box, ...] = ()
    closely: tuple[CloseLook, ...] = ()

    def looked_at(self, box: Box) -> bool:
        """Whether the detector itself looked for what is at ``box`` in this picture, in a unit that shows it well.

        Where it did not, what it once saw there may stand, but that nothing is found there proves nothing.
        """
        return any(region in self.fresh for region in homes(box, self.tiles))


def homes(box: Box, tiles: Sequence[Box]) -> list[Box]:
    """The units that are to be asked about ``box``: the tiles that show it whole, else the whole picture."""
    return [tile for tile in tiles if is_home(box, tile)] or [WHOLE]


def is_home(box: Box, region: Box) -> bool:
    """Whether a tile shows an object whole and with room around it."""
    if region == WHOLE or box[0] >= box[2] or box[1] >= box[3]:
        return False
    fits = box[2] - box[0] <= _FITS_TILE * (region[2] - region[0]) and box[3] - box[1] <= _FITS_TILE * (
        region[3] - region[1]
    )
    return fits and bool(lies_in(np.array([box], np.float32), region)[0])
