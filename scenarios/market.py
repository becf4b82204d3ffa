"""The market clip: a vendor sets up on the pavement, somebody dumps a bag, everyone else is innocent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Polygon
from scenarios.actors import Rigid, Vendor, Walker
from scenarios.language.claims import Innocence
from scenarios.motion import STEP_S, Path, Track, drive, standing, walk
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
from scenarios.scene import garbage, people, stalls
from scenarios.scene.camera import Camera, Floats
from scenarios.scene.light import Light, random_light
from scenarios.scene.mesh import Mesh, MeshBuilder
from scenarios.scene.raster import Pose
from scenarios.scene.street import Street
from scenarios.truth import TrueProblem

_KERB_X = 3.5
_LANE_X = 1.7
_FAR_Y, _NEAR_Y = 80.0, -9.0
_ZONE = "pavement"


@dataclass(frozen=True)
class _Layout:
    """Where things are. ``side`` is the side of the wide pavement, ``wall`` its house line (positive metres).

    ``inner`` (x of the stall and the bag) and ``aisle`` (from, to: where people walk) are positive metres too.
    """

    side: int
    wall: float
    at_wall: bool
    line: float
    aisle: tuple[float, float]
    stall_y: float
    bag_y: float
    camera: Camera
    street: Street


def _layout(rng: np.random.Generator, seed: int) -> _Layout:
    side = 1 if rng.random() < 0.5 else -1
    wall = _KERB_X + rng.uniform(5.8, 7.5)
    at_wall = bool(rng.random() < 0.5)
    line = wall - 2.0 if at_wall else _KERB_X + 1.9
    aisle = (_KERB_X + 1.4, wall - 3.3) if at_wall else (_KERB_X + 3.4, wall - 0.6)
    stall_y = rng.uniform(10.0, 13.5)
    bag_y = stall_y + (rng.uniform(3.6, 5.5) if rng.random() < 0.5 else -rng.uniform(3.2, 3.9))
    opposite = rng.random() < 0.6
    x = side * (rng.uniform(-4.5, 0.0) if opposite else rng.uniform(wall - 2.5, wall - 0.8))
    aim_x = side * (rng.uniform(4.0, 5.5) if opposite else rng.uniform(3.5, 5.0))
    target = (aim_x, (stall_y + bag_y) / 2 + rng.uniform(0.5, 2.0))
    camera = aim(x, 0.0, rng.uniform(4.6, 6.6), target, rng.uniform(430, 540), float(rng.normal(0, 0.012)))
    narrow = _KERB_X + rng.uniform(2.4, 3.4)
    street = Street(
        kerb_left=-_KERB_X,
        kerb_right=_KERB_X,
        wall_left=-(wall if side < 0 else narrow),
        wall_right=wall if side > 0 else narrow,
        crossing=float(rng.uniform(24, 30)) if rng.random() < 0.5 else None,
        tactile=bool(rng.random() < 0.5),
        seed=seed + 500_000,
    )
    return _Layout(side, wall, at_wall, line, aisle, stall_y, bag_y, camera, street)


def _crates(rng: np.random.Generator) -> Mesh:
    """What a vendor unpacks: a small stack of crates and a folded table."""
    m = MeshBuilder()
    m.box((0, 0, 0), (0.5, 0.4, 0.28), (70, 110, 150))
    m.box((0.03, 0.02, 0.28), (0.48, 0.38, 0.28), (150, 110, 60), layer=1)
    m.box((-0.45, 0, 0), (0.08, 0.9, 0.7), (190, 190, 188))
    return m.build()


def _turned(track: Track, heading: float) -> Track:
    """The track with a second and a half at its end in which the thing turns to ``heading`` on the spot."""
    last = track.rows[-1]
    delta = (heading - last[2] + np.pi) % (2 * np.pi) - np.pi
    turn: Floats = np.tile(last, (15, 1))
    turn[:, 2] = last[2] + delta * np.linspace(1 / 15, 1, 15)
    turn[:, 3] = last[3] + np.linspace(0.001, 0.01, 15)
    return Track(track.first, np.vstack([track.rows, turn]), stays=True)


def _held(track: Track, heading: float) -> Track:
    """The track that ends in standing still with a given heading."""
    rows = np.vstack([track.rows, [*track.rows[-1, :2], heading, track.rows[-1, 3]]])
    return Track(track.first, rows, stays=True)


def _vendor(cast: Cast, layout: _Layout) -> tuple[Rigid, Pose, float]:
    """The vendor and the stall; gives the stall, where it stands and from which second."""
    rng, side = cast.rng, layout.side
    kind = str(rng.choice(stalls.KINDS, p=(0.34, 0.26, 0.18, 0.08, 0.14)))
    mesh = stalls.stall(rng, kind)
    faces_road = layout.at_wall
    towards = -side if faces_road else side
    heading = float(rng.choice((0.0, np.pi))) if kind == "tricycle" else towards * np.pi / 2
    pose = Pose(side * layout.line, layout.stall_y, heading)
    depth = mesh.reach[0] if kind == "tricycle" else mesh.reach[1]
    post = (pose.x - towards * (depth + 0.5), layout.stall_y + rng.uniform(-0.3, 0.3))
    come_from = layout.stall_y + (24.0 if rng.random() < 0.6 else -13.0)
    aisle = side * sum(layout.aisle) / 2
    way = [(aisle, come_from), (aisle, layout.stall_y + np.sign(come_from - layout.stall_y) * 2.5)]
    look = people.random_look(rng, apron=True)
    settle = rng.uniform(8.0, 14.0)
    if kind in ("cart", "tricycle"):
        path = Path(np.array([*way, (pose.x, pose.y)]))
        _, needed = drive(path, 0.0, 1.25, path.length, None)
        rolled, _ = drive(path, settle - needed - 1.5, 1.25, path.length, None)
        stall_track = _turned(rolled, heading)
        start_s = (stall_track.first + len(stall_track.rows)) * STEP_S
        arrival = walk(
            [(way[0][0], way[0][1] + np.sign(come_from) * 1.6), way[1], post], settle - needed - 1.5, 1.25, {}
        )
    else:
        arrival = walk([*way, post], 0.0, 1.35, {})
        needed = len(arrival.rows) * STEP_S
        arrival = walk([*way, post], settle - 4.0 - needed, 1.35, {})
        ready = round(settle * FPS)
        cast.rigid(None, _crates(rng), standing(pose, ready - 34, ready))
        stall_track, start_s = standing(pose, ready), ready / FPS
    actor = cast.rigid(ObjectClass.STALL, mesh, stall_track)
    face = float(np.arctan2(pose.x - post[0], pose.y - post[1]))
    track = _held(arrival, face)
    works = max(track.first + len(track.rows), round(start_s * FPS))
    cast.actors.append(Vendor(cast.number(), look, track, works))
    front = (pose.x + towards * (depth + 0.85), pose.y + rng.uniform(-0.4, 0.4))
    for k in range(int(rng.integers(1, 3))):
        begin = start_s + rng.uniform(6, 16) + 26 * k
        cast.walker(
            [(aisle, 2.0), (aisle, pose.y - 1.5), front, (aisle, pose.y + 3), (aisle, 40.0)],
            begin,
            {2: rng.uniform(6, 11)},
        )
    return actor, pose, start_s


def _dumper(cast: Cast, layout: _Layout) -> tuple[Rigid, Pose, float]:
    """A person who carries a bag, puts it down and goes away; gives the bag, its place and the second."""
    rng, side = cast.rng, layout.side
    colour = garbage.bag_colour(rng)
    m = MeshBuilder()
    garbage.add_bag(m, rng, (0.0, 0.0), rng.uniform(0.66, 0.86), colour)
    if rng.random() < 0.4:
        garbage.add_bag(m, rng, (0.5, 0.2), rng.uniform(0.45, 0.6), colour)
    mesh = m.build()
    x = side * (layout.wall - 0.9 if layout.at_wall else _KERB_X + 1.0)
    pose = Pose(x, layout.bag_y, float(rng.uniform(0, 6)))
    aisle = side * sum(layout.aisle) / 2
    stand = (x + (aisle - x) * 0.5 / max(0.5, abs(aisle - x)), layout.bag_y - 0.5)
    begin, end = ((aisle, 40.0), (aisle, 2.0)) if rng.random() < 0.5 else ((aisle, 2.0), (aisle, 40.0))
    way = [begin, (aisle, layout.bag_y - np.sign(end[1] - begin[1]) * 1.5), stand]
    arrive = walk(way, 0.0, 1.3, {})
    needed = len(arrive.rows) * STEP_S
    at_s = rng.uniform(16, 30)
    track = walk(
        [*way, (aisle, layout.bag_y + np.sign(end[1] - begin[1]) * 1.5), end], at_s - needed, 1.3, {2: 2.0}
    )
    drop = round((at_s + 0.9) * FPS)
    cast.actors.append(Walker(cast.number(), people.random_look(rng), track, colour, drop))
    actor = cast.rigid(ObjectClass.GARBAGE, mesh, standing(pose, drop))
    return actor, pose, drop / FPS


def _passers(cast: Cast, layout: _Layout) -> None:
    """Walkers on both pavements, some of whom stand still for a few seconds."""
    rng, side = cast.rng, layout.side
    start = -20.0
    while start < cast.frames / FPS - 4:
        x = side * rng.uniform(*layout.aisle)
        ends = [(x, 1.5), (x, rng.uniform(8, 20)), (side * rng.uniform(*layout.aisle), 42.0)]
        pause = {1: rng.uniform(3.0, 7.0)} if rng.random() < 0.3 else {}
        cast.walker(ends if rng.random() < 0.5 else ends[::-1], start, pause)
        start += rng.uniform(5.0, 10.0)
    for _ in range(3):
        x = -side * (_KERB_X + 1.3)
        cast.walker([(x, 40.0), (x, 2.0)], float(rng.uniform(-20, cast.frames / FPS - 10)))


def _roads(cast: Cast, layout: _Layout) -> None:
    """Traffic both ways and a two-wheeler or two; in some clips a bus halts before the pavement for seconds."""
    rng = cast.rng
    halts = rng.random() < 0.35
    for side in (1, -1):
        path = Path(
            np.array([(side * _LANE_X, y) for y in ((_NEAR_Y, _FAR_Y) if side > 0 else (_FAR_Y, _NEAR_Y))])
        )
        stop = None
        if halts and side == layout.side:
            stop = layout.stall_y - 2 - _NEAR_Y if side > 0 else _FAR_Y - layout.stall_y + 2
        kinds = ("sedan", "hatchback", "suv", "van", "bus" if halts else "truck")
        cast.traffic(path, (6.0, 13.0), kinds, stop, [], None)
    for _ in range(int(rng.integers(1, 3))):
        cast.rider(3.2, (_NEAR_Y, 70.0))


def _furnish(cast: Cast, layout: _Layout) -> None:
    """Bins, benches and trees on the pavement, clear of the stall, the bag and the aisle."""
    rng, side = cast.rng, layout.side
    taken = [] if layout.at_wall else [layout.stall_y, layout.bag_y]
    y = 6.0
    low = rng.permutation(["bin", "bench", "bin", "bollard", "planter"]).tolist()
    for kind in (*low, "tree", "lamp", "tree"):
        while any(abs(y - other) < 2.4 for other in taken):
            y += 0.8
        tall = kind in ("tree", "lamp")
        y = max(y, max(layout.stall_y, layout.bag_y) + 4.0) if tall else y
        heading = side * np.pi / 2 if kind == "bench" else (0.0 if side < 0 else np.pi)
        cast.furniture(kind, Pose(side * (_KERB_X + 0.55), y, heading))
        y += rng.uniform(2.4, 4.4)
    for y in (rng.uniform(16, 20), rng.uniform(23, 30)):
        cast.furniture(str(rng.choice(("tree", "bin", "lamp"))), Pose(-side * (_KERB_X + 0.6), float(y)))


def _problem(
    name: str,
    category: Category,
    start_s: float,
    mesh: Mesh,
    pose: Pose,
    layout: _Layout,
    light: Light,
    zone: Polygon,
    least_width: float,
) -> TrueProblem | None:
    """The truth of one problem; None where it is cut off, too small or outside its zone."""
    box = whole_box(mesh, pose, layout.camera, light)
    if box is None or box[2] - box[0] < least_width:
        return None
    if not contains(zone, (box[0] + box[2]) / 2, box[3] - 0.003):
        return None
    return true_problem("market", name, category, _ZONE, box, start_s)


def plan_market(seed: int, attempt: int) -> Plan | None:
    """The plan of a market clip; None where a problem would be badly seen and another attempt is due."""
    rng = np.random.default_rng((seed, 202, attempt))
    frames = int(rng.integers(80 * FPS, 100 * FPS + 1))
    layout = _layout(rng, seed)
    light = random_light(rng, (0.55, 0.35, 0.10, 0.0))
    cast = Cast(rng, frames)
    stall, stall_pose, stall_s = _vendor(cast, layout)
    bag, bag_pose, bag_s = _dumper(cast, layout)
    _passers(cast, layout)
    _roads(cast, layout)
    _furnish(cast, layout)
    side = layout.side
    polygon = ground_zone(layout.camera, side * (_KERB_X + 0.1), side * layout.wall, 3.5, 24.0)
    if len(polygon) < 3:
        return None
    first = _problem(
        "vendor", Category.STREET_VENDOR, stall_s, stall.mesh, stall_pose, layout, light, polygon, 0.06
    )
    second = _problem("bag", Category.GARBAGE, bag_s, bag.mesh, bag_pose, layout, light, polygon, 0.034)
    if first is None or second is None:
        return None
    decoys = [
        decoy("pedestrian", Innocence.PASSING, Category.STREET_VENDOR),
        decoy("two_wheeler", Innocence.PASSING, Category.PARKED_TWO_WHEELER),
        decoy("traffic", Innocence.PASSING, Category.PARKED_VEHICLE),
        decoy("furniture", Innocence.STREET_FURNITURE, Category.GARBAGE),
        decoy("customer", Innocence.WAITING_PEOPLE, Category.STREET_VENDOR),
    ]
    zone = truth_zone(_ZONE, ZonePurpose.PAVEMENT, polygon, Category.STREET_VENDOR, Category.GARBAGE)
    return Plan(
        view="market",
        seed=seed,
        frames=frames,
        street=layout.street,
        camera=layout.camera,
        light=light,
        actors=tuple(cast.actors),
        zones=(zone,),
        problems=(first, second),
        decoys=tuple(decoys),
        problem_actors=(stall.number, bag.number),
    )
