"""The street itself: its cross-section, what is painted on the ground, and the still background picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from scenarios.scene.camera import Camera, Image
from scenarios.scene.facades import House, paint_houses
from scenarios.scene.light import Light
from scenarios.scene.textures import noise, slabs, surface

PX_PER_M = 22
_X0, _Y0 = -26.0, -2.0  # corner of the ground map, metres
_WIDE, _LONG = 52.0, 92.0


@dataclass(frozen=True)
class Street:
    """Plan of a street along y. Lengths in metres, x of each line as seen on the map.

    The carriageway lies between ``kerb_left`` and ``kerb_right``; parking lanes, where there are any, are part
    of it next to the kerb. ``bays`` are marked parking bays as (x0, y0, x1, y1). ``crossing`` is the y of a
    zebra crossing, ``side_street`` the (y0, y1) of a street that joins from the left and the right.
    """

    kerb_left: float
    kerb_right: float
    wall_left: float
    wall_right: float
    bays: tuple[tuple[float, float, float, float], ...] = ()
    crossing: float | None = None
    side_street: tuple[float, float] | None = None
    centre_line: bool = True
    no_stopping_line: tuple[float, float, float] | None = None  # x, y0, y1 of a yellow line
    tactile: bool = True
    seed: int = 0
    houses: tuple[House, ...] = field(default=())


def _at(x: float, y: float) -> tuple[int, int]:
    """Map pixel of a ground point (the map's rows run along +y)."""
    return round((x - _X0) * PX_PER_M), round((y - _Y0) * PX_PER_M)


def _rect(picture: np.ndarray, x0: float, y0: float, x1: float, y1: float, value: int) -> None:
    cv2.rectangle(picture, _at(min(x0, x1), min(y0, y1)), _at(max(x0, x1), max(y0, y1)), (value,), -1)


def _wear_asphalt(picture: Image, street: Street, rng: np.random.Generator) -> None:
    """Patches, cracks, stains, tyre tracks and covers on the carriageway."""
    for _ in range(int(rng.integers(2, 8))):
        x, y = rng.uniform(street.kerb_left, street.kerb_right - 1), rng.uniform(2, 60)
        w, h = rng.uniform(0.5, 2.2), rng.uniform(0.8, 6)
        (a, b), (c, d) = _at(x, y), _at(min(x + w, street.kerb_right), y + h)
        part = picture[b:d, a:c]
        part[:] = np.clip(part.astype(np.int16) + int(rng.integers(-20, 8)), 0, 255)
        cv2.rectangle(picture, (a, b), (c, d), (74, 74, 74), 1)
    for _ in range(int(rng.integers(3, 10))):
        point = np.array([rng.uniform(street.kerb_left, street.kerb_right), rng.uniform(1, 50)])
        trail = [point]
        grey = int(picture[_at(*point)[::-1]].mean()) - int(rng.integers(14, 34))
        for _ in range(int(rng.integers(6, 22))):
            point = point + rng.normal(0, 0.16, 2) + (0.0, 0.16)
            trail.append(point)
        cv2.polylines(picture, [np.array([_at(*p) for p in trail], np.int32)], False, (grey,) * 3, 1, cv2.LINE_AA)
    for _ in range(int(rng.integers(1, 5))):
        centre = _at(rng.uniform(street.kerb_left + 1, street.kerb_right - 1), rng.uniform(3, 40))
        cv2.circle(picture, centre, int(0.35 * PX_PER_M), (72, 76, 80), -1, cv2.LINE_AA)
        cv2.circle(picture, centre, int(0.35 * PX_PER_M), (46, 48, 50), 1, cv2.LINE_AA)
    dirt = np.zeros(picture.shape[:2], np.float32)
    for _ in range(int(rng.integers(4, 16))):
        centre = _at(rng.uniform(street.kerb_left, street.kerb_right), rng.uniform(1, 50))
        axes = (int(rng.uniform(0.1, 0.6) * PX_PER_M), int(rng.uniform(0.2, 1.4) * PX_PER_M))
        cv2.ellipse(dirt, centre, axes, 0, 0, 360, float(rng.uniform(6, 22)), -1)
    width = street.kerb_right - street.kerb_left
    for share in (0.18, 0.36, 0.64, 0.82):
        x, _ = _at(street.kerb_left + width * share, 0)
        dirt[:, x - 6 : x + 6] += rng.uniform(2, 9)
    soft = cv2.GaussianBlur(dirt, (0, 0), 4)
    cv2.subtract(picture, cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR), picture, dtype=cv2.CV_8U)


