"""Shapes of objects: convex faces and round limbs, in metres, standing on the ground at the origin.

Object frame: +y is forward (the way it drives or looks), +x to its right, z up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from scenarios.scene.camera import Floats

Colour = tuple[float, float, float]  # BGR, 0-255
Point = tuple[float, float, float]
_Limb = tuple[float, float, float, float, float, float, float, float]


@dataclass(frozen=True)
class Mesh:
    """Faces and capsules ready to draw; all arrays are in the object frame.

    ``points`` (P, 3) holds the corners of all faces one after the other, ``starts`` (F + 1,) where each begins.
    ``anchors`` (F, 3) gives the depth a face is sorted by, so that a decal follows the panel it lies on.
    ``layers`` (F + C,) draws stacked parts from the ground up, which is right for a camera above them.
    ``capsules`` (C, 8) is x0 y0 z0 x1 y1 z1 r0 r1. ``parts`` are corner clouds (K, 3) that cast shadows.
    ``lamps`` (L, 7) is x y z, strength, and BGR of lights seen at night.
    ``reach`` is half the footprint in x and y.
    """

    points: Floats
    starts: np.ndarray
    normals: Floats
    anchors: Floats
    colours: Floats
    gloss: Floats
    two_sided: np.ndarray
    layers: np.ndarray
    capsules: Floats
    capsule_colours: Floats
    parts: tuple[Floats, ...]
    lamps: Floats
    reach: tuple[float, float]
    tall: float


def _normal(points: Floats) -> Point:
    """Newell's normal of a polygon whose corners run counter-clockwise seen from outside."""
    x = y = z = 0.0
    corners = points.tolist()
    px, py, pz = corners[-1]
    for qx, qy, qz in corners:
        x += (py - qy) * (pz + qz)
        y += (pz - qz) * (px + qx)
        z += (px - qx) * (py + qy)
        px, py, pz = qx, qy, qz
    length = (x * x + y * y + z * z) ** 0.5
    return (x / length, y / length, z / length) if length > 1e-12 else (0.0, 0.0, 1.0)


