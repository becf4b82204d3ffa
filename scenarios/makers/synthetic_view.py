"""A picture that is never drawn: place memory asks for thumbnails, and only these are painted.

Everything has a smooth random texture by its seed, a little alike within a kind; the ground has one that stays. Light,
weather and noise change what is seen as they change real thumbnails: gain and offset, contrast, another look in
infra-red. Grey levels 0..255, positions in fractions of the frame.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.places.geometry import grow
from detectors.places.likeness import MARGIN, SIDE, Scenery, Thumbnail
from detectors.places.sighting import Unseen
from ingest.messages import Box
from ingest.zones import Point
from scenarios.language.cast import ActorKind
from scenarios.world.world import Weather

Floats = NDArray[np.float32]

_GROUND = (144, 256)
_TEXTURE = 32
_MIDDLES = ((np.arange(SIDE) + 0.5) / SIDE).astype(np.float32)
_NOISES = 64
_OWN, _OF_KIND = 0.95, 0.3
"""How much of a pattern is a thing's own, and how much that of its kind. Thumbnails of two cars in the street stills
of the data folder have a likeness of 0.10 (nine in ten below 0.34), in various poses and before various streets. At
one place in one pose they must be a little more alike; these give 0.21 (nine in ten below 0.48)."""
_GLARE = 0.07


@dataclass(frozen=True, slots=True)
class Painted:
    """A thing in the picture: its outline's box inside the frame, and what it looks like."""

    box: Box
    kind: ActorKind
    seed: int


@dataclass(frozen=True, slots=True)
class Shade:
    """A shadow's outline in the picture and how dark it is, 0..1."""

    outline: tuple[Point, ...]
    amount: float


@dataclass(frozen=True, slots=True)
class Light:
    """What lies between the scene and the picture: weather, shadows, glare, displacement of the frame."""

    weather: Weather
    shades: tuple[Shade, ...] = ()
    glares: tuple[Point, ...] = ()
    shift: Point = (0.0, 0.0)