def _marks(street: Street, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """White and yellow paint on the ground map, 0-255 each."""
    shape = (int(_LONG * PX_PER_M), int(_WIDE * PX_PER_M))
    white, yellow = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    middle = (street.kerb_left + street.kerb_right) / 2
    if street.centre_line:
        target = yellow if rng.random() < 0.5 else white
        dashed = rng.random() < 0.6
        for y in np.arange(-2, 90, 6.0):
            _rect(target, middle - 0.07, y, middle + 0.07, y + (3.0 if dashed else 6.1), 255)
    for x0, y0, x1, y1 in street.bays:
        for a, b, c, d in ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)):
            cv2.line(white, _at(a, b), _at(c, d), 255, max(2, int(0.11 * PX_PER_M)))
    if street.no_stopping_line is not None:
        x, y0, y1 = street.no_stopping_line
        _rect(yellow, x - 0.08, y0, x + 0.08, y1, 255)
    if street.side_street is not None:
        y0, y1 = street.side_street
        white[_at(0, y0)[1] : _at(0, y1)[1]] = 0
        yellow[_at(0, y0)[1] : _at(0, y1)[1]] = 0
    if street.crossing is not None:
        low, high = _at(0, street.crossing)[1], _at(0, street.crossing + 3.0)[1]
        white[low - 20 : high + 20], yellow[low - 20 : high + 20] = 0, 0
        for x in np.arange(street.kerb_left + 0.4, street.kerb_right - 0.4, 0.95):
            _rect(white, x, street.crossing, x + 0.48, street.crossing + 3.0, 255)
    return white, yellow


