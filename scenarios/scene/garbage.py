"""Rubbish: crumpled bags with knotted tops, heaps, cardboard boxes and loose litter."""

from __future__ import annotations

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder

_BAGS: tuple[Colour, ...] = (
    (32, 30, 30), (38, 36, 40), (28, 28, 32), (222, 222, 220), (205, 208, 212), (170, 110, 50), (150, 90, 40),
    (70, 130, 60), (50, 70, 190), (40, 190, 215), (190, 180, 170),
)  # fmt: skip
_CARD: tuple[Colour, ...] = ((92, 130, 168), (84, 120, 152), (110, 148, 182), (78, 104, 132))


def bag_colour(rng: np.random.Generator) -> Colour:
    return _BAGS[int(rng.integers(len(_BAGS)))]


def add_bag(
    m: MeshBuilder,
    rng: np.random.Generator,
    at: tuple[float, float],
    size: float,
    colour: Colour,
    base: float = 0.0,
    fine: bool = True,
) -> None:
    """A filled bag about ``size`` metres wide at ground position ``at``: a crumpled ball with a knot."""
    around, up = (11, 7) if fine else (8, 4)
    squash = rng.uniform(0.72, 1.0)
    radii = 1 + rng.normal(0, 0.07, (up, around))
    sag = np.linspace(1.08, 0.9, up)[:, None]
    tilt = np.linspace(0.02, np.pi * 0.47, up)
    angles = np.linspace(0, 2 * np.pi, around, endpoint=False)
    half = size / 2
    flat = np.cos(tilt)[:, None] * radii * sag * half
    grid = np.stack(
        [
            at[0] + flat * np.cos(angles),
            at[1] + flat * np.sin(angles) * rng.uniform(0.85, 1.1),
            base + np.sin(tilt)[:, None] * half * 1.7 * squash * np.ones((1, around)) * (0.9 + 0.1 * radii),
        ],
        axis=2,
    )
    gloss = 0.75 if sum(colour) < 200 else 0.3
    for row in range(up - 1):
        for k in range(around):
            n = (k + 1) % around
            tone = rng.uniform(0.78, 1.2)
            face = (colour[0] * tone, colour[1] * tone, colour[2] * tone)
            quad = np.stack([grid[row, k], grid[row, n], grid[row + 1, n], grid[row + 1, k]])
            m.poly(quad[[0, 1, 2]], face, gloss=gloss)
            tone = rng.uniform(0.85, 1.15)
            m.poly(quad[[0, 2, 3]], (face[0] * tone, face[1] * tone, face[2] * tone), gloss=gloss)
    m.poly(grid[-1], colour, gloss=gloss)
    top = base + half * 1.7 * squash
    lean = rng.uniform(-0.06, 0.06, 2) * size * 2
    dark = (colour[0] * 0.8, colour[1] * 0.8, colour[2] * 0.8)
    m.capsule(
        (at[0], at[1], top - 0.08 * size),
        (at[0] + lean[0], at[1] + lean[1], top + 0.1 * size),
        0.16 * size,
        0.06 * size,
        dark,
        layer=1,
    )
    for sign in (1, -1):
        ear = (
            at[0] + lean[0] + sign * 0.14 * size,
            at[1] + lean[1] + rng.uniform(-0.1, 0.1) * size,
            top + 0.2 * size,
        )
        m.capsule(
            (at[0] + lean[0], at[1] + lean[1], top + 0.08 * size), ear, 0.045 * size, 0.075 * size, colour, layer=1
        )
    m.casts(grid.reshape(-1, 3))


