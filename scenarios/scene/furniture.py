"""Street furniture: things that belong to the street and are nobody's problem."""

from __future__ import annotations

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder

KINDS = ("tree", "lamp", "bin", "bench", "bollard", "sign", "planter", "hydrant")
_STEEL: Colour = (112, 112, 108)


def _tree(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    high, crown = rng.uniform(2.6, 3.6), rng.uniform(1.2, 2.0)
    bark: Colour = (58, 74, 92)
    m.capsule((0, 0, 0), (rng.uniform(-0.15, 0.15), 0, high), rng.uniform(0.11, 0.18), 0.09, bark)
    green = np.array((rng.uniform(34, 60), rng.uniform(84, 126), rng.uniform(58, 96)))
    lumps = np.clip(rng.normal(0, 0.36, (9, 3)), -0.7, 0.7) * (crown, crown, crown * 0.75)
    for _ in range(420):
        offset = lumps[int(rng.integers(len(lumps)))] + np.clip(rng.normal(0, 0.22, 3), -0.4, 0.4) * crown
        tone = (0.62 + 0.34 * (offset[2] / crown + 0.5)) * rng.uniform(0.65, 1.3)
        colour = np.clip(green * tone, 0, 255)
        at = (float(offset[0]), float(offset[1]), high + 0.5 * crown + float(offset[2]))
        m.ball(at, rng.uniform(0.05, 0.13) * crown, tuple(colour), layer=1)
    for lump in lumps:
        m.casts(lump + np.array([0, 0, high + 0.5 * crown]) + rng.normal(0, 0.3 * crown, (9, 3)))
    m.box((0, 0, 0), (0.9, 0.9, 0.03), (58, 72, 84))
    return m.build((0.2, 0.2))


def _lamp(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    high = rng.uniform(5.5, 7.5)
    m.capsule((0, 0, 0), (0, 0, high), 0.09, 0.05, _STEEL)
    m.capsule((0, 0, 0), (0, 0, 0.7), 0.13, 0.11, _STEEL)
    m.capsule((0, 0, high), (1.3, 0, high + 0.25), 0.045, 0.04, _STEEL, layer=1)
    m.capsule((1.2, 0, high + 0.2), (1.7, 0, high + 0.24), 0.09, 0.07, (150, 150, 150), layer=1)
    m.lamp((1.45, 0.0, high + 0.15), 2.4, (150, 215, 255))
    m.casts(np.array([(x, 0.0, z) for x in (-0.06, 0.06) for z in (0.0, high)]))
    return m.build((0.15, 0.15))


def _bin(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    if rng.random() < 0.5:
        colour: Colour = ((70, 110, 50), (120, 80, 40), (60, 62, 64), (40, 60, 150))[int(rng.integers(4))]
        for x in (0.0, 0.55) if rng.random() < 0.4 else (0.0,):
            m.box((x, 0, 0.06), (0.48, 0.55, 0.86), colour, gloss=0.3)
            m.box(
                (x, 0, 0.92),
                (0.52, 0.6, 0.1),
                (colour[0] * 0.8, colour[1] * 0.8, colour[2] * 0.8),
                layer=1,
                gloss=0.3,
                taper=0.85,
            )
    else:
        m.box((-0.22, 0, 0.12), (0.36, 0.34, 0.78), (80, 120, 60), gloss=0.2)
        m.box((0.22, 0, 0.12), (0.36, 0.34, 0.78), (110, 112, 112), gloss=0.2)
        m.box((0, 0, 0.92), (0.95, 0.42, 0.08), (70, 72, 74), layer=1)
        for x in (-0.22, 0.22):
            m.poly(
                [
                    (x - 0.12, -0.175, 0.68),
                    (x + 0.12, -0.175, 0.68),
                    (x + 0.12, -0.175, 0.8),
                    (x - 0.12, -0.175, 0.8),
                ],
                (24, 24, 24),
                layer=1,
            )
    return m.build()


def _bench(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    wood: Colour = (70, 108, 150) if rng.random() < 0.6 else (120, 122, 120)
    for y in (-0.16, 0.0, 0.16):
        m.box((0, y, 0.42), (1.6, 0.12, 0.04), wood, layer=1)
    for x in (-0.65, 0.65):
        m.box((x, 0, 0), (0.07, 0.4, 0.42), (50, 50, 52))
    if rng.random() < 0.6:
        for z in (0.6, 0.76):
            m.box((0, -0.26, z), (1.6, 0.04, 0.1), wood, layer=2)
    return m.build()


def _bollard(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    colour: Colour = (60, 60, 62) if rng.random() < 0.6 else (150, 152, 155)
    m.capsule((0, 0, 0), (0, 0, 0.8), 0.09, 0.08, colour)
    m.capsule(
        (0, 0, 0.62),
        (0, 0, 0.68),
        0.095,
        0.095,
        (220, 225, 230) if rng.random() < 0.5 else (40, 190, 220),
        layer=1,
    )
    return m.build()


def _sign(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    m.capsule((0, 0, 0), (0, 0, 2.5), 0.035, 0.03, _STEEL)
    m.disc((0, -0.04, 2.3), 0.3, 1, -1.0, (40, 40, 200), layer=1, two_sided=True)
    m.disc((0, -0.05, 2.3), 0.23, 1, -1.0, (190, 90, 40), layer=2)
    return m.build()


def _planter(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    m.box((0, 0, 0), (1.2, 0.5, 0.45), (150, 155, 158), top=(40, 60, 70))
    for _ in range(26):
        at = (rng.uniform(-0.5, 0.5), rng.uniform(-0.18, 0.18), 0.5 + rng.uniform(0, 0.2))
        tone = rng.uniform(0.7, 1.2)
        m.ball(at, rng.uniform(0.08, 0.14), (50 * tone, 110 * tone, 70 * tone), layer=1)
    return m.build()


def _hydrant(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    m.capsule((0, 0, 0), (0, 0, 0.6), 0.11, 0.1, (40, 40, 185))
    m.ball((0, 0, 0.64), 0.11, (40, 40, 200), layer=1)
    m.capsule((-0.17, 0, 0.45), (0.17, 0, 0.45), 0.06, 0.06, (40, 40, 170))
    return m.build()


_MAKERS = {
    "tree": _tree, "lamp": _lamp, "bin": _bin, "bench": _bench, "bollard": _bollard, "sign": _sign,
    "planter": _planter, "hydrant": _hydrant,
}  # fmt: skip


def furniture(rng: np.random.Generator, kind: str) -> Mesh:
    """A piece of street furniture of a kind of ``KINDS``."""
    return _MAKERS[kind](rng)
