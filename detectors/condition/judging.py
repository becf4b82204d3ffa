"""What one fit of the reference view says about lens and light: which blocks show nothing, and why."""

from __future__ import annotations

import cv2
import numpy as np

from detectors.condition.outlines import COLUMNS, ROWS, Grey, Mask, sharpness
from detectors.condition.registration import Fit
from detectors.incidents import BlindReason

DARK_LEVEL = 14.0
"""Mean grey below which a block without outlines lies in the dark; a cover throws some light back."""
BLURRED_BELOW = 0.4
"""Share of the fine detail left: rain and night leave .95, a blur whose circle has a radius of 1 % of the frame's width
.44, of 2 % .2. At the first the shipped detector misses half of what it saw."""
SHARP_AGAIN = 0.48
MOSTLY = 0.55
"""Share of the view from which its rest counts for nothing. A cover has a soft edge: one of .7 of the frame leaves .6
of the blocks bare."""
_HALF = 0.5
_SAME_LAYOUT = 0.75
NOT_COVERED = 0.3
"""Agreement below which a block does not look as it should."""


def covered_blocks(fit: Fit) -> Mask:
    """Blocks (ROWS x COLUMNS) that should have outlines and are bare, though light falls on them."""
    return fit.flat & (fit.agree < NOT_COVERED) & (fit.level >= DARK_LEVEL)


def bare_blocks(fit: Fit) -> Mask:
    """Blocks (ROWS x COLUMNS) that should have outlines and are bare, lit or not."""
    return covered_blocks(fit) | dark_blocks(fit)


def dark_blocks(fit: Fit) -> Mask:
    """Blocks (ROWS x COLUMNS) that should have outlines and lie in the dark."""
    return fit.flat & (fit.level < DARK_LEVEL)


def share_of(blocks: Mask, fit: Fit) -> float:
    """Their share of the blocks that can tell anything; 0 where none can."""
    telling = int(fit.telling.sum())
    return float((blocks & fit.telling).sum()) / telling if telling else 0.0


def left_sharp(fit: Fit) -> float | None:
    """How much of the fine detail is left where the view fits; None where nothing can be told."""
    return sharpness(fit.kept, fit.now, fit.fitting)


def why_lost(fit: Fit, kept: Grey, now: Grey) -> BlindReason:
    """Why a picture does not show the reference view: what it shows instead decides."""
    dark, covered = share_of(dark_blocks(fit), fit), share_of(covered_blocks(fit), fit)
    if dark + covered >= _HALF:
        return BlindReason.DARK if dark > covered else BlindReason.COVERED
    return BlindReason.BLURRED if _layout(kept, now) >= _SAME_LAYOUT else BlindReason.CAMERA_MOVED


def _layout(kept: Grey, now: Grey) -> float:
    """Correlation of the two pictures at so few pixels that no blur matters."""
    a, b = (
        cv2.resize(grey, (2 * COLUMNS, 2 * ROWS), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()
        for grey in (kept, now)
    )
    if a.std() < 1 or b.std() < 1:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
