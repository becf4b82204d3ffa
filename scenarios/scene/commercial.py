"""Vans, trucks and buses."""

from __future__ import annotations

import numpy as np

from scenarios.scene.bodywork import GLASS, PAINTS, boxy, dim, ends, side_quad, wheels
from scenarios.scene.mesh import Colour, Mesh, MeshBuilder


def van(rng: np.random.Generator, paint: Colour) -> Mesh:
    """A delivery or passenger van."""
    m = MeshBuilder()
    half, length, high = rng.uniform(0.9, 1.0), rng.uniform(4.3, 5.3), rng.uniform(1.85, 2.2)
    front, rear = length / 2, -length / 2
    boxy(m, half, rear, front - 0.7, 0.28, high, paint, 0, 0.4, 0.6)
    boxy(m, half * 0.97, front - 0.95, front, 0.28, 1.05, paint, 0, 0.4, 0.2)
    wheels(m, half, (front - 0.75, rear + 0.85), 0.33, 1)
    belt, top = high * 0.55, high - 0.28
    screen = [
        (-half * 0.86, front - 0.62, belt),
        (half * 0.86, front - 0.62, belt),
        (half * 0.8, front - 1.2, top + 0.08),
        (-half * 0.8, front - 1.2, top + 0.08),
    ]
    m.poly(screen[::-1], GLASS, gloss=0.9, layer=1, anchor=(0, front, 1.0))
    panes = int(rng.integers(1, 4))
    start = front - 1.25
    for pane in range(panes):
        y1 = start - pane * 1.05
        y0 = y1 - 0.9
        if y0 > rear + 0.2:
            side_quad(
                m, half + 0.005, [(y0, belt), (y1, belt), (y1 - 0.06, top), (y0, top)], GLASS, half + 0.2, 1, 0.8
            )
    rear_glass = [
        (-half * 0.75, rear - 0.01, belt),
        (half * 0.75, rear - 0.01, belt),
        (half * 0.72, rear - 0.01, top),
        (-half * 0.72, rear - 0.01, top),
    ]
    m.poly(rear_glass, GLASS, gloss=0.8, layer=1, anchor=(0, rear - 0.3, 1.0))
    for y in (front - 1.2, front - 2.25, rear + 1.0):
        side_quad(
            m,
            half + 0.004,
            [(y, 0.4), (y + 0.025, 0.4), (y + 0.025, top), (y, top)],
            dim(paint, 0.6),
            half + 0.15,
            1,
        )
    ends(m, half * 0.92, front, rear, 0.74, 0.5, 1, (150, 60, 20))
    return m.build((half, length / 2))


