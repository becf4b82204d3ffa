"""Where a camera must hang so that what matters is well in view, and what hides what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin, sqrt

import numpy as np

from scenarios.families.streets import Street
from scenarios.language.base import GroundPoint
from scenarios.language.cast import ActorKind
from scenarios.language.street import Camera
from scenarios.scene.camera import Camera as Pinhole
from scenarios.world.shapes import extent_for
from scenarios.world.view import scene_camera

Outline = tuple[float, float, float, float]
"""x1, y1, x2, y2 as fractions of the frame, not clipped."""

_LEAST_PX: dict[ActorKind, float] = {
    ActorKind.BAG: 17.0,
    ActorKind.CRATE: 17.0,
    ActorKind.BICYCLE: 24.0,
    ActorKind.STALL_BLANKET: 20.0,
}
_VEHICLES = frozenset({ActorKind.CAR, ActorKind.VAN, ActorKind.TRUCK, ActorKind.BUS})
_MARGIN = 0.012
_MOST_HIDDEN = 0.5
_GRID = 12
_TRIES = 4000
_NEAREST_M, _FARTHEST_M = 6.5, 38.0


@dataclass(frozen=True)
class Spot:
    """Something that has to be well in view where it stands; ``zone`` is the rectangle its foot must lie in.

    ``seed`` is that of its actor, ``from_s`` to ``to_s`` when it stands there.
    """

    kind: ActorKind
    seed: int
    x: float
    y: float
    heading_deg: float = 0.0
    size: float = 1.0
    zone: tuple[GroundPoint, ...] = ()
    from_s: float = 0.0
    to_s: float = float("inf")
    cameras: tuple[str, ...] = ()

    def seen_by(self, camera: str) -> bool:
        """Whether that camera must see it; by default every camera."""
        return not self.cameras or camera in self.cameras


class NoViewError(RuntimeError):
    """No pose tried shows everything that matters."""


def outline(camera: Pinhole, spot: Spot) -> Outline | None:
    """The box around a block of the thing's size; None where part of it is behind the camera."""
    half_x, half_y, tall = (value * spot.size for value in extent_for(spot.kind, spot.seed))
    turn = radians(spot.heading_deg)
    corners = [
        (spot.x + dx * cos(turn) + dy * sin(turn), spot.y - dx * sin(turn) + dy * cos(turn), z)
        for dx in (-half_x, half_x)
        for dy in (-half_y, half_y)
        for z in (0.0, tall)
    ]
    uv, depth = camera.project(np.array(corners))
    if depth.min() < 1.0:
        return None
    low, high = uv.min(axis=0), uv.max(axis=0)
    wide, high_px = camera.width, camera.frame_height
    return float(low[0]) / wide, float(low[1]) / high_px, float(high[0]) / wide, float(high[1]) / high_px


def hidden_share(box: Outline, covers: Sequence[Outline]) -> float:
    """The part of a box that other boxes cover."""
    middles = (np.arange(_GRID) + 0.5) / _GRID
    xs = box[0] + middles * (box[2] - box[0])
    ys = box[1] + middles * (box[3] - box[1])
    covered = np.zeros((_GRID, _GRID), bool)
    for cover in covers:
        covered |= ((ys > cover[1]) & (ys < cover[3]))[:, None] & ((xs > cover[0]) & (xs < cover[2]))[None, :]
    return float(covered.mean())


def _stands_in(camera: Pinhole, box: Outline, zone: tuple[GroundPoint, ...]) -> bool:
    """Whether the middle of the box's lower edge is seen on the zone's ground."""
    foot = camera.visible_ground((box[0] + box[2]) / 2 * camera.width, box[3] * camera.frame_height)
    if foot is None:
        return False
    xs, ys = [x for x, _ in zone], [y for _, y in zone]
    return min(xs) + 0.05 <= foot[0] <= max(xs) - 0.05 and min(ys) + 0.05 <= foot[1] <= max(ys) - 0.05


def _large_enough(camera: Pinhole, box: Outline, kind: ActorKind) -> bool:
    area = (box[2] - box[0]) * camera.width * (box[3] - box[1]) * camera.frame_height
    default = 30.0 if kind in _VEHICLES else 26.0
    return sqrt(area) >= _LEAST_PX.get(kind, default)


