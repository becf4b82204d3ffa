"""Bicycles and mopeds, with and without a rider."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder
from scenarios.scene.people import Look, random_look, seated

_FRAMES: tuple[Colour, ...] = (
    (40, 40, 42), (60, 50, 180), (150, 90, 40), (40, 150, 210),
    (220, 220, 220), (60, 130, 60), (30, 200, 230), (180, 160, 60),
)  # fmt: skip
_TYRE: Colour = (34, 34, 36)


def _ring(m: MeshBuilder, y: float, radius: float, thick: float, colour: Colour) -> None:
    """A spoked wheel standing across x: a chain of short limbs."""
    angles = np.linspace(0, 2 * np.pi, 15)
    for a, b in pairwise(angles):
        start = (0.0, y + radius * np.cos(a), radius + thick + radius * np.sin(a))
        end = (0.0, y + radius * np.cos(b), radius + thick + radius * np.sin(b))
        m.capsule(start, end, thick, thick, colour)
    for a in angles[:-1:4]:
        rim = (0.0, y + radius * np.cos(a), radius + thick + radius * np.sin(a))
        m.capsule((0, y, radius + thick), rim, 0.008, 0.008, (150, 150, 150))


def bicycle(rng: np.random.Generator, rider: Look | None, turn: float = 0.0) -> Mesh:
    """A bicycle; ``turn`` is the pedals' angle in radians."""
    m = MeshBuilder()
    colour = _FRAMES[int(rng.integers(len(_FRAMES)))]
    radius, front, rear = 0.31, 0.52, -0.5
    _ring(m, front, radius, 0.025, _TYRE)
    _ring(m, rear, radius, 0.025, _TYRE)
    crank, seat, head = (0.0, -0.06, 0.3), (0.0, -0.22, 0.86), (0.0, 0.36, 0.84)
    for a, b in (
        (crank, seat),
        (crank, head),
        (seat, head),
        (crank, (0.0, rear, 0.33)),
        (seat, (0.0, rear, 0.33)),
        (head, (0.0, front, 0.33)),
    ):
        m.capsule(a, b, 0.028, 0.028, colour)
    m.capsule((0, -0.32, 0.9), (0, -0.12, 0.92), 0.07, 0.04, (28, 28, 30))
    m.capsule((-0.28, 0.34, 0.98), (0.28, 0.34, 0.98), 0.022, 0.022, (60, 60, 62))
    m.capsule(head, (0, 0.34, 0.98), 0.022, 0.022, (60, 60, 62))
    if rng.random() < 0.45:
        m.box((0, 0.52, 0.72), (0.34, 0.26, 0.22), (70, 72, 76))
    if rng.random() < 0.4:
        m.box((0, -0.55, 0.7), (0.16, 0.4, 0.05), (50, 50, 52))
    if rider is not None:
        up = 0.12 * float(np.sin(turn))
        m.add_limbs(seated(rider, 0.86, (0.26, 0.52, 1.02), (0.12, 0.2, 0.24 + up), 0.2), -0.22)
    m.casts(np.array([(0, y, z) for y in (-0.8, 0.8) for z in (0.0, 0.7)]))
    return m.build((0.25, 0.85))


def moped(rng: np.random.Generator, rider: Look | None) -> Mesh:
    """An electric moped of the sort that fills pavements."""
    m = MeshBuilder()
    colour = _FRAMES[int(rng.integers(len(_FRAMES)))]
    dark = (colour[0] * 0.6, colour[1] * 0.6, colour[2] * 0.6)
    for y in (0.6, -0.55):
        for sign in (1.0, -1.0):
            m.disc((sign * 0.05, y, 0.22), 0.22, 0, sign, _TYRE)
            m.disc((sign * 0.055, y, 0.22), 0.11, 0, sign, (150, 150, 152))
        m.capsule((0, y, 0.22), (0, y, 0.23), 0.2, 0.2, _TYRE)
    m.box((0, 0.08, 0.24), (0.32, 0.7, 0.1), (44, 44, 46))
    m.box((0, -0.5, 0.36), (0.34, 0.75, 0.36), colour, taper=0.8, gloss=0.5)
    m.box((0, -0.45, 0.72), (0.28, 0.72, 0.1), (30, 30, 32), taper=0.9, layer=1)
    m.poly(
        [(-0.2, 0.42, 0.25), (0.2, 0.42, 0.25), (0.15, 0.5, 0.95), (-0.15, 0.5, 0.95)],
        colour,
        gloss=0.5,
        two_sided=True,
    )
    m.capsule((0, 0.6, 0.3), (0, 0.48, 1.0), 0.06, 0.07, dark)
    m.capsule((-0.32, 0.42, 1.04), (0.32, 0.42, 1.04), 0.03, 0.03, (40, 40, 42))
    m.ball((0, 0.58, 0.9), 0.08, (225, 230, 230))
    m.lamp((0, 0.62, 0.9), 0.7, (200, 240, 255))
    for sign in (1.0, -1.0):
        m.capsule((sign * 0.28, 0.42, 1.06), (sign * 0.36, 0.46, 1.22), 0.012, 0.012, (40, 40, 42))
        m.ball((sign * 0.37, 0.46, 1.24), 0.05, (70, 72, 74))
    if rng.random() < 0.5:
        m.box((0, -0.92, 0.74), (0.4, 0.36, 0.36), _FRAMES[int(rng.integers(len(_FRAMES)))], layer=1, gloss=0.2)
    if rider is not None:
        m.add_limbs(seated(rider, 0.78, (0.3, 0.66, 1.06), (0.14, 0.38, 0.3), 0.06), -0.28)
    m.casts(np.array([(x, y, z) for x in (-0.15, 0.15) for y in (-0.8, 0.75) for z in (0.0, 0.75)]))
    return m.build((0.35, 0.95))


def two_wheeler(rng: np.random.Generator, ridden: bool) -> Mesh:
    """A random bicycle or moped."""
    rider = random_look(rng) if ridden else None
    if rng.random() < 0.5:
        return bicycle(rng, rider, rng.uniform(0, 6.28))
    return moped(rng, rider)