def truck(rng: np.random.Generator, paint: Colour) -> Mesh:
    """A small truck with a box or an open bed."""
    m = MeshBuilder()
    half, length = rng.uniform(0.95, 1.1), rng.uniform(5.0, 6.4)
    front, rear = length / 2, -length / 2
    cab_back = front - 1.5
    high = rng.uniform(2.0, 2.2)
    m.box((0, 0, 0.42), (half * 1.5, length * 0.96, 0.2), (45, 45, 45))
    closed = rng.random() < 0.6
    cargo: Colour = PAINTS[int(rng.integers(len(PAINTS)))] if rng.random() < 0.4 else (205, 208, 206)
    top = rng.uniform(2.3, 2.8) if closed else rng.uniform(1.25, 1.45)
    boxy(m, half, rear, cab_back - 0.08, 0.62, top, cargo, 1, 0.15)
    if closed:
        for y in np.arange(rear + 0.5, cab_back - 0.3, 0.55):
            side_quad(
                m,
                half + 0.005,
                [(y, 0.7), (y + 0.04, 0.7), (y + 0.04, top - 0.1), (y, top - 0.1)],
                dim(cargo, 0.85),
                half + 0.2,
                2,
            )
        door = [
            (-0.03, rear - 0.01, 0.7),
            (0.03, rear - 0.01, 0.7),
            (0.03, rear - 0.01, top - 0.1),
            (-0.03, rear - 0.01, top - 0.1),
        ]
        m.poly(door, dim(cargo, 0.6), layer=2, anchor=(0, rear - 0.3, 1))
    else:
        inside = [
            (-half * 0.9, rear + 0.1, top + 0.004),
            (half * 0.9, rear + 0.1, top + 0.004),
            (half * 0.9, cab_back - 0.2, top + 0.004),
            (-half * 0.9, cab_back - 0.2, top + 0.004),
        ]
        m.poly(inside, (58, 66, 72), layer=2, anchor=(0, 0, 3))
        for _ in range(int(rng.integers(0, 7))):
            size = rng.uniform(0.3, 0.7, 3)
            m.box(
                (rng.uniform(-0.5, 0.5), rng.uniform(rear + 0.5, cab_back - 0.6), top - 0.1),
                tuple(size),
                (90, 130, 165),
                layer=3,
            )
    boxy(m, half * 0.96, cab_back, front, 0.4, high, paint, 1, 0.45, 0.22)
    screen = [
        (-half * 0.84, front - 0.04, 1.25),
        (half * 0.84, front - 0.04, 1.25),
        (half * 0.8, front - 0.16, high - 0.25),
        (-half * 0.8, front - 0.16, high - 0.25),
    ]
    m.poly(screen[::-1], GLASS, gloss=0.9, layer=2, anchor=(0, front + 0.2, 1.0))
    side_quad(
        m,
        half * 0.97,
        [
            (cab_back + 0.25, 1.25),
            (front - 0.3, 1.25),
            (front - 0.42, high - 0.28),
            (cab_back + 0.25, high - 0.28),
        ],
        GLASS,
        half + 0.2,
        2,
        0.8,
    )
    wheels(m, half * 0.98, (front - 0.8, rear + 1.1), 0.38, 2)
    ends(m, half * 0.9, front, rear, 0.78, 0.6, 2, (30, 170, 220))
    return m.build((half, length / 2))


def bus(rng: np.random.Generator, paint: Colour) -> Mesh:
    """A city bus."""
    m = MeshBuilder()
    half, length, high = 1.22, rng.uniform(8.5, 11.0), rng.uniform(2.8, 3.1)
    front, rear = length / 2, -length / 2
    boxy(m, half, rear, front, 0.3, high, paint, 0, 0.35, 0.1)
    side_quad(
        m,
        half + 0.005,
        [(rear + 0.1, 0.4), (front - 0.1, 0.4), (front - 0.1, 0.95), (rear + 0.1, 0.95)],
        dim(PAINTS[int(rng.integers(6, len(PAINTS)))], 1.0),
        half + 0.2,
        1,
    )
    y = rear + 0.5
    while y + 1.2 < front - 0.3:
        side_quad(
            m,
            half + 0.008,
            [(y, 1.3), (y + 1.2, 1.3), (y + 1.2, high - 0.5), (y, high - 0.5)],
            GLASS,
            half + 0.25,
            1,
            0.8,
        )
        y += 1.32
    for end, sign in ((front, 1.0), (rear, -1.0)):
        glass = [
            (-half * 0.86, end + sign * 0.02, 1.15),
            (half * 0.86, end + sign * 0.02, 1.15),
            (half * 0.82, end - sign * 0.03, high - 0.4),
            (-half * 0.82, end - sign * 0.03, high - 0.4),
        ]
        m.poly(glass[::-1] if sign > 0 else glass, GLASS, gloss=0.9, layer=1, anchor=(0, end + sign * 0.3, 1.2))
    sign_board = [
        (-0.7, front + 0.03, high - 0.38),
        (0.7, front + 0.03, high - 0.38),
        (0.7, front + 0.0, high - 0.16),
        (-0.7, front + 0.0, high - 0.16),
    ]
    m.poly(sign_board[::-1], (30, 120, 200), layer=1, anchor=(0, front + 0.3, 1.2))
    for offset in (-length * 0.22, length * 0.2):
        m.box((0, offset, high - 0.02), (1.3, 1.9, 0.18), dim(paint, 0.92), layer=2)
    wheels(m, half, (front - 2.2, rear + 2.2), 0.46, 1)
    ends(m, half * 0.95, front, rear, 0.72, 0.52, 1, (30, 170, 220))
    return m.build((half, length / 2))
