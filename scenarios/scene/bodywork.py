"""Parts that motor vehicles share: body sections, wheels, lights, plates, decals on their sides."""

from __future__ import annotations

import numpy as np

from scenarios.scene.camera import Floats
from scenarios.scene.mesh import Colour, MeshBuilder

PAINTS: tuple[Colour, ...] = (
    (236, 236, 234), (215, 216, 214), (178, 180, 178), (120, 122, 120), (62, 62, 64), (34, 34, 38),
    (40, 36, 150), (52, 44, 190), (130, 70, 30), (170, 100, 40), (96, 60, 40), (60, 92, 46),
    (60, 120, 170), (150, 205, 225), (40, 180, 220), (40, 110, 205), (118, 140, 150), (58, 66, 100),
)  # fmt: skip
RUBBER: Colour = (30, 30, 30)
GLASS: Colour = (74, 66, 58)
TRIM: Colour = (44, 44, 46)


def random_paint(rng: np.random.Generator) -> Colour:
    """A car colour: mostly greys, as on the road."""
    base = PAINTS[int(rng.integers(6 if rng.random() < 0.55 else len(PAINTS)))]
    shift = rng.uniform(-12, 12, 3)
    blue, green, red = np.clip(np.array(base) + shift, 18, 242).tolist()
    return blue, green, red


def dim(colour: Colour, factor: float) -> Colour:
    """The colour with each channel times ``factor``."""
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def ring(y: float, low: float, mid: float, high: float, widths: tuple[float, float, float]) -> Floats:
    """Cross-section of a body at ``y``: six corners, counter-clockwise seen from ahead of the car (+y)."""
    bottom, middle, top = widths
    return np.array(
        [
            (bottom, y, low), (-bottom, y, low), (-middle, y, mid),
            (-top, y, high), (top, y, high), (middle, y, mid),
        ]
    )  # fmt: skip


def side_quad(
    m: MeshBuilder,
    x: float,
    corners: list[tuple[float, float]],
    colour: Colour,
    anchor: float,
    layer: int,
    gloss: float = 0.0,
    lean: float = 0.0,
) -> None:
    """A decal on both sides at half width ``x``; corners are (y, z), ``lean`` is metres inward per metre up."""
    low = min(z for _, z in corners)
    for sign in (1.0, -1.0):
        points = [(sign * (x - lean * (z - low)), y, z) for y, z in corners]
        area = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True))
        ordered = points if (area > 0) == (sign > 0) else points[::-1]
        m.poly(ordered, colour, gloss=gloss, layer=layer, anchor=(sign * anchor, 0, 0.5))


def wheels(m: MeshBuilder, x: float, axles: tuple[float, ...], radius: float, layer: int) -> None:
    """Wheels on both sides at half width ``x`` for axles at the given y."""
    for y in axles:
        for sign in (1.0, -1.0):
            anchor = (sign * (x + 0.1), 0.0, 0.3)
            m.disc((sign * x, y, radius + 0.03), radius * 1.18, 0, sign, (18, 18, 18), layer=layer, anchor=anchor)
            m.disc((sign * (x + 0.02), y, radius), radius, 0, sign, RUBBER, layer=layer, anchor=anchor)
            m.disc(
                (sign * (x + 0.03), y, radius), radius * 0.62, 0, sign, (140, 140, 142), layer=layer, anchor=anchor
            )
            m.disc(
                (sign * (x + 0.03), y, radius), radius * 0.24, 0, sign, (70, 70, 72), layer=layer, anchor=anchor
            )
            inner = sign * (x - 0.2)
            m.box((inner, y, 0.0), (0.18, radius * 1.5, radius), RUBBER, layer=0)


def ends(
    m: MeshBuilder,
    half: float,
    front: float,
    rear: float,
    lamp_z: float,
    plate_z: float,
    layer: int,
    plate: Colour,
    slope: float = 0.0,
) -> None:
    """Lights, grille, bumpers and plates on the front (+y) and the rear end; rear is negative."""
    for end, sign in ((front, 1.0), (rear, -1.0)):
        y = end + sign * 0.012
        anchor = (0.0, end + sign * 0.3, lamp_z)

        def rect(
            x0: float,
            x1: float,
            z0: float,
            z1: float,
            colour: Colour,
            gloss: float = 0.0,
            y: float = y,
            sign: float = sign,
            anchor: tuple[float, float, float] = anchor,
        ) -> None:
            points = [(x0, y, z0), (x1, y, z0), (x1, y - sign * slope, z1), (x0, y - sign * slope, z1)]
            m.poly(points[::-1] if sign > 0 else points, colour, gloss=gloss, layer=layer, anchor=anchor)

        rect(-half * 0.94, half * 0.94, plate_z - 0.17, plate_z - 0.06, TRIM)
        if sign > 0:
            rect(-half * 0.52, half * 0.52, lamp_z - 0.13, lamp_z + 0.03, (38, 38, 40))
        lamp: Colour = (232, 236, 236) if sign > 0 else (38, 34, 196)
        for side in (1.0, -1.0):
            x0, x1 = sorted((side * half * 0.6, side * half * 0.95))
            rect(x0, x1, lamp_z - 0.07, lamp_z + 0.08, lamp, gloss=0.5)
            glow: Colour = (190, 235, 255) if sign > 0 else (40, 30, 230)
            m.lamp((side * half * 0.78, y, lamp_z), 1.0 if sign > 0 else 0.4, glow)
        rect(-0.24, 0.24, plate_z - 0.06, plate_z + 0.07, plate)
        rect(-0.18, 0.18, plate_z - 0.02, plate_z + 0.03, (225, 225, 225))


def boxy(
    m: MeshBuilder,
    half: float,
    y0: float,
    y1: float,
    low: float,
    high: float,
    paint: Colour,
    layer: int,
    gloss: float,
    nose: float = 0.0,
) -> None:
    """A van-like body with softened roof edges; ``nose`` metres of slope at the front."""
    mid = low + (high - low) * 0.45
    wide = (half * 0.97, half, half * 0.95)
    rings = [
        ring(y0, low, mid, high - 0.06, (half * 0.95, half * 0.97, half * 0.9)),
        ring(y0 + 0.1, low, mid, high, wide),
        ring(y1 - nose - 0.1, low, mid, high, wide),
        ring(y1, low + 0.05, mid, high - 0.1 - nose * 0.5, (half * 0.9, half * 0.95, half * 0.85)),
    ]
    lower = dim(paint, 0.85)
    m.loft(rings, (TRIM, lower, paint, paint, paint, lower), gloss=gloss, layer=layer, caps=(paint, paint))