def ground_map(street: Street, rng: np.random.Generator) -> Image:
    """The ground from above (rows along y, 22 px a metre), unlit."""
    rows, columns = int(_LONG * PX_PER_M), int(_WIDE * PX_PER_M)
    grey = rng.uniform(96, 132)
    picture = surface(rng, rows, columns, (grey * 1.01, grey, grey * 0.98), 9.0)
    _wear_asphalt(picture, street, rng)
    white, yellow = _marks(street, rng)
    worn = np.clip(0.8 + 0.28 * noise(rng, rows, columns, "mixed"), 0.1, 0.96)
    for paint, shade in ((white, (214, 216, 216)), (yellow, (70, 176, 216))):
        ys, xs = np.nonzero(paint.any(axis=1))[0], np.nonzero(paint.any(axis=0))[0]
        if len(ys) == 0:
            continue
        cut = np.s_[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
        cover = (paint[cut] / 255.0 * worn[cut])[..., None].astype(np.float32)
        picture[cut] = (picture[cut] * (1 - cover) + np.array(shade, np.float32) * cover).astype(np.uint8)
    tone = rng.uniform(130, 176)
    warm = rng.uniform(-8, 12)
    colour = (tone - warm, tone, tone + warm)
    slab = (int(rng.integers(8, 15)), int(rng.integers(8, 15)))
    for side in (-1, 1):
        _pavement(picture, street, rng, side, colour, slab)
    return picture


def _pavement(
    picture: Image,
    street: Street,
    rng: np.random.Generator,
    side: int,
    colour: tuple[float, float, float],
    slab: tuple[int, int],
) -> None:
    """Slabs, kerb stones and the tactile strip of one side, leaving side streets open."""
    kerb = street.kerb_left if side < 0 else street.kerb_right
    outer = _X0 if side < 0 else _X0 + _WIDE
    gap = street.side_street
    runs = [(_Y0, gap[0]), (gap[1], _Y0 + _LONG)] if gap else [(_Y0, _Y0 + _LONG)]
    for y0, y1 in runs:
        (a, b), (c, d) = _at(min(kerb, outer), y0), _at(max(kerb, outer), y1)
        part = picture[b:d, a:c]
        part[:] = slabs(rng, part.shape[0], part.shape[1], colour, slab)
        if street.tactile:
            (t0, _), (t1, _) = _at(kerb + side * 1.5, 0), _at(kerb + side * 1.8, 0)
            strip = picture[b:d, min(t0, t1) : max(t0, t1)]
            strip[:] = (strip * 0.4 + np.array((50, 150, 190)) * 0.55).astype(np.uint8)
            strip[::3] = (strip[::3] * 0.85).astype(np.uint8)
        (k0, _), (k1, _) = _at(kerb, 0), _at(kerb + side * 0.22, 0)
        stones = picture[b:d, min(k0, k1) : max(k0, k1)]
        stones[:] = np.clip(np.array(colour) + 26, 0, 235).astype(np.uint8)
        stones[::PX_PER_M] = 96
        edge = k0 if side > 0 else k0 - 2
        gutter = picture[b:d, edge - 3 * (side > 0) : edge + 3 + 2 * (side < 0)]
        gutter[:] = (gutter * 0.68).astype(np.uint8)


def _sky(camera: Camera, light: Light, rng: np.random.Generator) -> Image:
    height, width = camera.frame_height * 2, camera.width * 2
    ramp = np.linspace(0, 1, height)[:, None, None]
    sky = np.repeat(np.array(light.sky_top) * (1 - ramp) + np.array(light.sky_low) * ramp, width, axis=1)
    clouds = np.clip(noise(rng, height, width, "cloud"), 0, 2) * np.float32(4 if light.night else 14)
    return np.asarray(cv2.add(sky.astype(np.float32), cv2.merge([clouds] * 3), dtype=cv2.CV_8U), np.uint8)


@dataclass(frozen=True)
class Background:
    """The empty street: ``picture`` (H, W, 3) without shadows, ``ground`` (H, W) 255 where shadows may fall."""

    picture: Image
    ground: Image


def random_houses(street: Street, rng: np.random.Generator) -> list[House]:
    """Rows of houses along both sides with a gap at a side street."""
    houses: list[House] = []
    for side, x in ((-1, street.wall_left), (1, street.wall_right)):
        y = -4.0
        while y < 85:
            length = float(rng.uniform(7, 16))
            end = y + length
            gap = street.side_street
            if gap and y < gap[1] + 1.5 and end > gap[0] - 2.0:
                if gap[0] - 2.0 - y > 3:
                    houses.append(House(side, x, y, gap[0] - 2.0, float(rng.uniform(6, 15))))
                y = gap[1] + 1.5
                continue
            if rng.random() < 0.97:
                houses.append(House(side, x, y, end, float(rng.uniform(6, 16))))
            y = end
    return houses


def render_background(street: Street, camera: Camera, light: Light) -> Background:
    """Paints the still picture of a street at twice the size and averages it down."""
    rng = np.random.default_rng((street.seed, 77))
    size = (camera.width * 2, camera.frame_height * 2)
    picture = _sky(camera, light, rng)
    flat = ground_map(street, rng)
    level = light.ambient * 0.98 + light.sun * float(light.to_sun[2])
    lit = cv2.convertScaleAbs(flat, alpha=level)
    to_metres = np.array([[1 / PX_PER_M, 0, _X0], [0, 1 / PX_PER_M, _Y0], [0, 0, 1.0]])
    to_pixels = np.diag([2.0, 2.0, 1.0]) @ camera.ground_homography @ to_metres
    ground = _below_horizon(camera)
    painted = np.empty_like(picture)
    painted[:] = np.clip(flat.mean() * level * 0.6 + np.array(light.sky_low) * 0.25, 0, 255).astype(np.uint8)
    cv2.warpPerspective(lit, to_pixels, size, painted, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    cv2.copyTo(painted, ground, picture)
    houses = list(street.houses) or random_houses(street, rng)
    before = picture.copy()
    paint_houses(picture, camera, light, houses, rng)
    ground[np.any(picture != before, axis=2)] = 0
    small = cv2.resize(picture, (camera.width, camera.frame_height), interpolation=cv2.INTER_AREA)
    mask = cv2.resize(ground, (camera.width, camera.frame_height), interpolation=cv2.INTER_AREA)
    return Background(np.asarray(small, np.uint8), np.asarray(mask, np.uint8))


def _below_horizon(camera: Camera) -> Image:
    """255 where a ray meets the ground, at twice the frame's size."""
    rows, columns = np.mgrid[0 : camera.frame_height * 2, 0 : camera.width * 2].astype(np.float32)
    right, down, ahead = camera.axes[:, 2]
    drop = (
        (columns / 2 - camera.width / 2) * right
        + (rows / 2 - camera.frame_height / 2) * down
        + camera.focal * ahead
    )
    return np.where(drop < -1e-3 * camera.focal, 255, 0).astype(np.uint8)
