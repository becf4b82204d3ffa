"""Things that came to stand and that no model knows (不明静止物): found by lasting difference from the reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.reference import Grey, Mask, Reference, SmallFrame
from ingest.messages import Box

_DIFFERENT = 24.0
_STEADY = 14
_LASTING_LOOKS = 5
_MOST_LOOKS = 60
_SMALLEST_PX = 30
_LARGEST_PART = 0.4
_GHOST_EDGES = 1.5
_LIGHT_CORRELATION = 0.85
_LIGHT_TEXTURE = 6.0
_LIGHT_SMALLEST_PX = 60
_FULL_SCORE_AT = 64.0
_HIDDEN_PART = 0.5
_NEAR_PX = 17
_SHADOW_SPREAD = 0.2
_SHADOW_DARKEST = 0.3


@dataclass(frozen=True)
class StaticRegion:
    """A lasting change: box in fractions of the frame, score 0..1 by its contrast."""

    box: Box
    score: float


class StaticObjects:
    """How long each pixel of the small picture has been different and steady.

    ``counters``: ``ghosts_absorbed``, ``light_absorbed``, ``too_large``.
    """

    def __init__(self) -> None:
        self._value: Grey = np.zeros((0, 0), np.uint8)
        self._lasting: NDArray[np.uint8] = np.zeros((0, 0), np.uint8)
        self.counters: Counter[str] = Counter()

    def look(
        self,
        small: SmallFrame,
        reference: Reference,
        difference: NDArray[np.float32],
        hidden: Mask,
        explained: Mask,
    ) -> list[StaticRegion] | None:
        """One look; None when so much has changed that the reference no longer shows this scene.

        ``hidden``: under a detection in this look; ``explained``: places of known kinds.
        """
        if self._value.shape != small.grey.shape:
            self._value = small.grey.copy()
            self._lasting = np.zeros_like(small.grey)
        self._count(small, (np.abs(difference) > _DIFFERENT) & reference.known, hidden)
        lasting = (self._lasting >= _LASTING_LOOKS) & ~explained
        if lasting.mean() > _LARGEST_PART:
            self.counters["too_large"] += 1
            self._lasting[:] = 0
            return None
        found = self._regions(lasting, small, reference, hidden)
        near = cv2.dilate((explained | hidden).astype(np.uint8), np.ones((_NEAR_PX, _NEAR_PX), np.uint8)).astype(
            bool
        )
        things = [
            region for region in found if not ((region & near).any() and _cast_shadow(region, small, reference))
        ]
        return [_measured(region, difference) for region in things]

    def clear(self, region: Mask) -> None:
        """Start counting anew in ``region``."""
        if self._lasting.shape == region.shape:
            self._lasting[region] = 0

    def dump(self) -> dict[str, NDArray[Any]]:
        """All state but the counters, as arrays."""
        return {"value": self._value, "lasting": self._lasting} if self._value.size else {}

    def load(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Fill a fresh model. Raises KeyError or ValueError for what :meth:`dump` did not write."""
        if "value" in arrays:
            value, lasting = arrays["value"], arrays["lasting"]
            if value.ndim != 2 or value.shape != lasting.shape:
                raise ValueError(f"value {value.shape} and lasting {lasting.shape} do not fit")
            self._value, self._lasting = value.copy(), lasting.copy()

    def _count(self, small: SmallFrame, different: Mask, hidden: Mask) -> None:
        opened = cv2.morphologyEx(different.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        changed = opened.astype(bool) & ~hidden
        steady = np.abs(small.grey.astype(np.int16) - self._value) <= _STEADY
        count = self._lasting.astype(np.int16)
        count += np.where(changed & steady, 1, 0)
        count -= np.where(changed & ~steady, 2, 0)
        count -= np.where(~changed & ~hidden, 3, 0)
        # What a detection covers may be the detected object itself, missed in some looks: it never adds up.
        count -= np.where(hidden, 1, 0)
        fresh = changed & (count <= 0)
        self._value = np.where(fresh | (changed & steady), small.grey, self._value)
        self._lasting = np.where(fresh, 1, np.clip(count, 0, _MOST_LOOKS)).astype(np.uint8)

    def _regions(self, lasting: Mask, small: SmallFrame, reference: Reference, hidden: Mask) -> list[Mask]:
        joined = cv2.morphologyEx(lasting.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
        number, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        found = []
        for label in range(1, number):
            if int(stats[label, cv2.CC_STAT_AREA]) < _SMALLEST_PX:
                continue
            region = np.asarray(labels == label)
            if float(hidden[region].mean()) > _HIDDEN_PART:
                continue
            # Ghost and light can only be told where nothing hides the region in this look.
            why = None if (region & hidden).any() else _only_apparent(region, small.grey, reference.grey)
            if why is None:
                found.append(region)
            else:
                self.counters[why] += 1
                self._absorb(region, small, reference)
        return found

    def _absorb(self, region: Mask, small: SmallFrame, reference: Reference) -> None:
        wide = cv2.dilate(region.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
        reference.absorb(wide, small)
        self.clear(wide)


def _measured(region: Mask, difference: NDArray[np.float32]) -> StaticRegion:
    height, width = region.shape
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    box = (
        int(columns[0]) / width,
        int(rows[0]) / height,
        (int(columns[-1]) + 1) / width,
        (int(rows[-1]) + 1) / height,
    )
    score = min(1.0, float(np.abs(difference[region]).mean()) / _FULL_SCORE_AT)
    return StaticRegion(box, score)


def _cast_shadow(region: Mask, small: SmallFrame, reference: Reference) -> bool:
    """Whether the region is the same ground, only darker: all colours dimmed alike, all over."""
    if reference.colour is None:
        return False
    ratio = (small.colour[region].astype(np.float64) + 1) / (reference.colour[region] + 1.0)
    quarter, dimmed, three_quarters = np.percentile(ratio, (25, 50, 75))
    colours = np.median(ratio, axis=0)
    even = three_quarters - quarter < _SHADOW_SPREAD and float(np.ptp(colours)) < _SHADOW_SPREAD
    return bool(even and _SHADOW_DARKEST < dimmed < 1.0)


def _only_apparent(region: Mask, now: Grey, before: Grey) -> str | None:
    """Why a lasting change is no object, if so: its outline belongs to the past, or only the light differs."""
    mask = region.astype(np.uint8)
    kernel = np.ones((5, 5), np.uint8)
    outline = (cv2.dilate(mask, kernel) - cv2.erode(mask, kernel, borderValue=0)).astype(bool)
    if _edge_strength(before)[outline].mean() > _GHOST_EDGES * _edge_strength(now)[outline].mean():
        return "ghosts_absorbed"
    if int(mask.sum()) >= _LIGHT_SMALLEST_PX:
        a, b = before[region].astype(np.float64), now[region].astype(np.float64)
        if a.std() > _LIGHT_TEXTURE and b.std() > _LIGHT_TEXTURE / 2:
            correlation = float(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()))
            if correlation > _LIGHT_CORRELATION:
                return "light_absorbed"
    return None


def _edge_strength(grey: Grey) -> NDArray[np.float32]:
    dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(np.abs(dx) + np.abs(dy), np.float32)
