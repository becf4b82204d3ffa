"""Bulky things left in the street (大件弃物): a fridge, a sofa, planks. No model of ours names them."""

from __future__ import annotations

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder

KINDS = ("fridge", "sofa", "planks")
_WHITES: tuple[Colour, ...] = ((226, 228, 228), (196, 202, 204), (148, 150, 152), (196, 206, 218))
_CLOTHS: tuple[Colour, ...] = ((58, 72, 118), (92, 84, 70), (60, 60, 64), (132, 148, 168), (62, 98, 74))
_WOODS: tuple[Colour, ...] = ((98, 140, 180), (80, 112, 148), (120, 158, 190))


def _toned(colour: Colour, tone: float) -> Colour:
    return colour[0] * tone, colour[1] * tone, colour[2] * tone


def _fridge(rng: np.random.Generator) -> Mesh:
    """Upright, its doors towards +y."""
    m = MeshBuilder()
    wide, deep, tall = rng.uniform(0.55, 0.7), rng.uniform(0.55, 0.68), rng.uniform(1.1, 1.75)
    white = _WHITES[int(rng.integers(len(_WHITES)))]
    seam = tall * rng.uniform(0.3, 0.65)
    m.box((0, 0, 0), (wide, deep, seam - 0.015), white, gloss=0.4)
    m.box((0, 0, seam - 0.015), (wide * 0.97, deep * 0.97, 0.03), _toned(white, 0.35), layer=1)
    m.box((0, 0, seam + 0.015), (wide, deep, tall - seam - 0.015), white, layer=2, gloss=0.4)
    m.box((-wide * 0.36, deep / 2 + 0.02, seam + 0.08), (0.03, 0.04, 0.28), (60, 60, 60), layer=2)
    return m.build()


def _sofa(rng: np.random.Generator) -> Mesh:
    m = MeshBuilder()
    wide, deep = rng.uniform(1.3, 2.0), rng.uniform(0.75, 0.9)
    cloth = _CLOTHS[int(rng.integers(len(_CLOTHS)))]
    m.box((0, 0, 0.06), (wide, deep, 0.36), _toned(cloth, 0.8))
    for x in (-wide / 4, wide / 4):
        m.box((x, 0.06, 0.42), (wide / 2 - 0.16, deep * 0.72, 0.12), cloth, layer=1)
    m.box((0, -deep / 2 + 0.1, 0.42), (wide, 0.2, rng.uniform(0.35, 0.5)), _toned(cloth, 0.9), layer=2)
    for x in (-wide / 2 + 0.09, wide / 2 - 0.09):
        m.box((x, 0, 0.42), (0.18, deep, 0.2), _toned(cloth, 1.1), layer=2)
    return m.build()


def _planks(rng: np.random.Generator) -> Mesh:
    """A stack on the ground, not quite in order."""
    m = MeshBuilder()
    wood = _WOODS[int(rng.integers(len(_WOODS)))]
    long, layers = rng.uniform(1.6, 2.4), int(rng.integers(4, 9))
    for layer in range(layers):
        for x in (-0.24, 0.0, 0.24):
            if layer == layers - 1 and rng.random() < 0.4:
                continue
            at = (x + rng.normal(0, 0.02), rng.normal(0, 0.06), 0.09 * layer)
            tone = rng.uniform(0.8, 1.15)
            m.box(at, (0.22, long, 0.08), _toned(wood, tone), yaw=rng.normal(0, 0.03), layer=layer)
    return m.build()


_MAKERS = {"fridge": _fridge, "sofa": _sofa, "planks": _planks}


def bulky(rng: np.random.Generator, kind: str) -> Mesh:
    """A thing of a kind of ``KINDS``."""
    return _MAKERS[kind](rng)
