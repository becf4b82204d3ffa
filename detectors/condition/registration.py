"""The reference view found again in every look (参考视图配准): what lies where, although the camera was knocked.

The view is kept in up to four pictures: the first for good, the others from looks in which it was found but looked
different (dusk, infra-red). All are in the coordinates of the first, so that nothing adds up over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.condition.matching import KeyPoints, found_warp, key_points, small_shift
from detectors.condition.outlines import Grey, Mask, Outlines, Plane, agreement, blocks, outlines, telling
from detectors.condition.warp import Warp

FITS = 0.5
"""Agreement from which a block counts as fitting: blocks of an unmoved view reach it in any weather drawn, nine in
ten; of one that is a degree off, fewer than one in four."""
ALIGNED = 0.4
"""Share of the blocks that show anything which must fit."""
_LEAST_BLOCKS = 5
_TELLING_VIEW = 12
_FLAT = 3.5
"""Mean gradient, grey levels, below which a block shows nothing: noise of a sensor at night stays under it."""
_GOOD = 0.8
_BETTER = 0.02
_MORE_THAN_SHAKING = 0.012
_WORSE_THAN_USUAL = 0.12
_FOLLOW = 0.125
_KEPT = 4
_KEEP_EVERY = 60
_KEEP_BELOW = 0.75
_TRIES = 10
_LATER = 10
_LARGEST_SHIFT = 0.03


@dataclass(frozen=True)
class Fit:
    """One look held against the reference view under one warp. Planes are ROWS x COLUMNS, in reference coordinates.

    ``telling`` blocks of the reference have outlines and are free; ``agree`` is -1..1; ``strength`` the gradients of
    now, ``level`` its grey. ``share``: of the telling blocks that are not flat now, how many fit.
    """

    warp: Warp
    kept: Outlines
    now: Outlines
    telling: Mask
    agree: Plane
    strength: Plane
    level: Plane

    @property
    def flat(self) -> Mask:
        """Telling blocks in which nothing is to be seen now."""
        return self.telling & (self.strength < _FLAT) & (self.agree < FITS)

    @property
    def fitting(self) -> Mask:
        """Telling blocks that look as they should."""
        return self.telling & (self.agree >= FITS)

    @property
    def share(self) -> float:
        """Fitting blocks among those that show something; 0 where too few do."""
        shows = int((self.telling & ~self.flat).sum())
        return float(self.fitting.sum()) / shows if shows >= _LEAST_BLOCKS else 0.0

    @property
    def mean(self) -> float:
        """Mean agreement of the blocks that show something."""
        shows = self.telling & ~self.flat
        return float(self.agree[shows].mean()) if shows.any() else 0.0

    @property
    def aligned(self) -> bool:
        """Whether this is the reference view."""
        return self.share >= ALIGNED and int(self.fitting.sum()) >= _LEAST_BLOCKS


@dataclass
class _Kept:
    """One picture of the reference view, with what was made of it."""

    grey: Grey
    outlines: Outlines
    points: KeyPoints | None = None

    @classmethod
    def of(cls, grey: Grey) -> _Kept:
        return cls(grey, outlines(grey))

    def telling_blocks(self) -> int:
        return int(telling(self.outlines, np.ones(self.grey.shape, bool)).sum())

    def key_points(self) -> KeyPoints:
        if self.points is None:
            self.points = key_points(self.grey)
        return self.points


class Registration:
    """Finds the reference view in small greys (uint8 H x W). Not thread-safe; deterministic.

    ``warp`` is the last that held. Until something is kept every look fits.
    """

    def __init__(self) -> None:
        self.warp = Warp()
        self._kept: list[_Kept] = []
        self._judges = False
        self._usual = 1.0
        self._failed = 0
        self._since_kept = 0
        self._since_search = _LATER

    @property
    def judges(self) -> bool:
        """Whether the reference view shows enough outlines to be found again at all."""
        return self._judges

    @property
    def empty(self) -> bool:
        """Whether there is no reference view yet."""
        return not self._kept

    def keep_first(self, grey: Grey) -> None:
        """``grey`` is the reference view from now on; forgets all others of another size."""
        self._kept = [_Kept.of(grey), *(kept for kept in self._kept[1:] if kept.grey.shape == grey.shape)]
        self._judges = self._kept[0].telling_blocks() >= _TELLING_VIEW

    def fits_size(self, grey: Grey) -> bool:
        """Whether pictures of that size can be compared."""
        return self.empty or self._kept[0].grey.shape == grey.shape

    def find(self, grey: Grey, free: Mask, kept: Grey) -> Fit:
        """The best fit of the view in ``grey``; ``free`` (H x W) is what no detected thing hides in the present
        picture, ``kept`` the same picture as it may be remembered. Only call while something is kept. Whether it is
        one: :attr:`Fit.aligned`."""
        best = self._refined(self._best_kept(grey, free, self.warp), grey, free)
        if not best.aligned and not self.warp.straight:
            best = max(best, self._refined(self._best_kept(grey, free, Warp()), grey, free), key=_rank)
        if self._must_search(best):
            self._since_search = 0
            searched = self._searched(grey, free)
            if searched is not None and searched.mean > best.mean + _BETTER:
                best = searched
        self._settle(best, kept)
        return best

    def _must_search(self, best: Fit) -> bool:
        """Whether key points have to be looked for: the view no longer fits as it used to, or a shift alone was
        found, of which the turn is not known yet."""
        self._since_search += 1
        if best.aligned and best.warp is not self.warp and best.warp.farthest > _MORE_THAN_SHAKING:
            return self._since_search >= _LATER
        if best.share >= self._usual - _WORSE_THAN_USUAL:
            return False
        return self._failed < _TRIES or self._since_search >= _LATER

    def _settle(self, best: Fit, kept: Grey) -> None:
        if not best.aligned:
            self._failed += 1
            return
        self._failed = 0
        self.warp = best.warp
        self._usual += (best.share - self._usual) * _FOLLOW
        self._since_kept += 1
        whole = not bool(best.flat.any()) and best.warp.farthest < _LARGEST_SHIFT
        if self._since_kept >= _KEEP_EVERY and best.mean < _KEEP_BELOW and whole:
            self._since_kept = 0
            self._kept = [*self._kept, _Kept.of(best.warp.straightened(kept))]
            if len(self._kept) > _KEPT:
                del self._kept[1]

    def _fit(self, kept: _Kept, now: Outlines, level: Plane, free: Mask, warp: Warp) -> Fit:
        return Fit(
            warp,
            kept.outlines,
            now,
            telling(kept.outlines, free),
            agreement(kept.outlines, now, free),
            blocks(now.strength),
            level,
        )

    def _seen_through(self, grey: Grey, free: Mask, warp: Warp) -> tuple[Outlines, Plane, Mask]:
        straight = warp.straightened(grey)
        known = free
        if not warp.straight:
            # The black edge of what is not shown has an outline of its own.
            known = warp.straightened(np.where(free, np.uint8(255), np.uint8(0))) > 250
        return outlines(straight), blocks(straight), known

    def _best_kept(self, grey: Grey, free: Mask, warp: Warp) -> Fit:
        now, level, known = self._seen_through(grey, free, warp)
        return max((self._fit(kept, now, level, known, warp) for kept in self._kept), key=_rank)

    def _refined(self, fit: Fit, grey: Grey, free: Mask) -> Fit:
        """``fit`` after a small shift, where that is better."""
        if fit.mean >= _GOOD:
            return fit
        kept = next(kept for kept in self._kept if kept.outlines is fit.kept)
        straight = fit.warp.straightened(grey)
        height, width = grey.shape
        right, down = small_shift(kept.grey, straight, np.ones(grey.shape, bool))
        if max(abs(right) / width, abs(down) / height) > 2 * _LARGEST_SHIFT:
            return fit
        move = np.array([[1, 0, right / width], [0, 1, down / height], [0, 0, 1]], np.float64)
        warp = Warp.of(fit.warp.matrix @ move)
        if not warp.plausible:
            return fit
        moved = self._best_kept(grey, free, warp)
        return moved if moved.mean > fit.mean + _BETTER else fit

    def _searched(self, grey: Grey, free: Mask) -> Fit | None:
        now = key_points(grey, free)
        height, width = grey.shape
        fits = []
        for kept in self._kept:
            warp = found_warp(kept.key_points(), now, width, height)
            if warp is not None:
                fits.append(self._refined(self._best_kept(grey, free, warp), grey, free))
        return max(fits, key=_rank, default=None)

    def dump(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """All state: JSON types, and uint8 arrays."""
        plain = {
            "warp": self.warp.rows,
            "usual": self._usual,
            "failed": self._failed,
            "since_kept": self._since_kept,
            "since_search": self._since_search,
        }
        return plain, {f"view{number}": kept.grey for number, kept in enumerate(self._kept)}

    def load(self, plain: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Fill a fresh registration. Raises KeyError, TypeError or ValueError for what :meth:`dump` did not write."""
        self.warp = Warp.of(np.array(plain["warp"], np.float64))
        self._usual = float(plain["usual"])
        self._failed, self._since_kept = int(plain["failed"]), int(plain["since_kept"])
        self._since_search = int(plain["since_search"])
        greys = [arrays[f"view{number}"] for number in range(_KEPT + 1) if f"view{number}" in arrays]
        if any(grey.ndim != 2 or grey.shape != greys[0].shape for grey in greys):
            raise ValueError(f"views of the shapes {[grey.shape for grey in greys]}")
        self._kept = [_Kept.of(grey.copy()) for grey in greys]
        self._judges = bool(greys) and self._kept[0].telling_blocks() >= _TELLING_VIEW


def _rank(fit: Fit) -> tuple[bool, float]:
    return fit.aligned, fit.mean
