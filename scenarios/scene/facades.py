"""House fronts: painted textures with windows, shop fronts and signs, and the boxes they clad."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from scenarios.scene.camera import NEAR_M, Camera, Floats, Image
from scenarios.scene.light import Light
from scenarios.scene.textures import noise, surface

_PX_PER_M = 26
_WALLS = (
    (178, 190, 200), (150, 170, 186), (120, 150, 190), (200, 204, 206),
    (130, 140, 146), (100, 118, 150), (160, 178, 176),
    (186, 200, 214), (112, 120, 124),
)  # fmt: skip
_SIGNS = (
    (40, 40, 190),
    (150, 70, 30),
    (50, 130, 50),
    (30, 150, 220),
    (60, 60, 60),
    (200, 200, 205),
    (120, 40, 110),
)
_BRICKS = ((70, 86, 140), (90, 104, 150), (110, 130, 160))


@dataclass(frozen=True)
class House:
    """A box along the street: side -1 (left) or +1 (right), from y0 to y1, ``high`` metres, front at ``x``."""

    side: int
    x: float
    y0: float
    y1: float
    high: float


def _brick(rng: np.random.Generator, picture: Image) -> None:
    rows = np.arange(0, picture.shape[0], 3)
    picture[rows] = (picture[rows].astype(np.int16) - 14).clip(0, 255).astype(np.uint8)


def _window(picture: Image, rng: np.random.Generator, x: int, y: int, w: int, h: int) -> None:
    frame = int(rng.integers(140, 235))
    cv2.rectangle(picture, (x - 2, y - 2), (x + w + 2, y + h + 2), (frame, frame, frame), -1)
    dark = rng.uniform(40, 95)
    ramp = np.linspace(dark * 1.5, dark * 0.8, h)[:, None] + rng.normal(0, 5, (h, w))
    tint = (1.08, 1.0, 0.92)
    picture[y : y + h, x : x + w] = np.clip(ramp[..., None] * tint, 0, 255)
    if rng.random() < 0.5:
        cover = int(w * rng.uniform(0.2, 0.6))
        picture[y : y + h, x : x + cover] = picture[y : y + h, x : x + cover] // 2 + 90
    cv2.line(picture, (x + w // 2, y), (x + w // 2, y + h), (frame, frame, frame), 2)
    cv2.rectangle(picture, (x - 4, y + h + 2), (x + w + 4, y + h + 6), (110, 112, 114), -1)
    if rng.random() < 0.25:
        cv2.rectangle(picture, (x + 2, y + h + 8), (x + 20, y + h + 20), (205, 206, 206), -1)
        cv2.circle(picture, (x + 11, y + h + 14), 5, (120, 120, 120), -1)


def _shelves(inner: Image, rng: np.random.Generator, glow: float) -> None:
    """Goods behind glass: rows of small dull things, a poster or two, a slanting reflection."""
    rows, columns = inner.shape[:2]
    for y in range(int(rng.integers(4, 14)), rows - 10, int(rng.integers(12, 20))):
        x = int(rng.integers(0, 10))
        while x < columns - 6:
            wide, tall = int(rng.integers(2, 9)), int(rng.integers(4, 11))
            if rng.random() < 0.7:
                tone = np.clip(rng.normal(glow * 1.15, 32, 3), 15, 225).tolist()
                cv2.rectangle(inner, (x, y + 11 - tall), (x + wide, y + 11), tone, -1)
            x += wide + int(rng.integers(1, 6))
    for _ in range(int(rng.integers(0, 3))):
        a, b = int(rng.integers(0, max(1, columns - 20))), int(rng.integers(0, max(1, rows - 26)))
        cv2.rectangle(inner, (a, b), (a + 14, b + 20), np.clip(rng.normal(150, 50, 3), 20, 235).tolist(), -1)
    shine = np.zeros((rows, columns), np.uint8)
    a = int(rng.integers(0, columns))
    cv2.fillConvexPoly(
        shine, np.array([[a, 0], [a + 30, 0], [a - 10, rows], [a - 40, rows]]), (int(rng.integers(10, 46)),)
    )
    cv2.add(inner, cv2.cvtColor(shine, cv2.COLOR_GRAY2BGR), inner)


def _shop(picture: Image, rng: np.random.Generator, x: int, w: int, ground: int) -> None:
    """One shop front between x and x + w pixels; the ground line is the picture's last row."""
    top = ground - int(3.3 * _PX_PER_M)
    board = int(rng.uniform(0.6, 0.95) * _PX_PER_M)
    colour = _SIGNS[int(rng.integers(len(_SIGNS)))]
    cv2.rectangle(picture, (x, top), (x + w, ground), (88, 92, 96), -1)
    cv2.rectangle(picture, (x + 2, top), (x + w - 2, top + board), colour, -1)
    ink = (235, 240, 245) if sum(colour) < 420 else (40, 40, 150)
    step = int(board * 0.8)
    for gx in range(x + step // 2, x + w - step, step):
        if rng.random() < 0.15:
            continue
        for _ in range(4):
            a = (gx + int(rng.integers(0, step * 3 // 4)), top + int(rng.uniform(0.2, 0.8) * board))
            b = (gx + int(rng.integers(0, step * 3 // 4)), top + int(rng.uniform(0.2, 0.8) * board))
            cv2.line(picture, a, b, ink, 2)
    y0 = top + board + 3
    inner = picture[y0 : ground - 4, x + 4 : x + w - 4]
    if inner.size == 0:
        return
    if rng.random() < 0.25:
        inner[:] = int(rng.integers(110, 175))
        inner[::4] -= 26
        return
    glow = rng.uniform(45, 120)
    inner[:] = np.clip(glow + 14 * noise(rng, inner.shape[0], inner.shape[1], "mixed")[..., None], 0, 255)
    _shelves(inner, rng, glow)
    for post in range(x, x + w, max(24, w // 3)):
        cv2.line(picture, (post, y0), (post, ground), (150, 152, 154), 3)


def front_texture(rng: np.random.Generator, metres: float, high: float) -> Image:
    """A house front (rows, columns, 3), 26 pixels a metre, ground at the bottom."""
    height, width = int(high * _PX_PER_M), max(30, int(metres * _PX_PER_M))
    bricked = rng.random() < 0.3
    palette = _BRICKS if bricked else _WALLS
    wall = palette[int(rng.integers(len(palette)))]
    shift = rng.uniform(-14, 14, 3)
    picture = surface(rng, height, width, (wall[0] + shift[0], wall[1] + shift[1], wall[2] + shift[2]), 9.0)
    if bricked:
        _brick(rng, picture)
    storey = int(rng.uniform(2.9, 3.4) * _PX_PER_M)
    bay = int(rng.uniform(2.0, 3.4) * _PX_PER_M)
    w, h = int(bay * rng.uniform(0.4, 0.62)), int(storey * rng.uniform(0.42, 0.58))
    y = height - int(3.6 * _PX_PER_M) - storey
    while y > 6:
        for x in range(bay // 4, width - w - 4, bay):
            if y + h + 22 < height:
                _window(picture, rng, x, y + 6, w, h)
        y -= storey
    x = 4
    shops = rng.random() < 0.8
    while x < width - 40:
        wide = int(rng.uniform(3.0, 5.5) * _PX_PER_M)
        if shops:
            _shop(picture, rng, x, min(wide, width - x - 4), height)
        elif rng.random() < 0.5 and x + 14 + w < width:
            _window(picture, rng, x + 10, height - int(2.6 * _PX_PER_M), w, int(1.5 * _PX_PER_M))
        x += wide + 6
    streak = noise(rng, 1, width, "fine")[0] * 6
    stripes = (streak[None, :] * np.linspace(1, 0.2, height)[:, None]).astype(np.float32)
    return np.asarray(cv2.add(picture, cv2.merge([stripes] * 3), dtype=cv2.CV_8U), np.uint8)


def _lit(texture: Image, normal: Floats, light: Light, far: float) -> Image:
    """Light and haze on a flat wall."""
    level = light.ambient * 0.86 + light.sun * max(0.0, float(normal @ light.to_sun))
    haze = min(0.5, far / 220.0)
    sky = np.array(light.sky_low)
    mix = np.column_stack([np.eye(3) * (level * (1 - haze)), sky * haze])
    return np.asarray(cv2.transform(texture, mix), np.uint8)


def paint_wall(
    picture: Image, camera: Camera, light: Light, texture: Image, foot: Floats, along: Floats, high: float
) -> None:
    """Warps a wall texture into the picture; the wall runs from ``foot`` by ``along`` (3,), ``high`` metres up.

    The part of the wall behind the camera is cut off in steps of half a metre.
    """
    length = float(np.linalg.norm(along))
    steps = np.linspace(0, 1, max(2, int(length * 2)))
    bottom = foot + steps[:, None] * along
    _, low = camera.project(bottom)
    _, top = camera.project(bottom + np.array([0, 0, high]))
    seen = np.flatnonzero((low > NEAR_M) & (top > NEAR_M))
    if len(seen) < 2:
        return
    a, b = float(steps[seen[0]]), float(steps[seen[-1]])
    columns = texture.shape[1]
    cut = texture[:, int(a * columns) : max(int(a * columns) + 2, int(b * columns))]
    start, end = foot + a * along, foot + b * along
    up = np.array([0, 0, high])
    uv, _ = camera.project(np.stack([start + up, end + up, end, start]))
    if uv[:, 0].max() < 0 or uv[:, 0].min() > camera.width or uv[:, 1].max() < 0:
        return
    normal = np.array([along[1], -along[0], 0.0]) / length
    if float(normal @ (camera.position - foot)) < 0:
        normal = -normal
    far = float(np.linalg.norm((start + end) / 2 - camera.position))
    _warp_into(picture, _lit(cut, normal, light, far), uv * 2)


def _warp_into(picture: Image, texture: Image, corners: Floats) -> None:
    """Warps a texture onto a quadrilateral (4, 2) of the picture: top left, top right, bottom right, bottom left."""
    low = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(corners.max(axis=0)) + 1, (picture.shape[1], picture.shape[0])).astype(int)
    if (high <= low).any():
        return
    rows, columns = texture.shape[:2]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, (corners - low).astype(np.float32))
    part = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]])
    size = (part.shape[1], part.shape[0])
    cv2.warpPerspective(texture, matrix, size, part, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    picture[low[1] : high[1], low[0] : high[0]] = part


def _in_view(house: House, camera: Camera) -> bool:
    """Whether any of a few points of the front falls into the frame or near it."""
    ys = np.linspace(house.y0, house.y1, 8)
    points = np.array([(house.x, y, z) for y in ys for z in (0.0, house.high / 2, house.high)])
    uv, depth = camera.project(points)
    near = np.abs(uv - (camera.width / 2, camera.frame_height / 2)) < (camera.width, camera.frame_height)
    return bool(((depth > NEAR_M) & near.all(axis=1)).any())


def _paint_backdrop(
    picture: Image, camera: Camera, light: Light, houses: list[House], rng: np.random.Generator
) -> None:
    """A second row behind the houses and a row across the street's end, seen through gaps and side streets."""
    textures = [front_texture(rng, 15.0, 9.0), front_texture(rng, 15.0, 12.0)]
    across = np.array([15.0, 0.0, 0.0])
    for k, x in enumerate(range(-45, 45, 15)):
        paint_wall(picture, camera, light, textures[k % 2], np.array([x, 92.0, 0.0]), across, 9.0 + 3.0 * (k % 2))
    for side in (-1, 1):
        wall = max((abs(h.x) for h in houses if h.side == side), default=12.0) + 11.0
        for k, y in enumerate(range(75, 0, -15)):
            foot = np.array([side * wall, float(y), 0.0])
            paint_wall(
                picture, camera, light, textures[k % 2], foot, np.array([0.0, 15.0, 0.0]), 9.0 + 3.0 * (k % 2)
            )


def paint_houses(
    picture: Image, camera: Camera, light: Light, houses: list[House], rng: np.random.Generator
) -> None:
    """Paints house fronts and the gable ends that face the camera, far ones first, at twice the frame's size."""
    _paint_backdrop(picture, camera, light, houses, rng)
    for house in sorted(houses, key=lambda h: -h.y0):
        if not _in_view(house, camera):
            continue
        texture = front_texture(rng, house.y1 - house.y0, house.high)
        gable = surface(rng, int(house.high * 8), 64, (150, 158, 164), 8.0)
        if house.y0 > camera.y + 1:
            end = np.array([house.x, house.y0, 0.0])
            paint_wall(picture, camera, light, gable, end, np.array([house.side * 9.0, 0.0, 0.0]), house.high)
        foot, along = np.array([house.x, house.y0, 0.0]), np.array([0.0, house.y1 - house.y0, 0.0])
        paint_wall(picture, camera, light, texture, foot, along, house.high)
