"""What may be remembered of a look (存盘画面): the small picture that place memory learns from ends up on disk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.condition.warp import Warp
from detectors.privacy.mosaic import pixelate
from detectors.privacy.policy import RedactionPolicy
from detectors.privacy.regions import regions_to_cover
from detectors.reference import Mask, SmallFrame, smooth_grey
from detectors.types import Detections

_POLICY = RedactionPolicy(min_block_px=4)
"""In so small a picture a block of four pixels hides what is less than twelve high; larger figures get larger ones."""


@dataclass(frozen=True)
class Rememberable:
    """A small picture without faces and plates of what was seen in it; ``covered`` (H x W): where they are hidden."""

    small: SmallFrame
    covered: Mask

    def straightened(self, warp: Warp) -> Rememberable:
        """The same as the reference view would show it."""
        return Rememberable(
            SmallFrame(warp.straightened(self.small.colour), warp.straightened(self.small.grey)),
            warp.straightened(self.covered.astype(np.uint8)) > 0,
        )


def rememberable(small: SmallFrame, detections: Detections) -> Rememberable:
    """``small`` with the faces and plates covered that ``detections`` (in its coordinates) may have."""
    height, width = small.grey.shape
    colour, covered = small.colour.copy(), np.zeros((height, width), bool)
    regions = regions_to_cover(detections, width, height, _POLICY)
    pixelate(colour, regions, _POLICY.colour_step)
    for region in regions:
        covered[region.top : region.bottom, region.left : region.right] = True
    return Rememberable(SmallFrame(colour, smooth_grey(colour)), covered)
