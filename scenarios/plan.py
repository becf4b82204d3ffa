"""The plan of a clip: street, camera, light, actors and truth, all decided before a frame is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Polygon, Rule, Zone
from scenarios.actors import Actor, Rigid, Walker
from scenarios.language.base import Box
from scenarios.language.claims import Innocence, Subject
from scenarios.language.street import SeenBox
from scenarios.motion import STEP_S, LaneCar, Path, Track, drive, lane, standing, walk
from scenarios.scene import furniture, people, vehicles, wheelers
from scenarios.scene.camera import Camera, Floats
from scenarios.scene.light import Light
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose, draw_sprite
from scenarios.scene.street import Street
from scenarios.truth import TrueDecoy, TrueProblem, TruthZone

View = Literal["junction", "market"]
"""What a clip looks at; also the name of its camera."""

FPS = 10
DWELL_S = 12.0
"""How long a thing may stand in a clip's zones; short, so that a visitor sees cases within a minute."""
_EDGE = 0.004  # zones keep this far from the frame's edges, fractions


@dataclass(frozen=True)
class Plan:
    """Everything a clip shows: ``frames`` at ``FPS`` frames a second.

    ``problem_actors`` are the numbers of the actors that are the ``problems``, in the same order.
    """

    view: View
    seed: int
    frames: int
    street: Street
    camera: Camera
    light: Light
    actors: tuple[Actor, ...]
    zones: tuple[TruthZone, ...]
    problems: tuple[TrueProblem, ...]
    decoys: tuple[TrueDecoy, ...]
    problem_actors: tuple[int, ...]

    @property
    def duration_s(self) -> float:
        return self.frames / FPS


@dataclass
class Cast:
    """Collects the actors of a clip and hands out their numbers."""

    rng: np.random.Generator
    frames: int
    actors: list[Actor] = field(default_factory=list)

    def number(self) -> int:
        return len(self.actors) + 1

    def rigid(self, kind: ObjectClass | None, mesh: Mesh, track: Track) -> Rigid:
        actor = Rigid(self.number(), kind, mesh, track)
        self.actors.append(actor)
        return actor

    def furniture(self, kind: str, pose: Pose) -> None:
        self.rigid(None, furniture.furniture(self.rng, kind), standing(pose))

    def walker(
        self, points: list[tuple[float, float]], start_s: float, pauses: dict[int, float] | None = None
    ) -> Walker:
        """A passer-by; the speed is drawn at random."""
        track = walk(points, start_s, self.rng.uniform(1.1, 1.6), pauses or {})
        actor = Walker(self.number(), people.random_look(self.rng), track)
        self.actors.append(actor)
        return actor

    def traffic(
        self,
        path: Path,
        headway: tuple[float, float],
        kinds: tuple[str, ...],
        stop_at: float | None,
        guests: list[tuple[Track, float]],
        quiet_s: float | None,
    ) -> None:
        """Vehicles along a lane for the whole clip, the first ones already under way; some wait 3 to 6 s once.

        ``guests`` are other vehicles that use the lane for a while, with their lengths; nothing enters after
        ``quiet_s``.
        """
        cars: list[LaneCar] = []
        meshes: list[Mesh] = []
        starts = [track.first * STEP_S for track, _ in guests]
        enter = -path.length / 8.0
        while enter < (self.frames * STEP_S if quiet_s is None else quiet_s):
            mesh = vehicles.vehicle(self.rng, str(self.rng.choice(kinds)))
            leads = any(0 <= start - enter < 16 for start in starts)
            waits = stop_at is not None and not leads and self.rng.random() < 0.3
            cars.append(
                LaneCar(
                    enter_s=enter,
                    long=2 * mesh.reach[1],
                    speed=self.rng.uniform(8.2, 9.8) if leads else self.rng.uniform(6.5, 9.5),
                    stop_at=stop_at if waits else None,
                    wait_s=self.rng.uniform(3.0, 6.0) if waits else 0.0,
                )
            )
            meshes.append(mesh)
            enter += self.rng.uniform(*headway)
            if any(0 <= start - enter < 2.5 for start in starts):
                enter += 3.0
        for mesh, track in zip(meshes, lane(path, cars, guests, self.frames), strict=True):
            if len(track.rows):
                self.rigid(ObjectClass.VEHICLE, mesh, track)

    def rider(self, x: float, ends: tuple[float, float]) -> None:
        """A two-wheeler that rides past on the right-hand edge of the road when nothing is in its way.

        Where no free time is found the last one tried is taken: it then cuts into another picture for a moment.
        """
        rng = self.rng
        side = 1 if rng.random() < 0.5 else -1
        path = Path(np.array([(side * x, y) for y in (ends if side > 0 else ends[::-1])]))
        mesh, speed = wheelers.two_wheeler(rng, True), rng.uniform(3.8, 5.5)
        rigids = [actor for actor in self.actors if isinstance(actor, Rigid)]
        for _ in range(10):
            track, _ = drive(path, rng.uniform(0, self.frames * STEP_S - 15), speed, path.length, 0.0)
            if not any(_touch(mesh, track, other) for other in rigids):
                break
        self.rigid(ObjectClass.TWO_WHEELER, mesh, track)


