"""Everyone on the street as things to draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ingest.taxonomy import ObjectClass
from scenarios.language.cast import ActorKind
from scenarios.language.claims import MustNot, Problem
from scenarios.language.scenario import Scenario
from scenarios.makers.billboards import billboard_mesh, facing
from scenarios.makers.stage import Cutout
from scenarios.scene.camera import Camera, Image
from scenarios.scene.compose import Thing
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose
from scenarios.world.presence import Presence
from scenarios.world.shapes import mesh_of

_MOTORED = frozenset({ActorKind.CAR, ActorKind.VAN, ActorKind.TRUCK, ActorKind.BUS, ActorKind.MOPED})


class Company:
    """Turns presences into things.

    Args:
        scenario: Whose claims say which things without a class of their own belong to the truth.
        works: Whether people who serve move their hands; else they hold still and are drawn once.
        pictures: The cutouts' pictures by actor.
    """

    def __init__(self, scenario: Scenario, *, works: bool, pictures: Mapping[str, Image]) -> None:
        claims: tuple[Problem | MustNot, ...] = (*scenario.problems, *scenario.must_not)
        self._claimed = {name for claim in claims for name in claim.actors}
        self._works = works
        self._pictures = pictures
        self._sized: dict[int, tuple[float, Mesh]] = {}

    def things(self, present: Iterable[Presence], t: float, camera: Camera) -> list[Thing]:
        """The things on the street at ``t``. What stands still in its last size is the same object each time."""
        return [self._thing(presence, t, camera) for presence in present]

    def cutouts(self, present: Iterable[Presence]) -> dict[int, Cutout]:
        """The pictures among them by number, in their present size."""
        return {
            one.number: Cutout(self._pictures[one.actor], one.billboard[0] * one.size, one.billboard[1] * one.size)
            for one in present
            if one.billboard is not None and one.actor is not None
        }

    def _thing(self, one: Presence, t: float, camera: Camera) -> Thing:
        grows = one.number in self._sized and self._sized[one.number][0] != one.size
        mesh = self._mesh(one, t)
        pose = Pose(one.x, one.y, one.heading) if one.billboard is None else facing(camera, one.x, one.y)
        return Thing(one.number, self._kind(one), mesh, pose, still=not one.moving and not grows)

    def _mesh(self, one: Presence, t: float) -> Mesh:
        if one.billboard is not None:
            return _slab(one.billboard[0] * one.size, one.billboard[1] * one.size)
        if one.size == 1.0 or one.moving:
            return mesh_of(one, t if self._works else 0.0)
        kept = self._sized.get(one.number)
        if kept is None or kept[0] != one.size:
            kept = (one.size, mesh_of(one, t if self._works else 0.0))
            self._sized[one.number] = kept
        return kept[1]

    def _kind(self, one: Presence) -> ObjectClass | None:
        if one.object_class is not ObjectClass.UNKNOWN or one.actor in self._claimed:
            return one.object_class
        return None


@lru_cache(maxsize=256)
def _slab(width_m: float, tall_m: float) -> Mesh:
    return billboard_mesh(width_m, tall_m)


def with_lights_on(present: Iterable[Presence]) -> frozenset[int]:
    """Numbers of vehicles that drive, or wait in traffic."""
    return frozenset(one.number for one in present if one.kind in _MOTORED and (one.moving or one.actor is None))


def street_lights(present: Iterable[Presence]) -> frozenset[int]:
    """Numbers of street lamps."""
    return frozenset(one.number for one in present if one.kind is ActorKind.LAMP)
