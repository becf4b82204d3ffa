"""The still street in three dimensions: ground, kerb stones, house fronts and what sticks out of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scenarios.scene.camera import Floats, Image
from scenarios.scene.facades import House, front_texture
from scenarios.scene.mesh import Colour, Mesh, MeshBuilder
from scenarios.scene.street import PX_PER_M, Street, ground_map, random_houses
from scenarios.scene.textures import surface

_MAP_X, _MAP_Y = -26.0, -2.0
_AWNINGS: tuple[Colour, ...] = (
    (52, 48, 150), (120, 74, 44), (60, 104, 58), (58, 130, 170), (168, 170, 172), (96, 60, 104),
)  # fmt: skip
_CLEAR_M = 8.5
_STEEL: Colour = (126, 128, 128)


@dataclass(frozen=True)
class Panel:
    """A flat picture in the street: corners (4, 3) from its lower left to its lower right and round, BGR pixels."""

    corners: Floats
    picture: Image
    ground: bool = False


def still_street(street: Street, eye: tuple[float, float]) -> tuple[list[Panel], Mesh]:
    """What never moves: panels with pictures, and one shape with all that has depth.

    Nothing sticks out of the houses near ``eye`` (x, y of the camera): there it would stand in the picture's way.
    """
    rng = np.random.default_rng((street.seed, 77))
    panels = [_ground(street, rng), _outskirts()]
    builder = MeshBuilder()
    _kerbs(builder, street)
    for house in list(street.houses) or random_houses(street, rng):
        texture = front_texture(rng, house.y1 - house.y0, house.high)
        panels.append(_upright(house.x, house.y0, house.y1, house.high, house.side, texture))
        _relief(builder, house, eye, rng)
    panels += _backdrop(street, rng)
    _cables(builder, street, rng)
    return panels, builder.build()


def _ground(street: Street, rng: np.random.Generator) -> Panel:
    picture = ground_map(street, rng)
    long, wide = picture.shape[0] / PX_PER_M, picture.shape[1] / PX_PER_M
    x0, y0, x1, y1 = _MAP_X, _MAP_Y, _MAP_X + wide, _MAP_Y + long
    corners = np.array([[x0, y0, 0.0], [x1, y0, 0.0], [x1, y1, 0.0], [x0, y1, 0.0]])
    # Rows of the map run along +y, those of a picture downwards.
    return Panel(corners, np.ascontiguousarray(picture[::-1]), ground=True)


def _outskirts() -> Panel:
    """Ground beyond the map, seen through gaps and side streets."""
    plain = surface(np.random.default_rng(5), 256, 256, (112, 112, 110), 9.0)
    far, z = 220.0, -0.03
    corners = np.array([[-far, -40.0, z], [far, -40.0, z], [far, 260.0, z], [-far, 260.0, z]])
    return Panel(corners, plain, ground=True)


def _upright(x: float, y0: float, y1: float, high: float, side: int, texture: Image) -> Panel:
    """A wall along y that looks at the street; seen from there its picture must not be mirrored."""
    a, b = (y0, y1) if side < 0 else (y1, y0)
    front = x - side * 0.02
    corners = np.array([[front, a, 0.0], [front, b, 0.0], [front, b, high], [front, a, high]])
    return Panel(corners, texture)


def _backdrop(street: Street, rng: np.random.Generator) -> list[Panel]:
    """Houses across the street's far end and a second row behind the first."""
    panels: list[Panel] = []
    for k, x in enumerate(range(-60, 60, 15)):
        high = (9.0, 13.0, 18.0)[k % 3]
        corners = np.array([[x, 92.0, 0.0], [x + 15.0, 92.0, 0.0], [x + 15.0, 92.0, high], [x, 92.0, high]])
        panels.append(Panel(corners, front_texture(rng, 15.0, high)))
    for side in (-1, 1):
        wall = (street.wall_left if side < 0 else street.wall_right) + side * 20.0
        for k, y in enumerate(range(0, 90, 15)):
            high = (12.0, 17.0)[k % 2]
            panels.append(_upright(wall, float(y), float(y + 15), high, side, front_texture(rng, 15.0, high)))
    return panels


def _kerbs(m: MeshBuilder, street: Street) -> None:
    gap = street.side_street
    runs = [(_MAP_Y, gap[0]), (gap[1], 90.0)] if gap else [(_MAP_Y, 90.0)]
    for side, kerb in ((-1, street.kerb_left), (1, street.kerb_right)):
        for y0, y1 in runs:
            for y in np.arange(y0, y1 - 0.5, 1.0):
                tone = 150.0 + 14.0 * float(np.sin(y * 12.9898 + side))
                m.box((kerb + side * 0.09, y + 0.5, 0.0), (0.17, 0.985, 0.06), (tone, tone, tone - 2))


