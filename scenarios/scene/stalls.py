"""Stalls of street vendors: table with parasol, cart with canopy, tricycle cart, blanket with goods."""

from __future__ import annotations

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder

KINDS = ("parasol", "cart", "tricycle", "blanket", "table")
_CLOTHS: tuple[Colour, ...] = (
    (40, 44, 190), (150, 80, 40), (60, 140, 60), (40, 170, 220),
    (220, 220, 222), (140, 60, 130), (50, 110, 210), (170, 170, 60),
)  # fmt: skip
_FRUIT: tuple[Colour, ...] = (
    (40, 50, 200), (30, 130, 235), (40, 190, 225), (60, 160, 70),
    (50, 90, 60), (90, 40, 110), (150, 200, 230), (40, 70, 130),
)  # fmt: skip
_WARES: tuple[Colour, ...] = (
    (225, 225, 225), (40, 40, 190), (170, 110, 40), (40, 40, 44),
    (60, 180, 220), (150, 90, 160), (90, 150, 80), (180, 190, 200),
)  # fmt: skip


def _pick(rng: np.random.Generator, options: tuple[Colour, ...]) -> Colour:
    return options[int(rng.integers(len(options)))]


def _goods(
    m: MeshBuilder, rng: np.random.Generator, x: tuple[float, float], y: tuple[float, float], z: float, layer: int
) -> None:
    """Crates of fruit or rows of small wares over a rectangle at height ``z``."""
    fruit = rng.random() < 0.6
    cell = rng.uniform(0.32, 0.45)
    for gx in np.arange(x[0] + cell / 2, x[1] - cell / 3, cell):
        for gy in np.arange(y[0] + cell / 2, y[1] - cell / 3, cell):
            if rng.random() < 0.12:
                continue
            colour = _pick(rng, _FRUIT if fruit else _WARES)
            if fruit:
                m.box(
                    (gx, gy, z),
                    (cell * 0.9, cell * 0.9, 0.1),
                    (70, 110, 150) if rng.random() < 0.5 else (190, 120, 50),
                    layer=layer,
                )
                for _ in range(9):
                    at = (
                        gx + rng.uniform(-0.36, 0.36) * cell,
                        gy + rng.uniform(-0.36, 0.36) * cell,
                        z + 0.1 + rng.uniform(0, 0.05),
                    )
                    tone = rng.uniform(0.8, 1.15)
                    m.ball(
                        at,
                        cell * 0.13,
                        (min(255, colour[0] * tone), min(255, colour[1] * tone), min(255, colour[2] * tone)),
                        layer=layer + 1,
                    )
            else:
                size = (cell * rng.uniform(0.4, 0.85), cell * rng.uniform(0.4, 0.85), rng.uniform(0.04, 0.24))
                m.box((gx, gy, z), size, colour, yaw=rng.uniform(-0.3, 0.3), layer=layer, gloss=0.2)


def _parasol(m: MeshBuilder, rng: np.random.Generator, at: tuple[float, float], layer: int) -> None:
    radius, low = rng.uniform(0.95, 1.4), rng.uniform(1.95, 2.2)
    high = low + rng.uniform(0.3, 0.5)
    first = _pick(rng, _CLOTHS)
    second = _pick(rng, _CLOTHS) if rng.random() < 0.6 else first
    sides = 8
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False) + rng.uniform(0, 1)
    rim = np.column_stack([at[0] + radius * np.cos(angles), at[1] + radius * np.sin(angles), np.full(sides, low)])
    m.capsule((*at, 0.0), (*at, high), 0.025, 0.025, (190, 190, 190), layer=1)
    for k in range(sides):
        colour = first if k % 2 else second
        n = (k + 1) % sides
        apex = np.array([*at, high])
        m.poly(np.stack([rim[k], rim[n], apex]), colour, two_sided=True, layer=layer)
        drop = np.array([0, 0, 0.14])
        m.poly(
            np.stack([rim[k] - drop, rim[n] - drop, rim[n], rim[k]]),
            (colour[0] * 0.9, colour[1] * 0.9, colour[2] * 0.9),
            two_sided=True,
            layer=layer,
        )
    m.casts(np.vstack([rim, [(*at, high)]]))


def _table(m: MeshBuilder, rng: np.random.Generator, wide: float, deep: float, high: float) -> None:
    if rng.random() < 0.55:
        m.box((0, 0, 0), (wide, deep, high), _pick(rng, _CLOTHS))
    else:
        for x in (-wide / 2 + 0.05, wide / 2 - 0.05):
            for y in (-deep / 2 + 0.05, deep / 2 - 0.05):
                m.capsule((x, y, 0), (x, y, high), 0.025, 0.025, (120, 122, 125))
        m.box((0, 0, high - 0.05), (wide, deep, 0.05), _pick(rng, _WARES))
    _goods(m, rng, (-wide / 2, wide / 2), (-deep / 2, deep / 2), high, 1)


def _table_stall(rng: np.random.Generator, parasol: bool) -> Mesh:
    m = MeshBuilder()
    wide, deep = rng.uniform(1.3, 2.4), rng.uniform(0.65, 1.0)
    _table(m, rng, wide, deep, rng.uniform(0.6, 0.85))
    if parasol:
        _parasol(m, rng, (rng.uniform(-0.3, 0.3), -deep / 2 - 0.05), 4)
    for _ in range(int(rng.integers(0, 3))):
        m.box((rng.uniform(-wide / 2, wide / 2), deep / 2 + 0.25, 0), (0.45, 0.35, 0.3), (80, 120, 160))
    return m.build((wide / 2, deep / 2 + 0.2))


