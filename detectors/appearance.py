"""The picture of one look, as place memory may ask it (`detectors.places.sighting.View`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.incidents import BlindReason
from detectors.places.likeness import Scenery, Thumbnail
from detectors.places.sighting import Unseen
from detectors.reference import Reference, SmallFrame, thumbnail
from ingest.messages import Box

_DARK_MEAN = 16.0
_DARK_HIGHLIGHT = 48.0
_FLAT_SPREAD = 3.0


class FrameView:
    """Crops of a frame (uint8, H x W x 3, BGR), and of the reference where that knows the place."""

    def __init__(
        self,
        frame: NDArray[np.uint8],
        small: SmallFrame,
        reference: Reference,
        unseen: Sequence[Unseen] = (),
    ) -> None:
        self._frame, self._small, self._reference = frame, small, reference
        self._unseen = tuple(unseen)

    def crop(self, box: Box) -> Thumbnail:
        """How ``box`` with its margin looks now."""
        return thumbnail(self._frame, box)

    def scenery(self, box: Box) -> Scenery | None:
        """The bare place beside the present, both from the small picture; None where it is not known."""
        if not self._reference.shows(box):
            return None
        return Scenery(thumbnail(self._reference.grey, box), thumbnail(self._small.grey, box))

    def unseen(self) -> Sequence[Unseen]:
        """What of the street this look does not show, and why."""
        return self._unseen


def cannot_be_seen(small: SmallFrame) -> BlindReason | None:
    """Why nothing can be looked for in this picture: too dark, or without any feature (covered lens, fog)."""
    grey = small.grey
    if float(grey.mean()) < _DARK_MEAN and float(np.percentile(grey, 99)) < _DARK_HIGHLIGHT:
        return BlindReason.DARK
    if float(grey.std()) < _FLAT_SPREAD:
        return BlindReason.FEATURELESS
    return None