def _touch(mesh: Mesh, track: Track, other: Rigid) -> bool:
    """Whether something on a track comes into another thing; both are taken to lie along the street."""
    width, length = mesh.reach[0] + other.mesh.reach[0], mesh.reach[1] + other.mesh.reach[1]
    for step in range(0, len(track.rows), 3):
        row, theirs = track.rows[step], other.track.row(track.first + step)
        if theirs is not None and abs(row[0] - theirs[0]) < width * 0.9 and abs(row[1] - theirs[1]) < length:
            return True
    return False


def clip_polygon(polygon: Floats, low: float = _EDGE, high: float = 1.0 - _EDGE) -> Floats:
    """The part of a convex polygon (N, 2) inside the square from ``low`` to ``high`` (Sutherland-Hodgman)."""
    corners = polygon
    for axis, bound, sign in ((0, low, 1.0), (0, high, -1.0), (1, low, 1.0), (1, high, -1.0)):
        kept: list[Floats] = []
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            da, db = (a[axis] - bound) * sign, (b[axis] - bound) * sign
            if da >= 0:
                kept.append(a)
            if (da >= 0) != (db >= 0):
                kept.append(a + (b - a) * (da / (da - db)))
        if len(kept) < 3:
            return np.zeros((0, 2))
        corners = np.array(kept)
    return corners


def ground_zone(camera: Camera, x0: float, x1: float, y0: float, y1: float) -> Polygon:
    """A rectangle on the ground as a polygon inside the frame, fractions rounded to a tenth of a pixel or so."""
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)
    inside = clip_polygon(camera.ground_polygon(corners))
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in inside)


def truth_zone(name: str, purpose: ZonePurpose, polygon: Polygon, *categories: Category) -> TruthZone:
    """A zone with a rule of ``DWELL_S`` seconds against each category."""
    rules = tuple(Rule(category=category, dwell_s=DWELL_S) for category in categories)
    return TruthZone(zone=Zone(name=name, purpose=purpose, polygon=polygon, rules=rules))


def true_problem(
    view: View, name: str, category: Category, zone: str, box: Box, start_s: float, end_s: float | None = None
) -> TrueProblem:
    """A problem that stands at one place from its start to its end; seconds are rounded to tenths."""
    start, end = round(start_s, 1), None if end_s is None else round(end_s, 1)
    return TrueProblem(
        id=name,
        category=Subject(category.value),
        zone=zone,
        start_s=start,
        end_s=end,
        dwell_s=DWELL_S,
        seen=(SeenBox(camera=view, box=box, from_s=start, to_s=end),),
    )


def decoy(name: str, why: Innocence, category: Category, start_s: float = 0.0) -> TrueDecoy:
    """Something innocent that is there from ``start_s`` to the end, now here, now there."""
    return TrueDecoy(id=name, why=why, category=Subject(category.value), start_s=round(start_s, 1))


def whole_box(mesh: Mesh, pose: Pose, camera: Camera, light: Light) -> Box | None:
    """Outline of a thing as if nothing stood before it, fractions; None if it is cut by the frame's edge."""
    sprite = draw_sprite(mesh, pose, camera, light)
    if sprite is None or np.count_nonzero(sprite.mask) < 0.98 * sprite.full_px:
        return None
    columns, rows = np.flatnonzero(sprite.mask.any(axis=0)), np.flatnonzero(sprite.mask.any(axis=1))
    wide, tall = camera.width, camera.frame_height
    return (
        round((sprite.left + int(columns[0])) / wide, 4),
        round((sprite.top + int(rows[0])) / tall, 4),
        round((sprite.left + int(columns[-1]) + 1) / wide, 4),
        round((sprite.top + int(rows[-1]) + 1) / tall, 4),
    )


def contains(polygon: Polygon, x: float, y: float) -> bool:
    """Whether a point lies inside a polygon (even-odd rule)."""
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside


def aim(x: float, y: float, height: float, target: tuple[float, float], focal: float, roll: float) -> Camera:
    """A camera above (x, y) that looks at a ground point."""
    dx, dy = target[0] - x, target[1] - y
    return Camera(
        x=x,
        y=y,
        height=height,
        yaw=float(np.arctan2(dx, dy)),
        pitch=float(np.arctan2(height - 0.5, np.hypot(dx, dy))),
        focal=focal,
        roll=roll,
    )