def _smooth(rng: np.random.Generator, shape: tuple[int, int], octaves: Sequence[tuple[int, float]]) -> Floats:
    """Random values of mean 0 and standard deviation 1, made of grids of so many cells each."""
    total = np.zeros(shape, np.float32)
    for cells, weight in octaves:
        grid = rng.standard_normal((cells, max(2, cells * shape[1] // shape[0]))).astype(np.float32)
        total += weight * cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray((total - total.mean()) / total.std(), np.float32)


@lru_cache(maxsize=64)
def ground_of(seed: int) -> Floats:
    """The bare street of a camera, grey levels by day."""
    rng = np.random.default_rng((seed, 7001))
    return np.asarray(115 + 26 * _smooth(rng, _GROUND, ((4, 1.0), (12, 0.7), (36, 0.5), (72, 0.3))), np.float32)


@lru_cache(maxsize=4096)
def texture_of(kind: ActorKind, seed: int, infrared: int) -> Floats:
    """What a thing looks like, 32 x 32 grey levels; ``infrared`` in tenths."""
    of_kind = np.random.default_rng((zlib.crc32(kind.value.encode()), 7002))
    own = np.random.default_rng((seed, zlib.crc32(kind.value.encode()), 7003))
    octaves = ((5, 0.8), (8, 1.0), (14, 0.7))
    common = _smooth(of_kind, (_TEXTURE, _TEXTURE), octaves)
    level, contrast = own.uniform(60, 185), own.uniform(32, 50)
    mine = _smooth(own, (_TEXTURE, _TEXTURE), octaves)
    other = _smooth(own, (_TEXTURE, _TEXTURE), octaves)
    share = infrared / 10
    # Paint reflects infra-red otherwise than light: part of the pattern is another one, the level is evened out.
    mine = mine * (1 - 0.35 * share) + other * 0.5 * share
    level = level * (1 - 0.5 * share) + 130 * 0.5 * share
    return np.asarray(np.clip(level + contrast * (_OWN * mine + _OF_KIND * common), 5, 250), np.float32)


@lru_cache(maxsize=1)
def _outline() -> NDArray[np.bool_]:
    """Which part of its box a thing fills: a superellipse."""
    axis = np.abs((np.arange(_TEXTURE) + 0.5) / _TEXTURE * 2 - 1)
    return np.asarray(axis[:, None] ** 4 + axis[None, :] ** 4 <= 1.05)


@lru_cache(maxsize=1)
def _noise() -> Floats:
    return np.random.default_rng(7004).standard_normal((_NOISES, SIDE, SIDE)).astype(np.float32)


@lru_cache(maxsize=1)
def _dirt() -> Floats:
    """The veil on a dirty lens, 0..1, as in ``scenarios.errors.degrade``."""
    spots = np.random.default_rng(3).random((9, 12)).astype(np.float32)
    veil = (cv2.resize(spots, _GROUND[::-1], interpolation=cv2.INTER_CUBIC) - 0.55) * 4
    return np.asarray(np.clip(veil, 0, 1), np.float32)


@lru_cache(maxsize=64)
def _blur(tenths: int) -> Floats:
    """Matrix that blurs a thumbnail's rows by a Gaussian of so many tenths of a cell."""
    distance = np.arange(SIDE)[:, None] - np.arange(SIDE)[None, :]
    weight = np.exp(-0.5 * (distance / (tenths / 10)) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float32)


class SceneView:
    """One look's picture; ``detectors.places.sighting.View``.

    ``things`` from far to near. ``bare`` are the things that the bare street as the camera learnt it contains;
    ``unknown`` the places it never saw bare, None while it learns.
    """

    def __init__(
        self,
        ground_seed: int,
        number: int,
        things: Sequence[Painted],
        light: Light,
        *,
        bare: Sequence[Painted] = (),
        unknown: Sequence[Box] | None = None,
        unseen: Sequence[Unseen] = (),
    ) -> None:
        self._seed, self._number, self._things, self._light = ground_seed, number, things, light
        self._bare, self._unknown, self._unseen = bare, unknown, tuple(unseen)
        self._crops: dict[Box, Thumbnail] = {}
        self._single: dict[int, list[list[float]]] = {}

    def crop(self, box: Box) -> Thumbnail:
        """How ``box`` with its margin looks now."""
        crop = self._crops.get(box)
        if crop is None:
            crop = self._crops[box] = self._paint(box, self._things, now=True)
        return crop

    def scenery(self, box: Box) -> Scenery | None:
        """The bare place and the same now; None where the camera never saw it bare."""
        if self._unknown is None or any(_mostly_in(box, hole) for hole in self._unknown):
            return None
        return Scenery(self._paint(box, self._bare, now=False), self.crop(box))

    def unseen(self) -> Sequence[Unseen]:
        """What of the street this look does not show, and why."""
        return self._unseen

    def _paint(self, box: Box, things: Sequence[Painted], *, now: bool) -> Thumbnail:
        shown = grow(box, MARGIN)
        xs = shown[0] + _MIDDLES * (shown[2] - shown[0])
        ys = shown[1] + _MIDDLES * (shown[3] - shown[1])
        dx, dy = self._light.shift if now else (0.0, 0.0)
        rows, columns = _cells(ys - dy, _GROUND[0]), _cells(xs - dx, _GROUND[1])
        patch = ground_of(self._seed)[rows].take(columns, axis=1)
        infrared = round(self._light.weather.night_ir * 10)
        left, right, top, bottom = float(xs[0]), float(xs[-1]), float(ys[0]), float(ys[-1])
        for thing, (x1, y1, x2, y2) in zip(things, self._in_single(things), strict=True):
            if x2 > left and x1 < right and y2 > top and y1 < bottom:
                _lay(patch, thing, xs, ys, infrared)
        if now:
            for shade in self._light.shades:
                patch *= 1.0 - 0.6 * shade.amount * _inside(shade.outline, xs, ys)
        patch = self._weathered(patch, xs, ys)
        if now:
            self._on_the_way(patch, box, xs, ys)
        return np.minimum(np.maximum(patch, 0.0), 255.0).astype(np.uint8)

    def _in_single(self, things: Sequence[Painted]) -> list[list[float]]:
        """The boxes as numbers of the same precision as a patch's cells, in which they are compared."""
        boxes = self._single.get(id(things))
        if boxes is None:
            boxes = self._single[id(things)] = np.array([thing.box for thing in things], np.float32).tolist()
        return boxes

    def _weathered(self, patch: Floats, xs: Floats, ys: Floats) -> Floats:
        weather = self._light.weather
        if weather.night_ir:
            far = (1.0 - ys)[:, None]
            lit = (50 + 0.75 * patch) * (1 - 0.85 * weather.night_ir * far)
            patch = np.asarray(patch * (1 - weather.night_ir) + lit * weather.night_ir, np.float32)
        if weather.dusk:
            patch = patch * (1 - 0.75 * weather.dusk)
        if weather.rain:
            patch = patch * (1 - 0.35 * weather.rain) + 52 * weather.rain
        if weather.defocus:
            cell = max(float(xs[1] - xs[0]), 1e-4)
            blur = _blur(max(1, min(120, round(0.1 * weather.defocus / cell))))
            patch = np.asarray(blur @ patch @ blur.T, np.float32)
        if weather.dirty:
            rows, columns = _cells(ys, _GROUND[0]), _cells(xs, _GROUND[1])
            veil = _dirt()[rows[:, None], columns] * (0.8 * weather.dirty)
            patch = patch * (1 - veil) + 70 * veil
        return patch

    def _on_the_way(self, patch: Floats, box: Box, xs: Floats, ys: Floats) -> None:
        """Glare, a partial cover, and the sensor's noise."""
        weather = self._light.weather
        for x, y in self._light.glares:
            distance = (xs[None, :] - x) ** 2 + (ys[:, None] - y) ** 2
            patch += 220 * weather.headlights * np.exp(-distance / _GLARE**2)
        if weather.covered:
            patch[:, xs < weather.covered] = 25.0
        strength = 2.0 + 7.0 * weather.dusk + 6.0 * weather.night_ir + 3.0 * weather.rain
        which = (self._number * 31 + int(box[0] * 9973) + int(box[1] * 7919) + int(box[3] * 6007)) % _NOISES
        patch += strength * _noise()[which]


def _cells(values: Floats, count: int) -> NDArray[np.intp]:
    # Twice as fast as np.clip on so few values, and this is where a long scenario spends its time.
    return np.minimum(np.maximum((values * count).astype(np.intp), 0), count - 1)


def _lay(patch: Floats, thing: Painted, xs: Floats, ys: Floats, infrared: int) -> None:
    """Paint a thing over what lies behind it."""
    x1, y1, x2, y2 = thing.box
    left, right = xs.searchsorted((x1, x2)).tolist()
    top, bottom = ys.searchsorted((y1, y2)).tolist()
    # None is below 0 by more than rounding, so that cutting at the upper end is enough.
    columns = np.minimum(((xs[left:right] - x1) / (x2 - x1) * _TEXTURE).astype(np.intp), _TEXTURE - 1)
    rows = np.minimum(((ys[top:bottom] - y1) / (y2 - y1) * _TEXTURE).astype(np.intp), _TEXTURE - 1)[:, None]
    texture, filled = texture_of(thing.kind, thing.seed, infrared), _outline()
    part = patch[top:bottom, left:right]
    np.copyto(part, texture[rows, columns], where=filled[rows, columns])


def _inside(outline: Sequence[Point], xs: Floats, ys: Floats) -> NDArray[np.bool_]:
    """Even-odd test of every cell."""
    inside = np.zeros((len(ys), len(xs)), bool)
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if math.isclose(y1, y2):
            continue
        crosses = (y1 > ys) != (y2 > ys)
        at = x1 + (ys - y1) * (x2 - x1) / (y2 - y1)
        inside ^= crosses[:, None] & (xs[None, :] < at[:, None])
    return inside


def _mostly_in(box: Box, hole: Box) -> bool:
    """Whether a hole in what is known of the street takes more than a tenth of a box."""
    wide = min(box[2], hole[2]) - max(box[0], hole[0])
    tall = min(box[3], hole[3]) - max(box[1], hole[1])
    return wide > 0 and tall > 0 and wide * tall > 0.1 * (box[2] - box[0]) * (box[3] - box[1])
