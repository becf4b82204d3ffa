"""Random scenes for training: a street, a camera somewhere above it, and whatever stands or moves there.

Wider in every respect than the demo's clips: camera poses, zoom, clutter, light, weather and crowds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.taxonomy import ObjectClass
from scenarios.scene import furniture, garbage, people, stalls, vehicles, wheelers
from scenarios.scene.camera import Camera, Floats
from scenarios.scene.compose import Thing
from scenarios.scene.light import Light, random_light
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose
from scenarios.scene.street import Street

_FARTHEST_M = 55.0
_MEANS = {
    ObjectClass.PERSON: 3.5,
    ObjectClass.VEHICLE: 3.2,
    ObjectClass.TWO_WHEELER: 1.9,
    ObjectClass.GARBAGE: 2.4,
    ObjectClass.STALL: 1.7,
}


@dataclass(frozen=True)
class Setting:
    """A street, the camera above it and the light; what stands there comes from :func:`random_things`."""

    street: Street
    camera: Camera
    light: Light


def random_street(rng: np.random.Generator, seed: int) -> Street:
    """A street of random width with or without bays, crossing, side street and lines."""
    half = rng.uniform(2.8, 6.5)
    left, right = rng.uniform(2.4, 6.5, 2)
    crossing = float(rng.uniform(6, 20)) if rng.random() < 0.3 else None
    side_y = float(rng.uniform(18, 40))
    bays: list[tuple[float, float, float, float]] = []
    if rng.random() < 0.4:
        first = rng.uniform(4, 16)
        side = 1.0 if rng.random() < 0.5 else -1.0
        for k in range(int(rng.integers(1, 5))):
            y = first + 5.6 * k
            bays.append((side * (half - 2.2), y, side * half, y + 5.6))
    return Street(
        kerb_left=-half,
        kerb_right=half,
        wall_left=-half - left,
        wall_right=half + right,
        bays=tuple(bays),
        crossing=crossing,
        side_street=(side_y, side_y + 7) if rng.random() < 0.35 else None,
        centre_line=bool(rng.random() < 0.75),
        no_stopping_line=(half - 0.3, 3.0, 40.0) if rng.random() < 0.3 else None,
        tactile=bool(rng.random() < 0.5),
        seed=seed,
    )


def random_camera(rng: np.random.Generator, street: Street) -> Camera:
    """A camera over the street that aims at a ground point; far aims come with longer lenses, one in five is low."""
    low = rng.random() < 0.2
    height = rng.uniform(1.7, 3.2) if low else rng.uniform(3.0, 10.0)
    x = rng.uniform(street.wall_left + 0.4, street.wall_right - 0.4)
    far = float(np.exp(rng.uniform(np.log(4), np.log(12)) if low else rng.uniform(np.log(7), np.log(32))))
    target = rng.uniform(street.wall_left, street.wall_right)
    focal = float(np.clip(rng.uniform(330, 620) * (far / 14) ** rng.uniform(0.0, 1.0), 320, 1300))
    return Camera(
        x=x,
        y=0.0,
        height=height,
        yaw=float(np.arctan2(target - x, far)),
        pitch=float(np.arctan2(height - 0.8, np.hypot(far, target - x))),
        focal=focal,
        roll=float(rng.normal(0, 0.02)),
    )


def random_setting(seed: int) -> Setting:
    """The setting of a training seed."""
    rng = np.random.default_rng((seed, 1))
    street = random_street(rng, seed)
    return Setting(street, random_camera(rng, street), random_light(rng, (0.42, 0.28, 0.16, 0.14)))


class _Crowd:
    """Collects things that do not stand in one another."""

    def __init__(self, setting: Setting, rng: np.random.Generator) -> None:
        self.things: list[Thing] = []
        self._setting, self._rng = setting, rng

    def spot(self, pavement: bool) -> tuple[float, float] | None:
        """A visible ground point on the pavement or the carriageway, even over the picture's rows."""
        street, camera, rng = self._setting.street, self._setting.camera, self._rng
        for _ in range(14):
            hit = camera.visible_ground(
                rng.uniform(-30, camera.width + 30), rng.uniform(20, camera.frame_height + 40)
            )
            if hit is None or not 0.5 < hit[1] < _FARTHEST_M:
                continue
            x = hit[0]
            if street.side_street and street.side_street[0] < hit[1] < street.side_street[1]:
                continue
            on_road = street.kerb_left + 0.6 < x < street.kerb_right - 0.6
            on_walk = (street.wall_left + 0.5 < x < street.kerb_left - 0.3) or (
                street.kerb_right + 0.3 < x < street.wall_right - 0.5
            )
            if (on_walk if pavement else on_road) and np.hypot(x - camera.x, hit[1] - camera.y) > 2.0:
                return hit
        return None

    def add(self, kind: ObjectClass | None, mesh: Mesh, pose: Pose) -> bool:
        """Adds a thing unless its footprint would cut into another's."""
        mine = _rounds(mesh, pose)
        for other in self.things:
            theirs = _rounds(other.mesh, other.pose)
            gaps = np.hypot(mine[:, None, 0] - theirs[:, 0], mine[:, None, 1] - theirs[:, 1])
            if (gaps < 0.9 * (mine[:, None, 2] + theirs[:, 2])).any():
                return False
        self.things.append(Thing(len(self.things) + 1, kind, mesh, pose))
        return True


