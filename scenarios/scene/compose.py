"""Puts objects into the street: order, shadows, lamps, the finished frame and its exact truth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from ingest.taxonomy import ObjectClass
from scenarios.scene.camera import NEAR_M, Camera, Floats, Image
from scenarios.scene.light import Light
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose, Sprite, blit, draw_sprite
from scenarios.scene.street import Background

_LONG_M = 1.2  # half the length of a thing that distance alone does not order rightly


@dataclass(frozen=True)
class Thing:
    """An object in one frame. ``kind`` is None for furniture, which has no truth; ``still`` lets it be cached."""

    number: int
    kind: ObjectClass | None
    mesh: Mesh
    pose: Pose
    still: bool = False


@dataclass(frozen=True)
class Seen:
    """Exact truth of one object in one frame.

    ``box`` is left, top, right, bottom of its visible pixels in fractions of the frame; ``visible`` is the share
    of its pixels inside the frame that nothing hides; ``inside`` the share of all its pixels inside the frame.
    """

    number: int
    kind: ObjectClass
    box: tuple[float, float, float, float]
    visible: float
    inside: float
    pixels: int


@dataclass
class Stage:
    """Draws frames of one street under one light; keeps the sprites of things that stand still."""

    camera: Camera
    light: Light
    background: Background
    _cache: dict[tuple[int, Pose], Sprite | None] = field(default_factory=dict)
    ids: np.ndarray = field(init=False)
    _still_key: tuple[tuple[int, Pose], ...] | None = field(init=False, default=None)
    _still_dark: Image = field(init=False)

    def __post_init__(self) -> None:
        self.ids = np.zeros((self.camera.frame_height, self.camera.width), np.int32)

    def draw(self, things: list[Thing]) -> tuple[Image, list[Seen]]:
        """One frame (H, W, 3) BGR before the camera's own flaws, and what is seen in it."""
        things = [thing for thing in things if self._may_show(thing)]
        frame = self._shadowed(things)
        self.ids[:] = 0
        drawn: list[tuple[Thing, Sprite]] = []
        for thing in depth_order(things, self.camera):
            sprite = self._sprite(thing)
            if sprite is not None:
                blit(frame, self.ids, sprite, thing.number)
                drawn.append((thing, sprite))
        if self.light.night:
            self._glow(frame, [t for t, _ in drawn])
        return frame, [seen for t, s in drawn if (seen := self._truth(t, s)) is not None]

    def _may_show(self, thing: Thing) -> bool:
        """Whether a ball around the thing and its shadow comes near the frame."""
        radius = sum(thing.mesh.reach) + 2.5 * thing.mesh.tall
        centre = np.array([[thing.pose.x, thing.pose.y, thing.mesh.tall / 2]])
        right, down, ahead = (centre - self.camera.position)[0] @ self.camera.axes.T
        spread = max(float(ahead), 0.0) / self.camera.focal
        return bool(
            ahead > -radius
            and abs(right) < spread * self.camera.width / 2 + radius * 1.5
            and abs(down) < spread * self.camera.frame_height / 2 + radius * 1.5
        )

    def _sprite(self, thing: Thing) -> Sprite | None:
        if not thing.still:
            return draw_sprite(thing.mesh, thing.pose, self.camera, self.light)
        key = (thing.number, thing.pose)
        if key not in self._cache:
            self._cache[key] = draw_sprite(thing.mesh, thing.pose, self.camera, self.light)
        return self._cache[key]

    def _truth(self, thing: Thing, sprite: Sprite) -> Seen | None:
        if thing.kind is None:
            return None
        x0, y0, x1, y1 = sprite.rect
        mine = self.ids[y0:y1, x0:x1] == thing.number
        count = int(np.count_nonzero(mine))
        own = int(np.count_nonzero(sprite.mask))
        if count == 0:
            return None
        columns, rows = np.flatnonzero(mine.any(axis=0)), np.flatnonzero(mine.any(axis=1))
        wide, tall = self.camera.width, self.camera.frame_height
        box = (
            (x0 + int(columns[0])) / wide,
            (y0 + int(rows[0])) / tall,
            (x0 + int(columns[-1]) + 1) / wide,
            (y0 + int(rows[-1]) + 1) / tall,
        )
        return Seen(thing.number, thing.kind, box, count / own, min(1.0, own / sprite.full_px), count)

    def _shadowed(self, things: list[Thing]) -> Image:
        """The background with the shadows of all things; those of still things are kept between frames."""
        still = [thing for thing in things if thing.still]
        key = tuple((thing.number, thing.pose) for thing in still)
        if key != self._still_key:
            self._still_key = key
            self._still_dark = np.zeros(self.background.ground.shape, np.uint8)
            for thing in still:
                self._cast(self._still_dark, thing)
        dark = self._still_dark.copy()
        for thing in things:
            if not thing.still:
                self._cast(dark, thing)
        cv2.blur(dark, (5, 3), dark)
        cv2.bitwise_and(dark, self.background.ground, dark)
        keep = cv2.cvtColor(cv2.bitwise_not(dark), cv2.COLOR_GRAY2BGR)
        return np.asarray(cv2.multiply(self.background.picture, keep, scale=1 / 255.0), np.uint8)

    def _cast(self, dark: Image, thing: Thing) -> None:
        """Adds the shadow of a thing: its parts and limbs along the sun, and the dark under its footprint."""
        mesh, pose = thing.mesh, thing.pose
        slide = self.light.to_sun[:2] / self.light.to_sun[2]
        strength = int(255 * self.light.shadow)
        rx, ry = mesh.reach[0] * 1.06, mesh.reach[1] * 1.03
        foot = np.array([[-rx, -ry, 0.0], [rx, -ry, 0.0], [rx, ry, 0.0], [-rx, ry, 0.0]])
        clouds = [*mesh.parts, foot]
        limbs = mesh.capsules[:, :6].reshape(-1, 3)
        world = pose.place(np.concatenate([*clouds, limbs]))
        world[:, :2] -= world[:, 2:] * slide
        world[:, 2] = 0.0
        uv, depth = self.camera.project(world)
        if float(depth.min()) < NEAR_M:
            return
        pixels = (np.clip(uv, -4000, 4000) * 8).astype(np.int32)
        begin = 0
        for cloud in mesh.parts:
            end = begin + len(cloud)
            cv2.fillConvexPoly(dark, cv2.convexHull(pixels[begin:end]), (strength,), cv2.LINE_8, 3)
            begin = end
        if len(limbs):
            ends = pixels[begin + 4 :].reshape(-1, 2, 2)
            wide = mesh.capsules[:, 6].mean() * 1.7 * self.camera.focal / float(depth[begin + 4 :].mean())
            cv2.polylines(dark, list(ends), False, (strength,), min(60, max(1, int(wide))), cv2.LINE_8, 3)
        if mesh.reach[0] > 0.25 and pose.z == 0:
            hull = cv2.convexHull(pixels[begin : begin + 4])
            cv2.fillConvexPoly(dark, hull, (max(strength, 120),), cv2.LINE_8, 3)

    def _glow(self, frame: Image, things: list[Thing]) -> None:
        """Lamps at night: bright spots with a halo, and pools of light from street lamps."""
        halo = np.zeros_like(frame)
        for thing in things:
            if len(thing.mesh.lamps) == 0:
                continue
            uv, depth = self.camera.project(thing.pose.place(thing.mesh.lamps[:, :3]))
            for (u, v), far, lamp in zip(uv, depth, thing.mesh.lamps, strict=True):
                if far < NEAR_M or not self._lamp_shows(thing, lamp):
                    continue
                radius = max(1, int(0.11 * lamp[3] * self.camera.focal / far))
                cv2.circle(halo, (int(u), int(v)), radius, tuple(lamp[4:7].tolist()), -1)
        wide = cv2.GaussianBlur(cv2.resize(halo, None, fx=0.25, fy=0.25), (0, 0), 4)
        cv2.add(frame, cv2.resize(wide, (frame.shape[1], frame.shape[0])), frame)
        cv2.add(frame, halo, frame)

    def _lamp_shows(self, thing: Thing, lamp: Floats) -> bool:
        """A lamp on a vehicle's end is seen only when that end faces the camera."""
        if abs(lamp[1]) < 0.5:
            return True
        ahead = thing.pose.turn(np.array([[0.0, np.sign(lamp[1]), 0.0]]))[0]
        at = thing.pose.place(lamp[None, :3])[0]
        return bool(ahead @ (self.camera.position - at) > 0)


