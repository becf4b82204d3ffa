"""The stage of a scenario: the renderer's stage that also draws cutouts and knows which lamps can be seen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import cv2
import numpy as np

from scenarios.effects.blending import Plane
from scenarios.effects.headlights import Glare
from scenarios.effects.night import Lamp
from scenarios.makers.billboards import billboard_sprite
from scenarios.scene.camera import NEAR_M, Image
from scenarios.scene.compose import Seen, Stage, Thing
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose, Sprite, draw_sprite

_LEAST_LAMP = 0.8  # a lamp of less strength is a rear light, which dazzles nobody


@dataclass(frozen=True)
class Cutout:
    """A user's picture (h, w, 4) BGRA and its size in metres."""

    picture: Image
    width_m: float
    tall_m: float


@dataclass
class SceneStage(Stage):
    """Keeps one sprite for each thing, for as long as its shape and pose stay; ``cutouts`` are by number.

    ``drawn`` are the things of the last frame with their sprites, back to front.
    """

    cutouts: dict[int, Cutout] = field(default_factory=dict)
    drawn: list[tuple[Thing, Sprite]] = field(default_factory=list)
    _sprites: dict[int, tuple[Mesh, Pose, Sprite | None]] = field(default_factory=dict)
    _last: tuple[list[Thing], Image, list[Seen]] | None = None

    def draw(self, things: list[Thing]) -> tuple[Image, list[Seen]]:
        """One frame as ``Stage.draw`` gives it; where nothing moved since the last one, that one again."""
        if self._last is not None and _same(things, self._last[0]):
            return self._last[1].copy(), self._last[2]
        self.drawn = []
        frame, seen = super().draw(things)
        here = {thing.number for thing in things}
        self._sprites = {number: kept for number, kept in self._sprites.items() if number in here}
        self._last = (things, frame.copy(), seen)
        return frame, seen

    def _sprite(self, thing: Thing) -> Sprite | None:
        kept = self._sprites.get(thing.number)
        if kept is not None and kept[0] is thing.mesh and kept[1] == thing.pose:
            sprite = kept[2]
        else:
            sprite = self._fresh(thing)
            self._sprites[thing.number] = (thing.mesh, thing.pose, sprite)
        if sprite is not None:
            self.drawn.append((thing, sprite))
        return sprite

    def _fresh(self, thing: Thing) -> Sprite | None:
        cutout = self.cutouts.get(thing.number)
        if cutout is None:
            return draw_sprite(thing.mesh, thing.pose, self.camera, self.light)
        return billboard_sprite(cutout.picture, cutout.width_m, cutout.tall_m, thing.pose, self.camera)

    def relit(self, street: Plane, levels: Callable[[list[Thing]], list[float]]) -> Plane:
        """``street`` (H, W), a value of the empty street, with that of each thing where the thing is seen."""
        result = street.copy()
        values = levels([thing for thing, _ in self.drawn])
        for (_, sprite), value in zip(self.drawn, values, strict=True):
            x0, y0, x1, y1 = sprite.rect
            result[y0:y1, x0:x1][sprite.mask] = value
        return np.asarray(cv2.blur(result, (3, 3)), np.float32)

    def lamps(self, lit: Collection[int]) -> list[Lamp]:
        """The lamps in view of things whose numbers are ``lit``."""
        return [Lamp(u, v, radius, (row[4], row[5], row[6])) for _, row, u, v, radius in self._lamps_in_view(lit)]

    def glares(self, lit: Collection[int]) -> list[Glare]:
        """The headlights of things whose numbers are ``lit`` that shine towards the camera."""
        found: list[Glare] = []
        for thing, row, u, v, radius in self._lamps_in_view(lit):
            if row[1] <= 0 or row[3] < _LEAST_LAMP:
                continue
            ahead = thing.pose.turn(np.array([[0.0, 1.0, 0.0]]))[0]
            to_eye = self.camera.position - thing.pose.place(np.array([row[:3]]))[0]
            straight = float(ahead @ to_eye / np.linalg.norm(to_eye))
            if straight > 0:
                found.append(Glare(u, v, radius, straight))
        return found

    def _lamps_in_view(self, lit: Collection[int]) -> list[tuple[Thing, list[float], float, float, float]]:
        found: list[tuple[Thing, list[float], float, float, float]] = []
        for thing, _ in self.drawn:
            if thing.number not in lit or len(thing.mesh.lamps) == 0:
                continue
            uv, depth = self.camera.project(thing.pose.place(thing.mesh.lamps[:, :3]))
            for (u, v), far, row in zip(uv.tolist(), depth.tolist(), thing.mesh.lamps, strict=True):
                if far >= NEAR_M and self._lamp_shows(thing, row) and self._on_top(thing.number, u, v):
                    found.append((thing, row.tolist(), u, v, max(0.7, 0.11 * row[3] * self.camera.focal / far)))
        return found

    def _on_top(self, number: int, u: float, v: float) -> bool:
        """Whether a thing is seen within a pixel of a point: nothing stands before its lamp."""
        column, row = int(u), int(v)
        if not (0 <= column < self.camera.width and 0 <= row < self.camera.frame_height):
            return False
        near = self.ids[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
        return bool((near == number).any())


def _same(now: list[Thing], before: list[Thing]) -> bool:
    return len(now) == len(before) and all(
        a.number == b.number and a.mesh is b.mesh and a.pose == b.pose for a, b in zip(now, before, strict=True)
    )