def _rounds(mesh: Mesh, pose: Pose) -> Floats:
    """Circles (K, 3) of x, y, radius that cover a footprint."""
    rx, ry = mesh.reach
    small, large = min(rx, ry), max(rx, ry)
    count = max(1, round(large / max(small, 0.05)))
    along = np.linspace(-(large - small), large - small, count) if count > 1 else np.zeros(1)
    local = np.zeros((len(along), 3))
    local[:, 1 if ry >= rx else 0] = along
    places: Floats = pose.place(local)
    places[:, 2] = small
    return places


def _heading(rng: np.random.Generator, x: float) -> float:
    """Along the street, keeping to the right, now and then askew."""
    along = 0.0 if x > 0 else np.pi
    if rng.random() < 0.15:
        return float(rng.uniform(0, 2 * np.pi))
    return float(along + rng.normal(0, 0.08))


def _add_vehicle(crowd: _Crowd, setting: Setting, rng: np.random.Generator) -> None:
    on_walk = rng.random() < 0.12
    spot = crowd.spot(on_walk)
    if spot is None:
        return
    x, y = spot
    mesh = vehicles.vehicle(rng)
    street = setting.street
    if not on_walk and rng.random() < 0.45:
        side = 1.0 if x > 0 else -1.0
        x = side * (street.kerb_right - mesh.reach[0] - rng.uniform(0.1, 0.4))
    crowd.add(ObjectClass.VEHICLE, mesh, Pose(float(x), y, _heading(rng, float(x))))


def _add_person(crowd: _Crowd, rng: np.random.Generator) -> None:
    spot = crowd.spot(rng.random() < 0.8)
    if spot is None:
        return
    look = people.random_look(rng)
    stride = 0.0 if rng.random() < 0.3 else rng.uniform(0.7, 1.15)
    carry = garbage.bag_colour(rng) if rng.random() < 0.12 else None
    mesh = people.walking(look, rng.uniform(0, 6.28), stride, carry)
    crowd.add(ObjectClass.PERSON, mesh, Pose(*spot, float(rng.uniform(0, 6.28))))


def _add_two_wheeler(crowd: _Crowd, rng: np.random.Generator) -> None:
    ridden = rng.random() < 0.5
    spot = crowd.spot(not ridden)
    if spot is None:
        return
    if ridden:
        pose = Pose(*spot, _heading(rng, spot[0]))
        crowd.add(ObjectClass.TWO_WHEELER, wheelers.two_wheeler(rng, True), pose)
        return
    heading = float(rng.uniform(0, 6.28))
    for k in range(int(rng.integers(1, 4))):
        x, y = spot[0] + 0.75 * k * np.cos(heading), spot[1] - 0.75 * k * np.sin(heading)
        pose = Pose(float(x), float(y), heading + float(rng.normal(0, 0.08)))
        crowd.add(ObjectClass.TWO_WHEELER, wheelers.two_wheeler(rng, False), pose)


