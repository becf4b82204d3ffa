"""What a camera sees of the street: outlines of things, zones, ground points for a node's configuration."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from detectors.ground import METRES_PER_DEGREE
from ingest.zones import Point
from scenarios.language import street
from scenarios.language.base import Box
from scenarios.language.scenario import Scenario
from scenarios.language.street import SceneZone
from scenarios.scene.camera import NEAR_M, Camera, Floats
from scenarios.scene.raster import Pose
from scenarios.world.clipping import clip_to_frame, in_front
from scenarios.world.pose_fit import fit_camera
from scenarios.world.presence import Presence
from scenarios.world.shapes import outline_of

_FAR_M = 60.0
"""Ground points of a drawn street are taken from no farther away than this."""


@lru_cache(maxsize=256)
def scene_camera(camera: street.Camera, askew: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Camera:
    """The pinhole camera of a scenario's camera, knocked by pan, tilt and roll in degrees.

    Where ground points are stated they decide, not the pose: they belong to a picture somebody else took.
    """
    if camera.ground_points:
        try:
            fitted = fit_camera(camera.ground_points, camera.width, camera.height_px)
        except ValueError as error:
            raise ValueError(f"camera {camera.name!r}: {error}") from error
        return replace(fitted, width=camera.width, frame_height=camera.height_px).turned(*askew)
    return Camera(
        x=camera.x,
        y=camera.y,
        height=camera.height,
        yaw=math.radians(camera.heading_deg),
        pitch=math.radians(camera.tilt_deg),
        focal=camera.width / 2 / math.tan(math.radians(camera.field_of_view_deg) / 2),
        roll=math.radians(camera.roll_deg),
        width=camera.width,
        frame_height=camera.height_px,
    ).turned(*askew)


@dataclass(frozen=True, slots=True)
class Projected:
    """Something in a picture: its whole outline as if nothing stood before it.

    Attributes:
        box: Left, top, right, bottom as fractions, cut at the frame's edge.
        inside: Share of the outline's box that lies inside the frame.
        distance: Metres from the camera to the middle of its footprint.
    """

    box: Box
    inside: float
    distance: float


class View:
    """One camera's view, knocked askew or not."""

    def __init__(self, camera: street.Camera, askew: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
        self.camera = camera
        self.lens = scene_camera(camera, askew)
        self._outline = lru_cache(maxsize=4096)(self._project)

    def project(self, presence: Presence) -> Projected | None:
        """Where something is in the picture; None where nothing of it is, or part of it is too near to be drawn."""
        return self._outline(presence)

    def shows(self, x: float, y: float) -> bool:
        """Whether a place on the ground lies in the picture, if nothing stands before it."""
        uv, depth = self.lens.project(np.array([[x, y, 0.0]]))
        u, v = (uv[0] / (self.lens.width, self.lens.frame_height)).tolist()
        return bool(float(depth[0]) >= NEAR_M and 0 <= u <= 1 and 0 <= v <= 1)

    def _project(self, presence: Presence) -> Projected | None:
        points, radii = self._cloud(presence)
        uv, depth = self.lens.project(points)
        if float(depth.min()) < NEAR_M:
            return None
        grown = (radii * self.lens.focal / depth)[:, None]
        frame = (self.lens.width, self.lens.frame_height)
        low = ((uv - grown).min(axis=0) / frame).tolist()
        high = ((uv + grown).max(axis=0) / frame).tolist()
        x1, y1 = max(low[0], 0.0), max(low[1], 0.0)
        x2, y2 = min(high[0], 1.0), min(high[1], 1.0)
        if x2 - x1 <= 1e-9 or y2 - y1 <= 1e-9:
            return None
        inside = (x2 - x1) * (y2 - y1) / ((high[0] - low[0]) * (high[1] - low[1]))
        away = math.dist((presence.x, presence.y, 0.0), self.lens.position.tolist())
        return Projected((x1, y1, x2, y2), min(1.0, inside), away)

    def _cloud(self, presence: Presence) -> tuple[Floats, Floats]:
        """World points (N, 3) and the radii (N,) around them."""
        if presence.billboard is not None:
            wide, tall = (side * presence.size for side in presence.billboard)
            right = np.array([math.cos(self.lens.yaw), -math.sin(self.lens.yaw), 0.0]) * wide / 2
            foot = np.array([presence.x, presence.y, 0.0])
            up = np.array([0.0, 0.0, tall])
            return np.stack([foot - right, foot + right, foot - right + up, foot + right + up]), np.zeros(4)
        points, radii = outline_of(presence)
        return Pose(presence.x, presence.y, presence.heading).place(points), radii


def zone_polygon(zone: SceneZone, camera: street.Camera) -> tuple[Point, ...] | None:
    """A zone in a camera's picture, cut to the frame; None where too little of it is in view.

    The polygon is one that ``ingest.zones.Zone`` accepts. A zone drawn into a picture belongs to that camera alone.
    """
    if zone.picture:
        return zone.picture if zone.camera == camera.name else None
    if camera.footage is not None and not camera.ground_points:
        return None
    lens = scene_camera(camera)
    ground = np.column_stack([np.array(zone.ground, np.float64), np.zeros(len(zone.ground))])
    ahead = in_front(ground, lens.position, lens.axes[2], NEAR_M)
    if len(ahead) < 3:
        return None
    uv, _ = lens.project(ahead)
    return clip_to_frame(uv / (lens.width, lens.frame_height), (lens.width, lens.frame_height))


def geo(scenario: Scenario, x: float, y: float) -> tuple[float, float]:
    """WGS-84 latitude and longitude of a place in the street frame (+y is north)."""
    latitude, longitude = scenario.origin
    scale = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    return latitude + y / METRES_PER_DEGREE, longitude + x / scale


def ground_points(camera: street.Camera, scenario: Scenario) -> tuple[tuple[float, float, float, float], ...]:
    """What a node is told about a camera's ground: x, y of the picture (fractions), latitude, longitude.

    The stated points of a recording or background; four points near the frame's corners for a drawn street. Empty
    where nobody knows, or where the camera sees no ground.
    """
    if camera.ground_points:
        return tuple((u, v, *geo(scenario, x, y)) for u, v, x, y in camera.ground_points)
    if camera.footage is not None:
        return ()
    rows = _ground_rows(scene_camera(camera))
    if rows is None:
        return ()
    lens = scene_camera(camera)
    found: list[tuple[float, float, float, float]] = []
    for u, v in ((0.1, rows[0]), (0.9, rows[0]), (0.9, rows[1]), (0.1, rows[1])):
        hit = lens.visible_ground(u * lens.width, v * lens.frame_height)
        if hit is None:
            return ()
        found.append((u, round(v, 6), *geo(scenario, *hit)))
    return tuple(found)


def _ground_rows(lens: Camera) -> tuple[float, float] | None:
    """An upper and a lower row of the picture (fractions) that show ground across most of its width."""
    rows = [step / 40 for step in range(2, 39) if _near_row(lens, step / 40)]
    return (rows[0], rows[-1]) if len(rows) >= 4 else None


def _near_row(lens: Camera, v: float) -> bool:
    for u in (0.1, 0.9):
        hit = lens.visible_ground(u * lens.width, v * lens.frame_height)
        if hit is None or math.dist(hit, (lens.x, lens.y)) > _FAR_M + 4 * lens.height:
            return False
    return True
