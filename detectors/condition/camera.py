"""The condition of one camera, look by look (相机状态): what blinds it, where it looks, what of the view it shows.

Pure and deterministic: the clock is the look's own, the state can be saved anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.condition.judging import (
    BLURRED_BELOW,
    MOSTLY,
    SHARP_AGAIN,
    covered_blocks,
    dark_blocks,
    left_sharp,
    share_of,
    why_lost,
)
from detectors.condition.outlines import COLUMNS, ROWS, Grey, Mask
from detectors.condition.registration import Fit, Registration
from detectors.condition.stillness import Stillness
from detectors.condition.warp import Warp, rectangles
from detectors.incidents import BlindReason
from detectors.places.sighting import Unseen

LASTING_LOOKS = 5
"""So many looks in a row a block must be bare, or the picture blurred, before it counts."""
_MOST_LOOKS = 10
_LEAST_TELLING = 5
_YOUNG_LOOKS = 60
_WRONG_START = 30
_TELL_SHIFT, _TELL_TURN = 0.01, 0.5


@dataclass(frozen=True)
class Condition:
    """What a look is worth.

    Attributes:
        blind: Why nothing can be looked for, if so.
        since: Since when, where that is known to be earlier than this look.
        warp: Where the reference view lies in this picture.
        registered: Whether that is known of this very look; nothing may be learnt from it otherwise.
        unseen: Regions of the reference view that the picture does not show, and why.
        detail: In words for people; empty while all is well.
    """

    blind: BlindReason | None = None
    since: datetime | None = None
    warp: Warp = Warp()  # noqa: RUF009  (frozen)
    registered: bool = True
    unseen: tuple[Unseen, ...] = ()
    detail: str = ""


class CameraCondition:
    """Watches over one camera. Not thread-safe.

    ``restarts`` counts how often the view was given up: it turned out wrong right after the start, the picture's shape
    changed for good, or the zones were drawn anew while the camera did not show it.
    """

    def __init__(self) -> None:
        self.restarts = 0
        self._view = Registration()
        self._settled = False
        self._still = Stillness()
        self._covered = np.zeros((ROWS, COLUMNS), np.uint8)
        self._dark = np.zeros((ROWS, COLUMNS), np.uint8)
        self._soft = 0
        self._blurred = False
        self._fitted = 0
        self._lost = 0
        self._odd_size = 0
        self._reference: Grey = np.zeros((0, 0), np.uint8)

    @property
    def settled(self) -> bool:
        """Whether the reference view is the bare street, not merely the first look."""
        return self._settled

    @property
    def judges(self) -> bool:
        """Whether the reference view has outlines enough to be found again; one of a dark night may not."""
        return self._view.judges

    @property
    def at_home(self) -> bool:
        """Whether the camera hangs as it did when the reference view was learnt; a shaking pole counts as that."""
        return self._lost == 0 and self._odd_size == 0 and self._view.warp.farthest <= _TELL_SHIFT

    def clock_set(self, step: timedelta) -> None:
        """The clock was set: what lasts began as long ago as before."""
        self._still.clock_set(step)

    @property
    def warp(self) -> Warp:
        """Where the reference view lay when it was last found."""
        return self._view.warp

    def settle(self, grey: Grey) -> None:
        """The bare street (uint8 H x W, small) has been learnt: this is the reference view."""
        self._settled = True
        self._reference = grey.copy()
        self._view.keep_first(grey)

    def look(self, at: datetime, grey: Grey, hidden: Mask, kept: Grey) -> Condition:
        """One look at ``at`` (UTC): the small grey (uint8 H x W), what of it (H x W) detected things hide, and
        ``kept``: the same grey as it may be remembered."""
        if not self._view.fits_size(grey):
            self._odd_size += 1
            if self._odd_size < LASTING_LOOKS:
                text = (
                    f"another picture size ({self._odd_size} of {LASTING_LOOKS} looks before it is the new view)"
                )
                return Condition(BlindReason.CAMERA_MOVED, None, Warp(), False, (), text)
            self.start_over()
        self._odd_size = 0
        if self._view.empty:
            self._reference = kept.copy()
            self._view.keep_first(kept)
        frozen_since = self._still.looked(at, grey)
        if frozen_since is not None:
            return Condition(
                BlindReason.FROZEN, frozen_since, self._view.warp, False, (), "the picture does not change"
            )
        if not self._view.judges:
            return Condition()
        fit = self._view.find(grey, ~hidden, kept)
        self._count(fit)
        if int(fit.telling.sum()) < _LEAST_TELLING:
            return Condition(warp=self._view.warp, registered=False)
        return self._placed(fit) if fit.aligned else self._unplaced(fit, grey)

    def _placed(self, fit: Fit) -> Condition:
        self._lost = 0
        moved = _moved(fit.warp)
        covered, dark = self._covered >= LASTING_LOOKS, self._dark >= LASTING_LOOKS
        hidden_part = share_of(covered, fit)
        if hidden_part >= MOSTLY:
            return Condition(
                BlindReason.COVERED, None, fit.warp, False, (), f"{hidden_part:.0%} of the lens covered"
            )
        if self._blurred:
            return Condition(BlindReason.BLURRED, None, fit.warp, False, (), "out of focus")
        self._fitted += 1
        unseen = [(box, BlindReason.COVERED) for box in rectangles(covered)]
        unseen += [(box, BlindReason.DARK) for box in rectangles(dark)]
        unseen += [(box, BlindReason.CAMERA_MOVED) for box in fit.warp.unseen_boxes()]
        part = f"{hidden_part:.0%} of the lens covered" if covered.any() else ""
        return Condition(
            None, None, fit.warp, True, tuple(unseen), "; ".join(text for text in (moved, part) if text)
        )

    def _unplaced(self, fit: Fit, grey: Grey) -> Condition:
        reason = why_lost(fit, self._reference, grey)
        self._lost = self._lost + 1 if reason is BlindReason.CAMERA_MOVED else 0
        if self._lost >= _WRONG_START and self._fitted < _YOUNG_LOOKS:
            self.start_over()
            return Condition(registered=False)
        text = "the view is not the one it was set up for" if reason is BlindReason.CAMERA_MOVED else ""
        return Condition(reason, None, fit.warp, False, (), text)

    def start_over(self) -> None:
        """Give the reference view up; the next look is the new one."""
        self.restarts += 1
        restarts = self.restarts
        self.__dict__.update(CameraCondition().__dict__)
        self.restarts = restarts

    def _count(self, fit: Fit) -> None:
        for count, now in ((self._covered, covered_blocks(fit)), (self._dark, dark_blocks(fit))):
            count[:] = np.where(now, np.minimum(count + 1, _MOST_LOOKS), count - np.minimum(count, 2))
        # A first look's fine detail is its sensor's noise as well; only the street learnt from several can be missed.
        sharp = left_sharp(fit) if fit.aligned and self._settled else None
        if sharp is None:
            return
        limit = SHARP_AGAIN if self._blurred else BLURRED_BELOW
        self._soft = min(self._soft + 1, LASTING_LOOKS) if sharp < limit else max(self._soft - 2, 0)
        self._blurred = self._soft >= LASTING_LOOKS or (self._blurred and self._soft > 0)

    def dump(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """All state: JSON types, and uint8 arrays."""
        view, views = self._view.dump()
        still, pictures = self._still.dump()
        plain = {
            "view": view,
            "still": still,
            "settled": self._settled,
            "soft": self._soft,
            "blurred": self._blurred,
            "fitted": self._fitted,
            "lost": self._lost,
            "odd_size": self._odd_size,
            "restarts": self.restarts,
        }
        own = {"covered": self._covered, "dark": self._dark, "reference": self._reference}
        return plain, {f"condition_{name}": array for name, array in (views | pictures | own).items()}

    def load(self, plain: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Fill a fresh one. Raises KeyError, TypeError or ValueError for what :meth:`dump` did not write."""
        own = {
            name.removeprefix("condition_"): array.copy()
            for name, array in arrays.items()
            if name.startswith("condition_")
        }
        self._view.load(plain["view"], own)
        self._still = Stillness.load(plain["still"], own)
        self._covered, self._dark, self._reference = own["covered"], own["dark"], own["reference"]
        if self._covered.shape != (ROWS, COLUMNS) or self._dark.shape != (ROWS, COLUMNS):
            raise ValueError(f"blocks {self._covered.shape}, {self._dark.shape}; {(ROWS, COLUMNS)} expected")
        self._settled, self._blurred = bool(plain["settled"]), bool(plain["blurred"])
        self._soft, self._fitted = int(plain["soft"]), int(plain["fitted"])
        self._lost, self._odd_size = int(plain["lost"]), int(plain["odd_size"])
        self.restarts = int(plain["restarts"])


def _moved(warp: Warp) -> str:
    """The move in words; shaking and the last tenth of a percent are none."""
    right, down, turn = warp.shift(COLUMNS, ROWS)
    if max(abs(right), abs(down)) < _TELL_SHIFT and abs(turn) < _TELL_TURN:
        return ""
    return f"moved by ({right:+.1%}, {down:+.1%}, {turn:+.1f} deg)"
