"""Things that came to stand and that no model knows (不明静止物): found by lasting difference from the reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.reference import Colour, Grey, Mask, Reference, SmallFrame
from ingest.messages import Box

_DIFFERENT = 24.0
_SLIGHTLY_DIFFERENT = 13.0
"""What lies beside something different and differs so much belongs to it: a thing has sides as bright as the ground."""
_STEADY = 14
_LASTING_LOOKS = 5
_MOST_LOOKS = 60
_WHOLE_PART = 0.8
_WHOLE_LOOKS = 12
"""A thing is told when so much of what changed with it has lasted too, or when it has lasted for so many looks."""
_SMALLEST_PX = 30
_LARGEST_PART = 0.4
_GHOST_EDGES = 1.5
_GHOST_LEAST = 20.0
_LIGHT_CORRELATION = 0.85
_LIGHT_TEXTURE = 6.0
_TEXTURE_PX = 9
_FINE_TEXTURE = 3.0
_FINE_CORRELATION = 0.5
_DARK_GREY = 10.0
_COLOURLESS = 3.0
_LIGHT_SMALLEST_PX = 60
_FULL_SCORE_AT = 64.0
_HIDDEN_PART = 0.5
_NEAR_PX = 17
_PIECES_ALIGNED = 0.7
_PIECES_GAP = 0.8
"""Pieces above one another are one thing when they share this part of the wider one's columns, and their gap is at
most this part of its width: between them the thing looks as the ground does."""
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
            self._value = np.zeros_like(small.grey)
            self._lasting = np.zeros_like(small.grey)
        contrast = np.maximum(np.abs(difference), _other_colour(small, reference))
        self._count(small, (contrast > _SLIGHTLY_DIFFERENT) & reference.known, hidden)
        lasting = (self._lasting >= _LASTING_LOOKS) & ~explained
        if lasting.mean() > _LARGEST_PART:
            self.counters["too_large"] += 1
            self._lasting[:] = 0
            return None
        found = self._regions(lasting, contrast > _DIFFERENT, small, reference, hidden)
        found = [region for region in found if self._is_whole(region)]
        near = cv2.dilate((explained | hidden).astype(np.uint8), np.ones((_NEAR_PX, _NEAR_PX), np.uint8)).astype(
            bool
        )
        things = [
            region for region in found if not ((region & near).any() and _cast_shadow(region, small, reference))
        ]
        return [_measured(region, contrast) for region in things]

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
        # Of no use any more, and it may be somebody: this is saved.
        self._value[self._lasting == 0] = 0

    def _regions(
        self, lasting: Mask, different: Mask, small: SmallFrame, reference: Reference, hidden: Mask
    ) -> list[Mask]:
        found = []
        for region in _things(lasting, lasting & (different | hidden)):
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

    def _is_whole(self, region: Mask) -> bool:
        """Whether all of it has shown itself by now: what was put down is uncovered bit by bit by who put it down."""
        if int(self._lasting[region].max()) >= _WHOLE_LOOKS:
            return True
        _, labels = cv2.connectedComponents(((self._lasting > 0) | region).astype(np.uint8), connectivity=8)
        growing = int(np.isin(labels, np.unique(labels[region])).sum())
        return int(region.sum()) >= _WHOLE_PART * growing

    def _absorb(self, region: Mask, small: SmallFrame, reference: Reference) -> None:
        wide = cv2.dilate(region.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
        reference.absorb(wide, small)
        self.clear(wide)


def _things(lasting: Mask, different: Mask) -> list[Mask]:
    """The pieces of ``lasting`` that hold enough that is ``different``, those of one thing joined."""
    joined = cv2.morphologyEx(lasting.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    number, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    enough = np.bincount(labels[different], minlength=number) >= _SMALLEST_PX
    pieces = [label for label in range(1, number) if enough[label]]
    groups: list[list[int]] = []
    for label in sorted(pieces, key=lambda piece: int(stats[piece, cv2.CC_STAT_TOP])):
        above = next((group for group in groups if _stands_on(stats[group[-1]], stats[label])), None)
        if above is None:
            groups.append([label])
        else:
            above.append(label)
    return [np.isin(labels, group) for group in groups]


def _stands_on(upper: NDArray[np.int32], lower: NDArray[np.int32]) -> bool:
    left, top, width, height, _ = (int(value) for value in upper)
    other_left, other_top, other_width, _, _ = (int(value) for value in lower)
    shared = min(left + width, other_left + other_width) - max(left, other_left)
    gap = other_top - (top + height)
    aligned = shared >= _PIECES_ALIGNED * max(width, other_width)
    return aligned and gap <= _PIECES_GAP * max(width, other_width)


def _measured(region: Mask, contrast: NDArray[np.float32]) -> StaticRegion:
    height, width = region.shape
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    box = (
        int(columns[0]) / width,
        int(rows[0]) / height,
        (int(columns[-1]) + 1) / width,
        (int(rows[-1]) + 1) / height,
    )
    score = min(1.0, float(contrast[region].mean()) / _FULL_SCORE_AT)
    return StaticRegion(box, score)


def _other_colour(small: SmallFrame, reference: Reference) -> NDArray[np.float32]:
    """How far the hue is off the reference, in grey levels of the darker one; brighter or darker light changes no hue.

    Nothing where only one of the two pictures has colours (infra-red at night).
    """
    if reference.colour is None:
        return np.zeros(small.grey.shape, np.float32)
    now, before = _hues(small.colour), _hues(reference.colour)
    if min(now.colourfulness, before.colourfulness) < _COLOURLESS:
        return np.zeros(small.grey.shape, np.float32)
    off = np.maximum(np.abs(now.blue - before.blue), np.abs(now.red - before.red))
    return np.asarray(off * np.minimum(now.level, before.level), np.float32)


@dataclass(frozen=True)
class _Hues:
    """Blue and red against green, as parts of the brightness, and the brightness (each float32 H x W)."""

    blue: NDArray[np.float32]
    red: NDArray[np.float32]
    level: NDArray[np.float32]

    @property
    def colourfulness(self) -> float:
        """How far from grey the picture is in the mean, grey levels."""
        return float((np.maximum(np.abs(self.blue), np.abs(self.red)) * self.level).mean())


def _hues(colour: Colour) -> _Hues:
    blue, green, red = cv2.split(np.asarray(cv2.GaussianBlur(colour, (3, 3), 0), np.float32))
    level = (blue + green + red) / np.float32(3) + np.float32(_DARK_GREY)
    return _Hues(
        *(np.asarray(plane, np.float32) for plane in ((blue - green) / level, (red - green) / level, level))
    )


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
    past = float(_edge_strength(before)[outline].mean())
    if past > max(_GHOST_LEAST, _GHOST_EDGES * float(_edge_strength(now)[outline].mean())):
        return "ghosts_absorbed"
    if int(mask.sum()) >= _LIGHT_SMALLEST_PX:
        alike = _correlation(before[region], now[region], _LIGHT_TEXTURE)
        finely = _correlation(_texture(before)[region], _texture(now)[region], _FINE_TEXTURE)
        if alike is not None and alike > _LIGHT_CORRELATION and (finely is None or finely > _FINE_CORRELATION):
            return "light_absorbed"
    return None


def _correlation(before: NDArray[Any], now: NDArray[Any], texture: float) -> float | None:
    """How alike two pictures of the same pixels are, -1..1; None where they have too little texture to say."""
    a, b = before.astype(np.float64), now.astype(np.float64)
    if a.std() <= texture or b.std() <= texture / 2:
        return None
    return float(((a - a.mean()) * (b - b.mean())).mean() / (a.std() * b.std()))


def _texture(grey: Grey) -> NDArray[np.float64]:
    """What is left without the coarse shades, which ground and a thing on it may share: the fall of light, a wall."""
    levels = grey.astype(np.float64)
    return np.asarray(levels - cv2.blur(levels, (_TEXTURE_PX, _TEXTURE_PX)), np.float64)


def _edge_strength(grey: Grey) -> NDArray[np.float32]:
    dx = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(np.abs(dx) + np.abs(dy), np.float32)