@dataclass
class MeshBuilder:
    """Collects faces and capsules, then builds a :class:`Mesh`."""

    _points: list[Floats] = field(default_factory=list)
    _faces: list[tuple[Point, Floats, Colour, float, bool, int]] = field(default_factory=list)
    _capsules: list[tuple[_Limb, Colour, int]] = field(default_factory=list)
    _parts: list[Floats] = field(default_factory=list)
    _lamps: list[tuple[float, ...]] = field(default_factory=list)

    def poly(
        self,
        points: Sequence[Point] | Floats,
        colour: Colour,
        *,
        gloss: float = 0.0,
        two_sided: bool = False,
        layer: int = 0,
        anchor: Sequence[float] | Floats | None = None,
    ) -> None:
        """A convex face, corners counter-clockwise seen from outside."""
        corners = np.asarray(points, dtype=np.float64)
        self._points.append(corners)
        centre = corners.mean(axis=0) if anchor is None else np.asarray(anchor, dtype=np.float64)
        self._faces.append((_normal(corners), centre, colour, gloss, two_sided, layer))

    def box(
        self,
        centre: Point,
        size: Point,
        colour: Colour,
        *,
        yaw: float = 0.0,
        layer: int = 0,
        gloss: float = 0.0,
        taper: float = 1.0,
        top: Colour | None = None,
    ) -> None:
        """A box standing at ``centre`` (middle of its bottom); ``taper`` scales its top; casts a shadow."""
        half_x, half_y = size[0] / 2, size[1] / 2
        base = np.array([[-half_x, -half_y], [half_x, -half_y], [half_x, half_y], [-half_x, half_y]])
        turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
        low = np.column_stack([base @ turn.T, np.zeros(4)]) + centre
        high = np.column_stack([base * taper @ turn.T, np.full(4, size[2])]) + centre
        anchor = (low.mean(axis=0) + high.mean(axis=0)) / 2
        for i in range(4):
            j = (i + 1) % 4
            side = np.stack([low[i], low[j], high[j], high[i]])
            self.poly(side, colour, gloss=gloss, layer=layer, anchor=anchor)
        self.poly(high, top or colour, gloss=gloss, layer=layer, anchor=anchor)
        self.casts(np.vstack([low, high]))

    def loft(
        self,
        rings: Sequence[Floats],
        colours: Sequence[Colour],
        *,
        gloss: float = 0.0,
        layer: int = 0,
        caps: tuple[Colour | None, Colour | None] = (None, None),
    ) -> None:
        """Skin over closed rings (K, 3) that run counter-clockwise seen from the last one's end.

        ``colours`` has one entry for each edge of a ring; ``caps`` close the first and the last ring.
        """
        for first, second in pairwise(rings):
            for i in range(len(first)):
                j = (i + 1) % len(first)
                quad = np.stack([first[i], first[j], second[j], second[i]])
                self.poly(quad, colours[i], gloss=gloss, layer=layer)
        if caps[0] is not None:
            self.poly(rings[0][::-1], caps[0], gloss=gloss, layer=layer)
        if caps[1] is not None:
            self.poly(rings[-1], caps[1], gloss=gloss, layer=layer)
        self.casts(np.vstack(rings))

    def disc(
        self,
        centre: Point,
        radius: float,
        axis: int,
        facing: float,
        colour: Colour,
        *,
        layer: int = 0,
        sides: int = 14,
        two_sided: bool = False,
        anchor: Sequence[float] | None = None,
    ) -> None:
        """A flat disc across ``axis`` (0 = x, 1 = y, 2 = z), seen from the side ``facing`` (+1 or -1)."""
        angles = np.linspace(0, 2 * np.pi, sides, endpoint=False) * facing
        first, second = [(1, 2), (2, 0), (0, 1)][axis]
        corners = np.tile(np.asarray(centre, dtype=np.float64), (sides, 1))
        corners[:, first] += radius * np.cos(angles)
        corners[:, second] += radius * np.sin(angles)
        self.poly(corners, colour, layer=layer, two_sided=two_sided, anchor=anchor)

    def capsule(self, start: Point, end: Point, r0: float, r1: float, colour: Colour, *, layer: int = 0) -> None:
        """A limb between two points with a radius at each end."""
        self._capsules.append(((*start, *end, r0, r1), colour, layer))

    def add_limbs(self, other: MeshBuilder, along: float) -> None:
        """Adds another builder's capsules, moved ``along`` metres forward and drawn over what is here."""
        for (x0, y0, z0, x1, y1, z1, r0, r1), colour, layer in other._capsules:
            self.capsule((x0, y0 + along, z0), (x1, y1 + along, z1), r0, r1, colour, layer=layer + 1)

    def ball(self, centre: Point, radius: float, colour: Colour, *, layer: int = 0) -> None:
        """A sphere."""
        self.capsule(centre, centre, radius, radius, colour, layer=layer)

    def lamp(self, at: Point, strength: float, colour: Colour) -> None:
        """A light seen at night."""
        self._lamps.append((*at, strength, *colour))

    def casts(self, cloud: Floats) -> None:
        """Adds a convex cloud of points (K, 3) that casts a shadow."""
        self._parts.append(np.asarray(cloud, dtype=np.float64))

    def build(self, reach: tuple[float, float] | None = None) -> Mesh:
        """The finished shape; ``reach`` overrides half the footprint in x and y."""
        count = len(self._faces)
        points = np.vstack(self._points) if self._points else np.zeros((0, 3))
        lengths = [len(p) for p in self._points]
        capsules = np.array([c[0] for c in self._capsules], dtype=np.float64).reshape(-1, 8)
        cloud = np.vstack([points, capsules[:, :3], capsules[:, 3:6]])
        spread = np.abs(cloud[:, :2]).max(axis=0)
        return Mesh(
            points=points,
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            normals=np.array([f[0] for f in self._faces]).reshape(count, 3),
            anchors=np.array([f[1] for f in self._faces]).reshape(count, 3),
            colours=np.array([f[2] for f in self._faces], dtype=np.float64).reshape(count, 3),
            gloss=np.array([f[3] for f in self._faces], dtype=np.float64),
            two_sided=np.array([f[4] for f in self._faces], dtype=bool),
            layers=np.array([f[5] for f in self._faces] + [c[2] for c in self._capsules], dtype=np.int64),
            capsules=capsules,
            capsule_colours=np.array([c[1] for c in self._capsules], dtype=np.float64).reshape(-1, 3),
            parts=tuple(self._parts),
            lamps=np.array(self._lamps, dtype=np.float64).reshape(-1, 7),
            reach=reach or (float(spread[0]), float(spread[1])),
            tall=float(cloud[:, 2].max()) if len(cloud) else 0.0,
        )