def _relief(m: MeshBuilder, house: House, eye: tuple[float, float], rng: np.random.Generator) -> None:
    """Body, parapet, ledge above the shops, awnings, blade signs, air conditioners and a drain pipe."""
    side, x, middle, length = house.side, house.x, (house.y0 + house.y1) / 2, house.y1 - house.y0
    tone = float(rng.uniform(120, 180))
    wall: Colour = (tone * 0.96, tone * 0.98, tone)
    m.box((x + side * 5.0, middle, 0), (10.0 - 0.02, length - 0.02, house.high), wall)
    m.box((x + side * 0.1, middle, house.high), (0.35, length, 0.35), (tone, tone, tone))
    if np.hypot(x - eye[0], max(house.y0 - eye[1], 0.0)) < _CLEAR_M:
        return
    m.box((x - side * 0.14, middle, 3.36), (0.32, length - 0.1, 0.16), (tone * 0.85, tone * 0.85, tone * 0.85))
    pipe = (x - side * 0.07, house.y0 + 0.12)
    m.capsule((*pipe, 0), (*pipe, house.high), 0.05, 0.05, _STEEL)
    _shops(m, house, rng)
    for _ in range(int(length * (house.high - 4) / 26)):
        y, z = float(rng.uniform(house.y0 + 0.6, house.y1 - 0.6)), float(rng.uniform(4.0, house.high - 1))
        m.box((x - side * 0.2, y, z), (0.34, 0.85, 0.6), (196, 198, 198))
        m.disc((x - side * 0.375, y, z + 0.3), 0.22, 0, -side, (70, 72, 74))


def _shops(m: MeshBuilder, house: House, rng: np.random.Generator) -> None:
    """Awnings and blade signs along a ground floor."""
    side, x, y = house.side, house.x, house.y0 + 0.5
    while y < house.y1 - 3.2:
        wide = float(rng.uniform(2.4, 4.4))
        if rng.random() < 0.35:
            _awning(m, x, side, y, min(wide, house.y1 - y - 0.3), rng)
        if rng.random() < 0.25:
            colour = _AWNINGS[int(rng.integers(len(_AWNINGS)))]
            size = (0.8, 0.12, float(rng.uniform(0.8, 1.9)))
            m.box((x - side * 0.5, y, float(rng.uniform(3.6, 4.2))), size, colour)
        y += wide + 0.4


def _awning(m: MeshBuilder, x: float, side: int, y: float, wide: float, rng: np.random.Generator) -> None:
    first = _AWNINGS[int(rng.integers(len(_AWNINGS)))]
    second = (198.0, 200.0, 200.0) if rng.random() < 0.5 else first
    deep, high, low = float(rng.uniform(0.8, 1.3)), 3.2, float(rng.uniform(2.55, 2.75))
    out = x - side * deep
    edges = np.arange(y, y + wide, 0.3)
    for k, (a, b) in enumerate(pairwise(edges)):
        colour = first if k % 2 else second
        m.poly([(x, a, high), (x, b, high), (out, b, low), (out, a, low)], colour, two_sided=True)
        m.poly([(out, a, low), (out, b, low), (out, b, low - 0.16), (out, a, low - 0.16)], colour, two_sided=True)


def _cables(m: MeshBuilder, street: Street, rng: np.random.Generator) -> None:
    """Wires that sag along one side of the street and across it, as over most streets of this kind."""
    side = 1.0 if rng.random() < 0.5 else -1.0
    x = (street.kerb_right if side > 0 else street.kerb_left) + side * 0.9
    for wire in range(3):
        for y in (0.0, 28.0, 56.0):
            _sag(m, (x + 0.18 * wire, y, 7.2 + 0.1 * wire), (x + 0.18 * wire, y + 28.0, 7.2 + 0.1 * wire), 0.7)
    for y in (26.0, 47.0):
        _sag(m, (street.wall_left, y, 7.6), (street.wall_right, y + float(rng.uniform(-4, 4)), 7.9), 0.6)


def _sag(m: MeshBuilder, start: tuple[float, float, float], end: tuple[float, float, float], drop: float) -> None:
    a, b = np.array(start), np.array(end)
    steps = np.linspace(0, 1, 9)
    points = a + steps[:, None] * (b - a)
    points[:, 2] -= drop * 4 * steps * (1 - steps)
    for first, second in pairwise(points):
        m.capsule((first[0], first[1], first[2]), (second[0], second[1], second[2]), 0.014, 0.014, (30, 30, 32))