def _in_frame(box: Outline) -> bool:
    return box[0] >= _MARGIN and box[1] >= _MARGIN and box[2] <= 1 - _MARGIN and box[3] <= 1 - _MARGIN


def _distance(camera: Pinhole, spot: Spot) -> float:
    return hypot(spot.x - camera.x, spot.y - camera.y)


def well_seen(camera: Pinhole, spots: Sequence[Spot]) -> bool:
    """Whether every spot is whole in the frame, large enough, in its zone and not hidden by the other ones."""
    boxes: list[Outline] = []
    for spot in spots:
        box = outline(camera, spot)
        if box is None or not _in_frame(box) or not _large_enough(camera, box, spot.kind):
            return False
        if not _NEAREST_M <= _distance(camera, spot) <= _FARTHEST_M:
            return False
        if spot.zone and not _stands_in(camera, box, spot.zone):
            return False
        boxes.append(box)
    return all(hidden_share(boxes[i], _nearer(camera, spots, boxes, i)) <= _MOST_HIDDEN for i in range(len(spots)))


def _nearer(camera: Pinhole, spots: Sequence[Spot], boxes: Sequence[Outline], index: int) -> list[Outline]:
    """Outlines of what stands before a spot while it is there."""
    own = spots[index]
    return [
        box
        for spot, box in zip(spots, boxes, strict=True)
        if spot.from_s < own.to_s
        and own.from_s < spot.to_s
        and _distance(camera, spot) < _distance(camera, own) - 0.3
    ]


@dataclass(frozen=True)
class Post:
    """Where a camera's pole may stand: its name and node, ``y`` along the street, and which way it looks (+1: +y).

    ``across`` narrows the distance from the axis, counted towards the side where things happen.
    """

    name: str = "cam-1"
    node: str = "node-1"
    y: float = 0.0
    looks: int = 1
    across: tuple[float, float] | None = None
    heights: tuple[float, float] = (5.2, 8.8)
    fields_of_view: tuple[float, float] = (50.0, 75.0)


def _across(rng: np.random.Generator, street: Street, post: Post) -> float:
    if post.across is not None:
        return street.side * float(rng.uniform(*post.across))
    if rng.random() < 0.75:
        return street.side * float(rng.uniform(-street.narrow + 0.8, -1.0))
    return street.side * float(rng.uniform(street.kerb + 0.3, street.wall - 0.8))


def _aimed(rng: np.random.Generator, street: Street, post: Post, spots: Sequence[Spot]) -> Camera | None:
    x, height = _across(rng, street, post), float(rng.uniform(*post.heights))
    xs, ys = [spot.x for spot in spots], [spot.y for spot in spots]
    target_x = (min(xs) + max(xs)) / 2 + float(rng.normal(0, 1.0))
    target_y = (min(ys) + max(ys)) / 2 + post.looks * float(rng.uniform(-1.0, 4.0))
    away = hypot(target_x - x, target_y - post.y)
    tilt = degrees(atan2(height, away))
    heading = degrees(atan2(target_x - x, target_y - post.y))
    if not 15 <= tilt <= 35 or abs(heading if post.looks > 0 else abs(heading) - 180) > 50:
        return None
    return Camera(
        name=post.name,
        node=post.node,
        x=round(x, 2),
        y=post.y,
        height=round(height, 2),
        heading_deg=round(heading, 2),
        tilt_deg=round(tilt, 2),
        roll_deg=round(float(np.clip(rng.normal(0, 0.5), -1.2, 1.2)), 2),
        field_of_view_deg=round(float(rng.uniform(*post.fields_of_view)), 1),
    )


def find_camera(
    rng: np.random.Generator,
    street: Street,
    spots: Sequence[Spot],
    post: Post,
    accept: Callable[[Pinhole], bool] = lambda _: True,
) -> Camera:
    """A camera at the post that sees every spot well and that ``accept`` likes. Raises NoViewError."""
    for _ in range(_TRIES):
        camera = _aimed(rng, street, post, spots)
        if camera is not None:
            eye = scene_camera(camera)
            if well_seen(eye, spots) and accept(eye):
                return camera
    raise NoViewError(f"camera {post.name!r}: none of {_TRIES} poses shows all {len(spots)} places that matter")
