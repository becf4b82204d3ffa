"""Motor vehicles of every kind; cars are lofted bodies with a greenhouse."""

from __future__ import annotations

import numpy as np

from scenarios.scene.bodywork import GLASS, TRIM, dim, ends, random_paint, ring, side_quad, wheels
from scenarios.scene.commercial import bus, truck, van
from scenarios.scene.mesh import Colour, Mesh, MeshBuilder

KINDS = ("sedan", "hatchback", "suv", "van", "truck", "bus")


def _car(rng: np.random.Generator, paint: Colour, shape: str) -> Mesh:
    m = MeshBuilder()
    suv = shape == "suv"
    half = rng.uniform(0.86, 0.94) + 0.03 * suv
    length = {"sedan": rng.uniform(4.4, 4.9), "hatchback": rng.uniform(3.7, 4.2), "suv": rng.uniform(4.4, 4.8)}[
        shape
    ]
    front, rear = length / 2, -length / 2
    belt = rng.uniform(0.88, 0.96) + 0.14 * suv
    roof = rng.uniform(1.42, 1.5) + 0.24 * suv
    hood_z, boot_z = belt - 0.14, belt - (0.02 if shape == "sedan" else 0.0)
    floor = 0.22 + 0.06 * suv
    cowl = front - rng.uniform(1.0, 1.2)
    boot = rear + (rng.uniform(0.75, 0.95) if shape == "sedan" else 0.14)
    wide = (half * 0.95, half, half * 0.93)
    rings = [
        ring(rear, floor + 0.12, belt * 0.62, boot_z - 0.1, (half * 0.84, half * 0.9, half * 0.8)),
        ring(rear + 0.18, floor, belt * 0.62, boot_z, wide),
        ring(boot, floor, belt * 0.62, belt, wide),
        ring(cowl, floor, belt * 0.62, belt, wide),
        ring(front - 0.35, floor, belt * 0.6, hood_z - 0.06, wide),
        ring(front, floor + 0.12, belt * 0.56, hood_z - 0.2, (half * 0.82, half * 0.88, half * 0.76)),
    ]
    low = dim(paint, 0.82)
    colours = (TRIM, low, paint, paint, paint, low)
    m.loft(rings, colours, gloss=0.55, caps=(paint, paint))
    axles = (front - 0.82, rear + 0.8)
    wheels(m, half * 0.98, axles, 0.31 + 0.04 * suv, 1)
    line = dim(paint, 0.55)
    for y in (cowl - 0.25, (cowl + boot) / 2 - 0.1, boot + 0.25 - 0.2 * (shape != "sedan")):
        side_quad(
            m,
            half * 1.0,
            [(y, 0.4), (y + 0.025, 0.4), (y + 0.025, belt - 0.04), (y, belt - 0.04)],
            line,
            half + 0.1,
            1,
        )
    for y in (cowl - 0.95, boot + 0.55):
        side_quad(
            m,
            half * 1.0,
            [(y, belt - 0.2), (y + 0.2, belt - 0.2), (y + 0.2, belt - 0.15), (y, belt - 0.15)],
            line,
            half + 0.1,
            1,
        )
    plate: Colour = (150, 60, 20) if rng.random() < 0.7 else (90, 150, 60)
    ends(m, half * 0.9, front, rear, hood_z - 0.28, floor + 0.28, 1, plate)
    _cabin(
        m,
        paint,
        half,
        belt,
        roof,
        (cowl + 0.1, cowl - rng.uniform(0.7, 0.9)),
        (boot - 0.02, boot + (0.62 if shape == "sedan" else 0.28)),
    )
    for sign in (1.0, -1.0):
        m.box((sign * (half + 0.08), cowl - 0.25, belt - 0.02), (0.18, 0.1, 0.13), paint, layer=3)
    return m.build((half, length / 2))


def _cabin(
    m: MeshBuilder,
    paint: Colour,
    half: float,
    belt: float,
    roof: float,
    screen: tuple[float, float],
    back: tuple[float, float],
) -> None:
    """Greenhouse: sloped screens and side windows; ``screen`` and ``back`` are (y at belt, y at roof)."""
    low, top = half * 0.92, half * 0.72
    eave = roof - 0.09
    belt_ring = np.array(
        [(low, back[0], belt), (low, screen[0], belt), (-low, screen[0], belt), (-low, back[0], belt)]
    )
    eave_ring = np.array(
        [
            (top + 0.05, back[1], eave),
            (top + 0.05, screen[1], eave),
            (-top - 0.05, screen[1], eave),
            (-top - 0.05, back[1], eave),
        ]
    )
    roof_ring = np.array(
        [
            (top - 0.08, back[1] + 0.16, roof),
            (top - 0.08, screen[1] - 0.12, roof),
            (-top + 0.08, screen[1] - 0.12, roof),
            (-top + 0.08, back[1] + 0.16, roof),
        ]
    )
    m.loft([belt_ring, eave_ring, roof_ring], (paint,) * 4, gloss=0.5, layer=2, caps=(None, paint))
    for i, sign in ((1, 1.0), (3, -1.0)):
        j = (i + 1) % 4
        quad = np.stack([belt_ring[i], belt_ring[j], eave_ring[j], eave_ring[i]])
        centre = quad.mean(axis=0)
        glass = centre + (quad - centre) * 0.9 + (0, sign * 0.02, 0.02)
        anchor = centre + np.array([0, sign * 0.3, 0])
        m.poly(glass, GLASS, gloss=0.95, layer=2, anchor=anchor)
        top_half = glass.copy()
        top_half[:2] = glass[:2] * 0.45 + glass[[3, 2]] * 0.55
        m.poly(top_half + np.array([0, sign * 0.005, 0.005]), dim(GLASS, 1.35), gloss=0.95, layer=2, anchor=anchor)
    lean = (low - top - 0.05) / (eave - belt)
    y0, y1 = back[0] + (back[1] - back[0]) * 0.32, screen[0] + (screen[1] - screen[0]) * 0.32
    roof0, roof1 = back[1] + 0.12, screen[1] - 0.08
    bottom, upper = belt + 0.04, eave - 0.04
    middle = (roof0 + roof1) / 2
    for a, b, c, d in ((y0, middle - 0.05, middle - 0.05, roof0), (middle + 0.05, y1 - 0.1, roof1, middle + 0.05)):
        side_quad(
            m,
            low - 0.01 + 0.02,
            [(a, bottom), (b, bottom), (c, upper), (d, upper)],
            GLASS,
            half + 0.3,
            2,
            0.8,
            lean,
        )


def vehicle(rng: np.random.Generator, kind: str | None = None, paint: Colour | None = None) -> Mesh:
    """A motor vehicle of a kind of ``KINDS`` (chosen at random if not given)."""
    chosen = kind or str(rng.choice(KINDS, p=(0.34, 0.2, 0.18, 0.14, 0.08, 0.06)))
    colour = paint or random_paint(rng)
    if chosen == "van":
        return van(rng, colour)
    if chosen == "truck":
        return truck(rng, colour)
    if chosen == "bus":
        return bus(rng, colour)
    return _car(rng, colour, chosen)