def _hides(front: Thing, back: Thing, camera: Camera) -> bool | None:
    """Whether ``front`` may hide ``back``, by the side planes of ``front`` that part them.

    False where some side has both the camera and ``back`` outside it: then ``front`` lies wholly behind that side.
    None where no side parts them, because their footprints overlap.
    """
    pose, reach = front.pose, front.mesh.reach
    sin, cos = math.sin(pose.heading), math.cos(pose.heading)
    ex, ey, ox, oy = camera.x - pose.x, camera.y - pose.y, back.pose.x - pose.x, back.pose.y - pose.y
    eye = (ex * cos - ey * sin, ex * sin + ey * cos)
    other = (ox * cos - oy * sin, ox * sin + oy * cos)
    answer: bool | None = None
    for axis in (0, 1):
        sign = 1.0 if other[axis] > 0 else -1.0
        if other[axis] * sign > reach[axis]:
            if eye[axis] * sign > reach[axis]:
                return False
            answer = True
    return answer


def depth_order(things: list[Thing], camera: Camera) -> list[Thing]:
    """Things from back to front: by distance, corrected where a long thing such as a bus stands beside another."""
    far = [(t.pose.x - camera.x) ** 2 + (t.pose.y - camera.y) ** 2 for t in things]
    ordered = [things[k] for k in sorted(range(len(things)), key=lambda k: -far[k])]
    waits: list[set[int]] = [set() for _ in ordered]  # what must be drawn before each thing
    for i, long in enumerate(ordered):
        if max(long.mesh.reach) < _LONG_M:
            continue
        for j, other in enumerate(ordered):
            gap = abs(other.pose.x - long.pose.x) + abs(other.pose.y - long.pose.y)
            if i == j or gap > 3.0 * max(long.mesh.reach):
                continue
            hides = _hides(long, other, camera)
            if hides is not None and j not in waits[i] and i not in waits[j]:
                waits[i if hides else j].add(j if hides else i)
    return _released(ordered, waits)


def _released(ordered: list[Thing], waits: list[set[int]]) -> list[Thing]:
    """Takes things in order as soon as all they wait for are taken; the farthest first where they wait in a ring."""
    left = list(range(len(ordered)))
    taken: set[int] = set()
    result: list[Thing] = []
    while left:
        at = next((k for k, index in enumerate(left) if waits[index] <= taken), 0)
        index = left.pop(at)
        taken.add(index)
        result.append(ordered[index])
    return result
