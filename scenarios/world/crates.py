"""A thing that no model names: a wooden crate, or pallets in a stack."""

from __future__ import annotations

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder

_WOODS: tuple[Colour, ...] = ((88, 128, 164), (74, 106, 140), (104, 144, 176), (96, 112, 124))


def crate(rng: np.random.Generator) -> Mesh:
    """A slatted crate or a stack of pallets, about a metre wide."""
    m = MeshBuilder()
    wood = _WOODS[int(rng.integers(len(_WOODS)))]
    if rng.random() < 0.5:
        _slatted(m, rng, wood)
    else:
        _pallets(m, rng, wood)
    return m.build()


def _slatted(m: MeshBuilder, rng: np.random.Generator, wood: Colour) -> None:
    wide, deep, tall = rng.uniform(0.8, 1.2), rng.uniform(0.7, 1.0), rng.uniform(0.6, 1.0)
    dark = (wood[0] * 0.6, wood[1] * 0.6, wood[2] * 0.6)
    m.box((0, 0, 0), (wide, deep, tall), dark, top=wood)
    slats = 4
    for level in range(slats):
        low = tall * (level + 0.12) / slats
        tone = rng.uniform(0.85, 1.15)
        m.box(
            (0, 0, low),
            (wide + 0.04, deep + 0.04, tall * 0.75 / slats),
            (wood[0] * tone, wood[1] * tone, wood[2] * tone),
            layer=1,
        )


def _pallets(m: MeshBuilder, rng: np.random.Generator, wood: Colour) -> None:
    base = 0.0
    for layer in range(int(rng.integers(4, 8))):
        yaw = rng.normal(0, 0.03)
        for y in (-0.36, 0.0, 0.36):
            m.box(
                (0, y, base), (1.2, 0.1, 0.1), (wood[0] * 0.6, wood[1] * 0.6, wood[2] * 0.6), yaw=yaw, layer=layer
            )
        m.box((0, 0, base + 0.1), (1.2, 0.8, 0.045), wood, yaw=yaw, layer=layer)
        base += 0.145