def _cart(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    wide, deep, counter = rng.uniform(1.4, 2.0), rng.uniform(0.75, 0.95), 0.9
    body = _pick(rng, _CLOTHS) if rng.random() < 0.6 else (200, 200, 202)
    m.box((0, 0, 0.3), (wide, deep, counter - 0.3), body, gloss=0.3)
    for x in (-wide * 0.32, wide * 0.32):
        for sign in (1.0, -1.0):
            m.disc(
                (x, sign * (deep / 2 + 0.03), 0.27),
                0.27,
                1,
                sign,
                (40, 40, 42),
                anchor=(x, sign * (deep / 2 + 0.2), 0.5),
                layer=1,
            )
            m.disc(
                (x, sign * (deep / 2 + 0.035), 0.27),
                0.12,
                1,
                sign,
                (150, 150, 150),
                anchor=(x, sign * (deep / 2 + 0.2), 0.5),
                layer=1,
            )
    sign_colour = _pick(rng, _CLOTHS)
    for y, flip in ((deep / 2 + 0.012, True), (-deep / 2 - 0.012, False)):
        board = [(-wide * 0.42, y, 0.5), (wide * 0.42, y, 0.5), (wide * 0.42, y, 0.82), (-wide * 0.42, y, 0.82)]
        m.poly(board[::-1] if flip else board, sign_colour, layer=1, anchor=(0, y * 1.3, 0.6))
        for x in np.arange(-wide * 0.3, wide * 0.3, 0.24):
            glyph = [
                (x, y * 1.01, 0.57),
                (x + 0.15, y * 1.01, 0.57),
                (x + 0.15, y * 1.01, 0.75),
                (x, y * 1.01, 0.75),
            ]
            m.poly(glyph[::-1] if flip else glyph, (235, 240, 245), layer=1, anchor=(0, y * 1.3, 0.6))
    _goods(m, rng, (-wide / 2, wide / 2), (-deep / 2, deep / 2), counter, 1)
    high = rng.uniform(1.95, 2.15)
    for x in (-wide / 2 + 0.04, wide / 2 - 0.04):
        for y in (-deep / 2 + 0.04, deep / 2 - 0.04):
            m.capsule((x, y, counter), (x, y, high), 0.022, 0.022, (190, 190, 190), layer=2)
    m.box((0, 0, high), (wide * 1.15, deep * 1.3, 0.18), _pick(rng, _CLOTHS), layer=4, taper=0.82)
    return m.build((wide / 2, deep / 2))


def _tricycle(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    steel = (130, 90, 40) if rng.random() < 0.5 else (60, 60, 170)
    wide, deep = rng.uniform(0.95, 1.15), rng.uniform(1.4, 1.8)
    m.box((0, -0.5, 0.4), (wide, deep, 0.36), steel, top=(80, 84, 88))
    _goods(m, rng, (-wide / 2 + 0.05, wide / 2 - 0.05), (-0.5 - deep / 2 + 0.05, -0.5 + deep / 2 - 0.05), 0.72, 1)
    for sign in (1.0, -1.0):
        anchor = (sign * (wide / 2 + 0.3), -0.6, 0.4)
        m.disc((sign * (wide / 2 + 0.05), -0.7, 0.3), 0.3, 0, sign, (36, 36, 38), anchor=anchor, layer=1)
        m.disc((sign * (wide / 2 + 0.055), -0.7, 0.3), 0.17, 0, sign, (120, 122, 124), anchor=anchor, layer=1)
    for a in np.linspace(0, 2 * np.pi, 13)[:-1]:
        b = a + 2 * np.pi / 12
        m.capsule(
            (0, 1.25 + 0.3 * np.cos(a), 0.33 + 0.3 * np.sin(a)),
            (0, 1.25 + 0.3 * np.cos(b), 0.33 + 0.3 * np.sin(b)),
            0.03,
            0.03,
            (36, 36, 38),
        )
    m.capsule((0, 0.3, 0.45), (0, 1.1, 0.85), 0.035, 0.035, steel)
    m.capsule((0, 1.25, 0.35), (0, 1.1, 1.0), 0.035, 0.035, steel)
    m.capsule((-0.3, 1.05, 1.02), (0.3, 1.05, 1.02), 0.025, 0.025, (50, 50, 52))
    m.capsule((0, 0.35, 0.82), (0, 0.6, 0.84), 0.1, 0.07, (30, 30, 32))
    if rng.random() < 0.5:
        _parasol(m, rng, (0.0, -0.5), 4)
    return m.build((wide / 2 + 0.05, 1.5))


def _blanket(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    wide, deep = rng.uniform(1.4, 2.4), rng.uniform(1.0, 1.5)
    corners = [
        (-wide / 2, -deep / 2, 0.02),
        (wide / 2, -deep / 2, 0.02),
        (wide / 2, deep / 2, 0.02),
        (-wide / 2, deep / 2, 0.02),
    ]
    m.poly(corners, _pick(rng, _CLOTHS))
    _goods(m, rng, (-wide / 2, wide / 2), (-deep / 2, deep / 2), 0.03, 1)
    if rng.random() < 0.4:
        m.box((wide / 2 + 0.2, 0.1, 0), (0.35, 0.35, 0.3), _pick(rng, _WARES))
    return m.build((wide / 2, deep / 2))


def stall(rng: np.random.Generator, kind: str | None = None) -> Mesh:
    """A stall of a kind of ``KINDS``; customers stand on its +y side, the vendor behind it (-y)."""
    chosen = kind or str(rng.choice(KINDS, p=(0.34, 0.24, 0.16, 0.14, 0.12)))
    if chosen == "cart":
        return _cart(rng)
    if chosen == "tricycle":
        return _tricycle(rng)
    if chosen == "blanket":
        return _blanket(rng)
    return _table_stall(rng, chosen == "parasol")