def _add_garbage(crowd: _Crowd, rng: np.random.Generator) -> None:
    spot = crowd.spot(rng.random() < 0.8)
    if spot is not None:
        crowd.add(ObjectClass.GARBAGE, garbage.garbage(rng), Pose(*spot, float(rng.uniform(0, 6.28))))


def _add_stall(crowd: _Crowd, rng: np.random.Generator) -> None:
    spot = crowd.spot(rng.random() < 0.85)
    if spot is None:
        return
    mesh = stalls.stall(rng)
    towards_road = -np.pi / 2 if spot[0] > 0 else np.pi / 2
    heading = float(rng.choice([0, np.pi / 2, np.pi, -np.pi / 2])) if rng.random() < 0.5 else towards_road
    pose = Pose(*spot, heading + float(rng.normal(0, 0.2)))
    if not crowd.add(ObjectClass.STALL, mesh, pose):
        return
    behind = pose.place(np.array([[rng.uniform(-0.4, 0.4), -mesh.reach[1] - 0.45, 0.0]]))[0]
    if rng.random() < 0.8:
        look = people.random_look(rng, apron=True)
        vendor = Thing(
            len(crowd.things) + 1,
            ObjectClass.PERSON,
            people.serving(look, rng.uniform(0, 6)),
            Pose(behind[0], behind[1], pose.heading),
        )
        crowd.things.append(vendor)
    for _ in range(int(rng.integers(0, 3))):
        front = pose.place(np.array([[rng.uniform(-0.8, 0.8), mesh.reach[1] + rng.uniform(0.5, 0.9), 0.0]]))[0]
        look = people.random_look(rng)
        crowd.add(
            ObjectClass.PERSON, people.walking(look, 0.4, 0.15), Pose(front[0], front[1], pose.heading + np.pi)
        )


def _add_furniture(crowd: _Crowd, setting: Setting, rng: np.random.Generator) -> None:
    spot = crowd.spot(True)
    if spot is None:
        return
    kind = str(rng.choice(furniture.KINDS))
    x, y = spot
    if kind in ("tree", "lamp", "bollard", "sign"):
        x = setting.street.kerb_right + 0.6 if x > 0 else setting.street.kerb_left - 0.6
    heading = 0.0 if x < 0 else np.pi
    if kind == "bench":
        heading = np.pi / 2 if x > 0 else -np.pi / 2
    crowd.add(None, furniture.furniture(rng, kind), Pose(x, y, heading))


def random_things(setting: Setting, rng: np.random.Generator) -> list[Thing]:
    """What stands and moves in a setting: nothing at all in one of fourteen, a crowd in one of ten."""
    crowd = _Crowd(setting, rng)
    for _ in range(int(rng.integers(0, 8))):
        _add_furniture(crowd, setting, rng)
    mood = rng.random()
    if mood < 0.07:
        return crowd.things
    richness = rng.uniform(0.4, 1.6)
    counts = {kind: int(rng.poisson(mean * richness)) for kind, mean in _MEANS.items()}
    if mood > 0.9:
        counts[ObjectClass.PERSON] += int(rng.integers(8, 22))
    for _ in range(counts[ObjectClass.STALL]):
        _add_stall(crowd, rng)
    for _ in range(counts[ObjectClass.VEHICLE]):
        _add_vehicle(crowd, setting, rng)
    for _ in range(counts[ObjectClass.GARBAGE]):
        _add_garbage(crowd, rng)
    for _ in range(counts[ObjectClass.TWO_WHEELER]):
        _add_two_wheeler(crowd, rng)
    for _ in range(counts[ObjectClass.PERSON]):
        _add_person(crowd, rng)
    return crowd.things
