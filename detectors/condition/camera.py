"""The condition of one camera, look by look (相机状态): what blinds it, where it looks, what of the view it shows.

Pure and deterministic: the clock is the look's own, the state can be saved anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.condition.covers import Covers
from detectors.condition.focus import IN_FOCUS, OUT_OF_FOCUS, edge_width
from detectors.condition.judging import (
    BLURRED_BELOW,
    MOSTLY,
    SHARP_AGAIN,
    left_sharp,
    why_lost,
)
from detectors.condition.outlines import COLUMNS, ROWS, Grey, Mask
from detectors.condition.registration import Fit, Registration
from detectors.condition.stillness import Stillness
from detectors.condition.warp import Warp, rectangles
from detectors.incidents import BlindReason
from detectors.places.dwell import short_gap_s
from detectors.places.sighting import Unseen
from ingest.messages import Box

SLOWEST_LOOK_S = 30.0
"""Seconds between looks up to which a fault is told within a minute: one look may come just before it, the next doubts,
and the one after that is sure."""
_LASTING_S = 5.0
_MOST_LASTING, _LEAST_LASTING = 5, 2
_LEAST_TELLING = 5
_YOUNG_LOOKS = 60
_WRONG_START = 30
_TELL_SHIFT, _TELL_TURN = 0.01, 0.5
_DIM_LEVEL = 45.0
"""Mean grey below which a picture without outlines is called dark."""


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


def lasting_looks(look_interval_s: float) -> int:
    """So many looks in a row a fault must show before it is no passing one: five, or about five seconds, never one."""
    return min(_MOST_LASTING, max(_LEAST_LASTING, ceil(_LASTING_S / look_interval_s)))


class CameraCondition:
    """Watches over one camera, looked at every ``look_interval_s`` seconds. Not thread-safe.

    ``restarts`` counts how often the view was given up: it turned out wrong right after the start, the picture's shape
    changed for good, or the zones were drawn anew while the camera did not show it.
    """

    def __init__(self, look_interval_s: float) -> None:
        self.restarts = 0
        self._look_interval_s = look_interval_s
        self._lasting = lasting_looks(look_interval_s)
        self._view = Registration()
        self._settled = False
        self._still = Stillness(longest_gap_s=short_gap_s(look_interval_s))
        self._covers = Covers(self._lasting)
        self._soft = 0
        self._soft_since: datetime | None = None
        self._blurred = False
        self._first_at: datetime | None = None
        self._never_sharp = False
        self._focus = 0
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
        self._soft_since = None if self._soft_since is None else self._soft_since + step
        self._first_at = None if self._first_at is None else self._first_at + step

    @property
    def warp(self) -> Warp:
        """Where the reference view lay when it was last found."""
        return self._view.warp

    def settle(self, grey: Grey) -> None:
        """The bare street (uint8 H x W, small) has been learnt: this is the reference view."""
        self._settled = True
        self._reference = grey.copy()
        self._view.keep_first(grey)
        width = edge_width(grey)
        self._never_sharp = not self.judges if width is None else width >= OUT_OF_FOCUS

    def look(self, at: datetime, grey: Grey, hidden: Mask, kept: Grey, stood: Sequence[Box] = ()) -> Condition:
        """One look at ``at`` (UTC): the small grey (uint8 H x W), what of it (H x W) detected things hide, ``kept``:
        the same grey as it may be remembered, and ``stood``: boxes (reference view) of all that is remembered."""
        if not self._view.fits_size(grey):
            self._odd_size += 1
            if self._odd_size < self._lasting:
                text = (
                    f"another picture size ({self._odd_size} of {self._lasting} looks before it is the new view)"
                )
                return Condition(BlindReason.CAMERA_MOVED, None, Warp(), False, (), text)
            self.start_over()
        self._odd_size = 0
        if self._view.empty:
            self._reference = kept.copy()
            self._view.keep_first(kept)
            self._first_at = at
        frozen_since = self._still.looked(at, grey)
        if frozen_since is not None:
            return Condition(
                BlindReason.FROZEN, frozen_since, self._view.warp, False, (), "the picture does not change"
            )
        if self._was_never_sharp(grey):
            return self._unsharp_from_the_start(grey)
        if not self._view.judges:
            return Condition(detail="too few outlines to notice a cover or a knock" if self._settled else "")
        fit = self._view.find(grey, ~hidden, kept)
        self._covers.looked(fit, stood)
        self._count_soft(at, fit)
        if int(fit.telling.sum()) < _LEAST_TELLING:
            return Condition(warp=self._view.warp, registered=False)
        return self._placed(fit) if fit.aligned else self._unplaced(fit, grey)

    def _placed(self, fit: Fit) -> Condition:
        self._lost = 0
        moved = _moved(fit.warp)
        hidden_part = self._covers.covered_part(fit)
        if hidden_part >= MOSTLY:
            return Condition(
                BlindReason.COVERED, None, fit.warp, False, (), f"{hidden_part:.0%} of the lens covered"
            )
        if self._soft or self._blurred:
            return Condition(BlindReason.BLURRED, self._soft_since, fit.warp, False, (), "out of focus")
        self._fitted += 1
        unseen = [(box, BlindReason.COVERED) for box in rectangles(self._covers.covered)]
        unseen += [(box, BlindReason.DARK) for box in rectangles(self._covers.dark)]
        unseen += [(box, BlindReason.CAMERA_MOVED) for box in fit.warp.unseen_boxes()]
        part = f"{hidden_part:.0%} of the lens covered" if self._covers.covered.any() else ""
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
        self.__dict__.update(CameraCondition(self._look_interval_s).__dict__)
        self.restarts = restarts

    def _was_never_sharp(self, grey: Grey) -> bool:
        """Whether the lens has been out of focus ever since the start: judged by the first looks and by the street
        learnt from several. Once it is sharp for long enough the view is given up: it has to be learnt anew."""
        if self._settled and not self._never_sharp:
            return False
        width = edge_width(grey)
        if self._never_sharp:
            self._focus = self._focus + 1 if width is not None and width <= IN_FOCUS else 0
            if self._focus >= self._lasting:
                self.start_over()
        else:
            self._focus = self._focus + 1 if width is not None and width >= OUT_OF_FOCUS else 0
            if self._focus >= self._lasting:
                self._never_sharp, self._focus = True, 0
        return self._never_sharp

    def _unsharp_from_the_start(self, grey: Grey) -> Condition:
        if edge_width(grey) is not None:
            reason, text = BlindReason.BLURRED, "out of focus since the start"
        elif float(grey.mean()) < _DIM_LEVEL:
            reason, text = BlindReason.DARK, "too dark to see any outlines since the start"
        else:
            reason, text = BlindReason.BLURRED, "no outlines to be seen since the start"
        return Condition(reason, self._first_at, self._view.warp, False, (), text)

    def _count_soft(self, at: datetime, fit: Fit) -> None:
        """One soft look is none; it is told once it lasts, and over once it has been sharp for as long."""
        # A first look's fine detail is its sensor's noise as well; only the street learnt from several can be missed.
        sharp = left_sharp(fit) if fit.aligned and self._settled else None
        if sharp is None:
            return
        limit = SHARP_AGAIN if self._blurred else BLURRED_BELOW
        self._soft = min(self._soft + 1, self._lasting) if sharp < limit else max(self._soft - 2, 0)
        self._blurred = self._soft >= self._lasting or (self._blurred and self._soft > 0)
        self._soft_since = (self._soft_since or at) if self._soft else None

    def dump(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """All state: JSON types, and uint8 arrays."""
        view, views = self._view.dump()
        still, pictures = self._still.dump()
        plain = {
            "view": view,
            "still": still,
            "settled": self._settled,
            "soft": self._soft,
            "soft_since": _written(self._soft_since),
            "first_at": _written(self._first_at),
            "never_sharp": self._never_sharp,
            "focus": self._focus,
            "blurred": self._blurred,
            "fitted": self._fitted,
            "lost": self._lost,
            "odd_size": self._odd_size,
            "restarts": self.restarts,
        }
        own = self._covers.dump() | {"reference": self._reference}
        return plain, {f"condition_{name}": array for name, array in (views | pictures | own).items()}

    def load(self, plain: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Fill a fresh one. Raises KeyError, TypeError or ValueError for what :meth:`dump` did not write."""
        own = {
            name.removeprefix("condition_"): array.copy()
            for name, array in arrays.items()
            if name.startswith("condition_")
        }
        self._view.load(plain["view"], own)
        self._still = Stillness.load(plain["still"], own, short_gap_s(self._look_interval_s))
        self._covers.load(own)
        self._reference = own["reference"]
        self._settled, self._blurred = bool(plain["settled"]), bool(plain["blurred"])
        self._soft, self._fitted = int(plain["soft"]), int(plain["fitted"])
        self._soft_since, self._first_at = _read(plain["soft_since"]), _read(plain["first_at"])
        self._never_sharp, self._focus = bool(plain["never_sharp"]), int(plain["focus"])
        self._lost, self._odd_size = int(plain["lost"]), int(plain["odd_size"])
        self.restarts = int(plain["restarts"])


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _moved(warp: Warp) -> str:
    """The move in words; shaking and the last tenth of a percent are none."""
    right, down, turn = warp.shift(COLUMNS, ROWS)
    if max(abs(right), abs(down)) < _TELL_SHIFT and abs(turn) < _TELL_TURN:
        return ""
    return f"moved by ({right:+.1%}, {down:+.1%}, {turn:+.1f} deg)"
