"""The shape of every kind of actor: meshes by kind and seed, their extents and the corners of their outlines."""

from __future__ import annotations

import math
import zlib
from dataclasses import replace
from functools import lru_cache

import numpy as np

from scenarios.language.cast import ActorKind, Posture
from scenarios.scene import bulky, furniture, garbage, people, stalls, vehicles, wheelers
from scenarios.scene.camera import Floats
from scenarios.scene.mesh import Mesh
from scenarios.world.crates import crate
from scenarios.world.presence import Presence

_CARS = ("sedan", "hatchback", "suv")
_RIDDEN = frozenset({ActorKind.BICYCLE, ActorKind.MOPED})
_GAITS = 16  # gait pictures kept for each person and turn of two steps
_STEP_M = 0.72
_REST = 0.4  # phase of a person who stands


def mesh_for(
    kind: ActorKind, seed: int, *, posture: Posture = Posture.STAND, phase: float = 0.0, moving: bool = False
) -> Mesh:
    """The shape at size 1, standing at the origin and looking along +y; the same object for the same arguments.

    ``phase`` (radians, a full turn is two steps) is a walker's gait or a vendor's work. ``moving`` lets a person
    stride and puts a rider on a two-wheeler. Raises ValueError for a cutout, which has a picture and no shape.
    """
    if kind is ActorKind.CUTOUT:
        raise ValueError("kind 'cutout' has no mesh; draw its picture at the extent of its presence")
    if kind is not ActorKind.PERSON:
        return _rigid(kind, seed, moving and kind in _RIDDEN)
    serves = posture is Posture.SERVE and not moving
    if not moving and not serves:
        return _person(seed, posture, -1, False)
    return _person(seed, posture, round(phase / (2 * math.pi) * _GAITS) % _GAITS, moving)


def mesh_of(presence: Presence, t: float = 0.0) -> Mesh:
    """The shape of something on the street in its size, gait and posture at second ``t``."""
    walks = presence.moving or presence.posture is not Posture.SERVE
    phase = gait(presence.travelled) if walks else t * 2.2
    moving = presence.moving or presence.ridden
    mesh = mesh_for(presence.kind, presence.seed, posture=presence.posture, phase=phase, moving=moving)
    return mesh if presence.size == 1.0 else scaled(mesh, presence.size)


def gait(travelled: float) -> float:
    """Phase of a walk in radians after so many metres."""
    return travelled / _STEP_M * math.pi


def scaled(mesh: Mesh, size: float) -> Mesh:
    """The shape grown evenly by a factor."""
    lamps = mesh.lamps.copy()
    lamps[:, :3] *= size
    return replace(
        mesh,
        points=mesh.points * size,
        anchors=mesh.anchors * size,
        capsules=mesh.capsules * size,
        parts=tuple(part * size for part in mesh.parts),
        lamps=lamps,
        reach=(mesh.reach[0] * size, mesh.reach[1] * size),
        tall=mesh.tall * size,
    )


@lru_cache(maxsize=4096)
def extent_for(kind: ActorKind, seed: int) -> tuple[float, float, float]:
    """Half width (x), half length (y) and height in metres at size 1, without a rider."""
    mesh = mesh_for(kind, seed)
    return mesh.reach[0], mesh.reach[1], mesh.tall


@lru_cache(maxsize=2048)
def outline_for(
    kind: ActorKind, seed: int, posture: Posture, gait_step: int, moving: bool
) -> tuple[Floats, Floats]:
    """Points (N, 3) whose discs of radius (N,) metres span the outline of a shape; see :func:`outline_of`."""
    mesh = mesh_for(kind, seed, posture=posture, phase=gait_step * 2 * math.pi / _GAITS, moving=moving)
    corners = np.unique(np.round(mesh.points, 4), axis=0)
    limbs = mesh.capsules
    points = np.vstack([corners, limbs[:, :3], limbs[:, 3:6]])
    return points, np.concatenate([np.zeros(len(corners)), limbs[:, 6], limbs[:, 7]])


def outline_of(presence: Presence) -> tuple[Floats, Floats]:
    """Points (N, 3) in the object's frame and the radii (N,) of the round limbs that end there, metres."""
    walks = presence.kind is ActorKind.PERSON and presence.moving
    step = round(gait(presence.travelled) / (2 * math.pi) * _GAITS) % _GAITS if walks else 0
    moving = presence.moving or presence.ridden
    points, radii = outline_for(presence.kind, presence.seed, presence.posture, step, moving)
    return (points, radii) if presence.size == 1.0 else (points * presence.size, radii * presence.size)


def _random(kind: ActorKind, seed: int) -> np.random.Generator:
    return np.random.default_rng((seed, zlib.crc32(kind.value.encode())))


@lru_cache(maxsize=2048)
def _person(seed: int, posture: Posture, gait_step: int, moving: bool) -> Mesh:
    look = _look(seed, posture)
    if gait_step < 0:
        return people.walking(look, _REST, 0.12)
    phase = gait_step * 2 * math.pi / _GAITS
    return people.walking(look, phase) if moving else people.serving(look, phase)


@lru_cache(maxsize=2048)
def _look(seed: int, posture: Posture) -> people.Look:
    return people.random_look(_random(ActorKind.PERSON, seed), apron=posture is Posture.SERVE)


@lru_cache(maxsize=1024)
def _rigid(kind: ActorKind, seed: int, ridden: bool) -> Mesh:
    rng = _random(kind, seed)
    match kind:
        case ActorKind.CAR:
            return vehicles.vehicle(rng, _CARS[int(rng.integers(len(_CARS)))])
        case ActorKind.VAN | ActorKind.TRUCK | ActorKind.BUS:
            return vehicles.vehicle(rng, kind.value)
        case ActorKind.BICYCLE | ActorKind.MOPED:
            rider = people.random_look(np.random.default_rng((seed, 7))) if ridden else None
            return wheelers.bicycle(rng, rider) if kind is ActorKind.BICYCLE else wheelers.moped(rng, rider)
        case ActorKind.BAG:
            return garbage.single_bag(rng)
        case ActorKind.HEAP:
            return garbage.heap(rng)
        case ActorKind.CARTONS:
            return garbage.cartons(rng)
        case ActorKind.CRATE:
            return crate(rng)
        case ActorKind.FRIDGE | ActorKind.SOFA | ActorKind.PLANKS:
            return bulky.bulky(rng, kind.value)
        case (
            ActorKind.STALL_TABLE
            | ActorKind.STALL_PARASOL
            | ActorKind.STALL_CART
            | ActorKind.STALL_TRICYCLE
            | ActorKind.STALL_BLANKET
        ):
            return stalls.stall(rng, kind.value.removeprefix("stall_"))
        case _:
            return furniture.furniture(rng, kind.value)