def add_carton(
    m: MeshBuilder, rng: np.random.Generator, at: tuple[float, float], size: float, base: float = 0.0
) -> None:
    """A cardboard box with tape, sometimes with open flaps."""
    colour = _CARD[int(rng.integers(len(_CARD)))]
    sx, sy, sz = size, size * rng.uniform(0.6, 1.1), size * rng.uniform(0.4, 0.95)
    yaw = rng.uniform(0, np.pi)
    is_open = rng.random() < 0.45
    top = (colour[0] * 0.5, colour[1] * 0.5, colour[2] * 0.5) if is_open else None
    m.box((at[0], at[1], base), (sx, sy, sz), colour, yaw=yaw, top=top)
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])

    def place(points: list[tuple[float, float, float]]) -> np.ndarray:
        local = np.array(points)
        local[:, :2] = local[:, :2] @ turn.T + at
        local[:, 2] += base
        return local

    if is_open:
        for sign in (1, -1):
            flap = [
                (-sx / 2, sign * sy / 2, sz),
                (sx / 2, sign * sy / 2, sz),
                (sx / 2, sign * sy * 0.85, sz * 1.12),
                (-sx / 2, sign * sy * 0.85, sz * 1.12),
            ]
            m.poly(place(flap), (colour[0] * 1.1, colour[1] * 1.1, colour[2] * 1.1), two_sided=True, layer=1)
    else:
        tape = [
            (-sx / 2, -0.03, sz + 0.004),
            (sx / 2, -0.03, sz + 0.004),
            (sx / 2, 0.03, sz + 0.004),
            (-sx / 2, 0.03, sz + 0.004),
        ]
        m.poly(place(tape), (130, 165, 190), layer=1, gloss=0.5)


def _add_litter(m: MeshBuilder, rng: np.random.Generator, spread: float, count: int) -> None:
    for _ in range(count):
        x, y = rng.normal(0, spread, 2)
        size = rng.uniform(0.05, 0.16)
        angle = rng.uniform(0, np.pi)
        corners = [
            (
                x + size * np.cos(angle + a) * rng.uniform(0.6, 1.2),
                y + size * np.sin(angle + a),
                rng.uniform(0.01, 0.07),
            )
            for a in (0, 1.6, 3.1, 4.7)
        ]
        tone = rng.uniform(120, 240)
        m.poly(corners, (tone, tone, tone * rng.uniform(0.8, 1.0)), two_sided=True)


def single_bag(rng: np.random.Generator, size: float | None = None, colour: Colour | None = None) -> Mesh:
    """One dumped bag; ``size`` is its width in metres."""
    m = MeshBuilder()
    add_bag(m, rng, (0.0, 0.0), size or rng.uniform(0.45, 0.8), colour or bag_colour(rng))
    return m.build()


def heap(rng: np.random.Generator) -> Mesh:
    """A heap: several bags, cartons and litter."""
    m = MeshBuilder()
    count = int(rng.integers(2, 8))
    uniform = bag_colour(rng) if rng.random() < 0.5 else None
    spread = 0.18 * np.sqrt(count)
    for i in range(count):
        at = (float(rng.normal(0, spread)), float(rng.normal(0, spread)))
        base = 0.0 if i < 4 else float(rng.uniform(0.15, 0.35))
        if rng.random() < 0.28:
            add_carton(m, rng, at, rng.uniform(0.35, 0.75), base)
        else:
            add_bag(m, rng, at, rng.uniform(0.4, 0.8), uniform or bag_colour(rng), base, fine=False)
    _add_litter(m, rng, spread * 1.4, int(rng.integers(0, 9)))
    return m.build()


def cartons(rng: np.random.Generator) -> Mesh:
    """Cardboard boxes put out."""
    m = MeshBuilder()
    for i in range(int(rng.integers(1, 5))):
        add_carton(
            m,
            rng,
            (float(rng.normal(0, 0.3)), float(rng.normal(0, 0.3))),
            rng.uniform(0.35, 0.75),
            0.0 if i < 3 else 0.3,
        )
    _add_litter(m, rng, 0.5, int(rng.integers(0, 5)))
    return m.build()


def garbage(rng: np.random.Generator) -> Mesh:
    """A random piece of dumped rubbish."""
    choice = rng.random()
    if choice < 0.5:
        return single_bag(rng)
    return heap(rng) if choice < 0.85 else cartons(rng)
