"""The junction clip: one car stops where it must not, among traffic, walkers and cars in marked bays.

Traffic keeps right: x > 0 drives away (+y), x < 0 comes towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Polygon
from scenarios.language.claims import Innocence
from scenarios.motion import Path, Track, curve, drive, standing
from scenarios.plan import (
    FPS,
    Cast,
    Plan,
    aim,
    contains,
    decoy,
    ground_zone,
    true_problem,
    truth_zone,
    whole_box,
)
from scenarios.scene import vehicles
from scenarios.scene.camera import Camera, Floats
from scenarios.scene.light import random_light
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose
from scenarios.scene.street import Street
from scenarios.truth import TrueDecoy, TruthZone

_LANE_X = 1.6
_STRIP_X = 4.45  # middle of the kerb lane, where cars park
_KERB_X = 5.6
_FAR_Y, _NEAR_Y = 84.0, -9.0
_BAY_M = 5.8


@dataclass(frozen=True)
class _Layout:
    """Where things are. ``side`` is the side of the no-stopping zone (+1 right), ``bay_side`` that of the bays."""

    side: int
    car_y: float
    bay_side: int
    bay_y: float
    crossing: float
    camera: Camera
    street: Street

    def bay_centre(self, index: int) -> tuple[float, float]:
        return self.bay_side * _STRIP_X, self.bay_y + _BAY_M * (index + 0.5)


def _layout(rng: np.random.Generator, seed: int) -> _Layout:
    side = 1 if rng.random() < 0.5 else -1
    car_y = rng.uniform(13.0, 16.5)
    bay_side = side if rng.random() < 0.4 else -side
    bay_y = car_y + 8.5 if bay_side == side else rng.uniform(14.0, 18.0)
    crossing = bay_y + 3 * _BAY_M + 3.0
    opposite = rng.random() < 0.65
    x = side * (rng.uniform(-7.5, -2.0) if opposite else rng.uniform(6.4, 8.0))
    target = (side * rng.uniform(0.5, 2.0), car_y + rng.uniform(2.0, 4.0))
    camera = aim(x, 0.0, rng.uniform(5.6, 8.6), target, rng.uniform(450, 570), float(rng.normal(0, 0.012)))
    bays = tuple(
        (bay_side * 3.35, bay_y + _BAY_M * k, bay_side * _KERB_X, bay_y + _BAY_M * (k + 1)) for k in range(3)
    )
    street = Street(
        kerb_left=-_KERB_X,
        kerb_right=_KERB_X,
        wall_left=-_KERB_X - rng.uniform(3.2, 5.5),
        wall_right=_KERB_X + rng.uniform(3.2, 5.5),
        bays=bays,
        crossing=crossing,
        side_street=(crossing + 5.0, crossing + 12.0),
        no_stopping_line=(side * (_KERB_X - 0.3), car_y - 6.0, car_y + 6.5),
        tactile=bool(rng.random() < 0.6),
        seed=seed,
    )
    return _Layout(side, car_y, bay_side, bay_y, crossing, camera, street)


def _lane_path(side: int) -> Path:
    ys = (_NEAR_Y, _FAR_Y) if side > 0 else (_FAR_Y, _NEAR_Y)
    return Path(np.array([(side * _LANE_X, y) for y in ys]))


def _into_kerb(side: int, place: tuple[float, float], leave: bool, swing: float) -> tuple[Path, float]:
    """Path along the lane and into the kerb lane at ``place``; with ``leave`` out again.

    ``swing`` is how many metres before the place it leaves the lane. Gives the halt's distance too.
    """
    ahead = float(side)
    start = _NEAR_Y if side > 0 else _FAR_Y
    x = side * _LANE_X
    turn_in = curve((x, place[1] - ahead * swing), (place[0], place[1] - ahead * 2.5))
    pieces: list[Floats] = [np.array([[x, start]]), turn_in, np.array([place])]
    halt = Path(np.vstack(pieces)).length
    if leave:
        out = curve((place[0], place[1] + ahead * 1.0), (x, place[1] + ahead * 10.0))
        pieces += [out, np.array([[x, _FAR_Y if side > 0 else _NEAR_Y]])]
    return Path(np.vstack(pieces)), halt


def _park(
    side: int, place: tuple[float, float], settle_s: float, wait_s: float | None, speed: float, swing: float = 12.0
) -> tuple[Track, float]:
    """A car that drives up and stands at ``place`` from about ``settle_s``."""
    path, halt = _into_kerb(side, place, wait_s is not None, swing)
    _, needed = drive(path, 0.0, speed, halt, None)
    return drive(path, settle_s - needed, speed, halt, wait_s)


def _lanes(
    cast: Cast, layout: _Layout, guests: dict[int, list[tuple[Track, float]]], quiet_s: dict[int, float]
) -> None:
    """Traffic both ways; ``guests`` are cars that use a lane on their way to the kerb."""
    occluder = cast.rng.random() < 0.35
    kinds = ("sedan", "hatchback", "suv", "sedan", "van", "truck", "bus")
    for side in (1, -1):
        path = _lane_path(side)
        line = layout.crossing - 1.5 if side > 0 else layout.crossing + 4.5
        stop = line - _NEAR_Y - 3.0 if side > 0 else _FAR_Y - line - 3.0
        if occluder and side == layout.side:
            middle = layout.car_y * 0.85
            stop = middle - _NEAR_Y if side > 0 else _FAR_Y - middle
        cast.traffic(path, (4.0, 9.0), kinds, stop, guests.get(side, []), quiet_s.get(side))


def _walkers(cast: Cast, layout: _Layout) -> None:
    rng = cast.rng
    for side in (1, -1):
        wall = abs(layout.street.wall_right if side > 0 else layout.street.wall_left)
        start = -24.0
        while start < cast.frames / FPS - 4:
            x = side * rng.uniform(_KERB_X + 1.3, wall - 0.6)
            ends = [(x, 3.0), (x + rng.uniform(-0.3, 0.3), 46.0)]
            cast.walker(ends if rng.random() < 0.5 else ends[::-1], start)
            start += rng.uniform(8.0, 16.0)
    out = layout.side * (_KERB_X + 2.0)
    near, far = layout.car_y - 4.2, layout.car_y + 4.2
    edge = layout.side * 3.05
    for start in (rng.uniform(24, 34), rng.uniform(52, 66)):
        loop = [(out, near - 9), (out, near), (edge, near), (edge, far), (out, far), (out, far + 14)]
        cast.walker(loop if rng.random() < 0.5 else loop[::-1], float(start))


def _riders(cast: Cast) -> None:
    for _ in range(int(cast.rng.integers(1, 4))):
        cast.rider(3.15, (_NEAR_Y, 70.0))


def _furnish(cast: Cast, layout: _Layout) -> list[TrueDecoy]:
    """Bins and benches along the kerbs, then trees and lamps where they hide neither the zone nor the bays."""
    rng = cast.rng
    for side in (1, -1):
        x = side * (_KERB_X + 0.65)
        y = layout.car_y + 9.0 if side == layout.side else 15.0
        low, tall = rng.permutation(["bin", "bench", "sign", "bollard"]), rng.permutation(["tree", "lamp", "tree"])
        for kind in (*low, *tall):
            if kind in tall and side == layout.bay_side:
                y = max(y, layout.bay_y + 3 * _BAY_M + 2.0)
            heading = -side * np.pi / 2 if kind == "bench" else (0.0 if side < 0 else np.pi)
            cast.furniture(str(kind), Pose(x, y, heading))
            y += rng.uniform(3.0, 5.5)
    return [
        decoy("traffic", Innocence.PASSING, Category.PARKED_VEHICLE),
        decoy("pedestrian", Innocence.PASSING, Category.STATIC_OBJECT),
        decoy("furniture", Innocence.STREET_FURNITURE, Category.STATIC_OBJECT),
    ]


def _bay_cars(cast: Cast, layout: _Layout) -> tuple[list[TrueDecoy], tuple[Track, float], list[tuple[Mesh, Pose]]]:
    """A car in its bay from the start and one that arrives; gives what the lane must know about the latter."""
    rng = cast.rng
    first_reached = 0 if layout.bay_side > 0 else 2
    other = 2 - first_reached if rng.random() < 0.7 else 1
    heading = 0.0 if layout.bay_side > 0 else np.pi
    parked = vehicles.vehicle(rng, str(rng.choice(("sedan", "hatchback", "suv"))))
    place = layout.bay_centre(other)
    cast.rigid(ObjectClass.VEHICLE, parked, standing(Pose(*place, heading)))
    guest = vehicles.vehicle(rng, str(rng.choice(("sedan", "hatchback", "suv"))))
    own = layout.bay_centre(first_reached)
    swing = 8.0 if layout.bay_side == layout.side else 12.0
    track, settled_s = _park(layout.bay_side, own, rng.uniform(24, 44), None, 7.0, swing)
    cast.rigid(ObjectClass.VEHICLE, guest, track)
    decoys = [
        decoy("bay_car", Innocence.INSIDE_BAY, Category.PARKED_VEHICLE),
        decoy("bay_arrival", Innocence.INSIDE_BAY, Category.PARKED_VEHICLE, settled_s),
    ]
    return decoys, (track, 2 * guest.reach[1]), [(parked, Pose(*place, heading)), (guest, Pose(*own, heading))]


def _kerb_polygon(layout: _Layout) -> Polygon:
    side = layout.side
    return ground_zone(layout.camera, side * 3.1, side * (_KERB_X + 0.5), layout.car_y - 5.5, layout.car_y + 5.5)


def _zones(layout: _Layout) -> tuple[TruthZone, ...]:
    bay = layout.bay_side
    bays = ground_zone(
        layout.camera, bay * 3.2, bay * (_KERB_X + 0.2), layout.bay_y - 0.4, layout.bay_y + 3 * _BAY_M + 0.4
    )
    return (
        truth_zone("kerb", ZonePurpose.NO_STOPPING, _kerb_polygon(layout), Category.PARKED_VEHICLE),
        truth_zone("bays", ZonePurpose.PARKING_BAY, bays),
    )


def plan_junction(seed: int, attempt: int) -> Plan | None:
    """The plan of a junction clip; None where the problem would be badly seen and another attempt is due."""
    rng = np.random.default_rng((seed, 101, attempt))
    frames = int(rng.integers(80 * FPS, 100 * FPS + 1))
    layout = _layout(rng, seed)
    light = random_light(rng, (0.55, 0.35, 0.10, 0.0))
    cast = Cast(rng, frames)
    car = vehicles.vehicle(rng, str(rng.choice(("sedan", "hatchback", "suv", "van"))))
    place = (layout.side * _STRIP_X, layout.car_y)
    settle = rng.uniform(8.5, 14.5)
    end_s = frames / FPS - rng.uniform(5, 9) if rng.random() < 0.25 else None
    track, start_s = _park(
        layout.side, place, settle, None if end_s is None else end_s - settle, rng.uniform(6.5, 8.0)
    )
    wrong = cast.rigid(ObjectClass.VEHICLE, car, track)
    decoys, guest, bay_places = _bay_cars(cast, layout)
    guests = {layout.side: [(track, 2 * car.reach[1])]}
    guests.setdefault(layout.bay_side, []).append(guest)
    _lanes(cast, layout, guests, {} if end_s is None else {layout.side: end_s - 11.0})
    _walkers(cast, layout)
    _riders(cast)
    decoys += _furnish(cast, layout)
    kerb = _kerb_polygon(layout)
    pose = Pose(*place, 0.0 if layout.side > 0 else np.pi)
    box = whole_box(car, pose, layout.camera, light)
    if box is None or box[2] - box[0] < 0.06 or not contains(kerb, (box[0] + box[2]) / 2, box[3]):
        return None
    for mesh, bay_pose in bay_places:
        bay_box = whole_box(mesh, bay_pose, layout.camera, light)
        if bay_box is None or contains(kerb, (bay_box[0] + bay_box[2]) / 2, bay_box[3]):
            return None
    problem = true_problem("junction", "wrong_car", Category.PARKED_VEHICLE, "kerb", box, start_s, end_s)
    return Plan(
        view="junction",
        seed=seed,
        frames=frames,
        street=layout.street,
        camera=layout.camera,
        light=light,
        actors=tuple(cast.actors),
        zones=_zones(layout),
        problems=(problem,),
        decoys=tuple(decoys),
        problem_actors=(wrong.number,),
    )
