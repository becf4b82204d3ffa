"""A scenario's timeline, resolved: who is where at any second, and in what weather."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import cv2

from ingest.taxonomy import ObjectClass
from scenarios.language.cast import Actor, ActorKind, Posture, class_of
from scenarios.language.scenario import Scenario
from scenarios.world.members import Member, pedestrian_members, traffic_members
from scenarios.world.presence import Presence
from scenarios.world.tracks import ActorTrack, Spot, Stand
from scenarios.world.weather import Shadow, Weather, of_camera, weather_at

__all__ = ["Presence", "Shadow", "Stand", "Weather", "World"]

_BUCKET_S = 20.0


class World:
    """What happens in a scenario; two worlds of equal scenarios are equal in every number.

    Construction resolves all streams. Raises ValueError for a cutout whose picture cannot be read.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._actors = [(actor, ActorTrack(actor, scenario.duration_s)) for actor in scenario.actors]
        self._by_id = {actor.id: index for index, (actor, _) in enumerate(self._actors)}
        self._billboards = [_billboard(actor) for actor in scenario.actors]
        self._members = [
            *traffic_members(scenario.traffic, scenario.duration_s),
            *pedestrian_members(scenario.pedestrians, scenario.duration_s),
        ]
        spans = [(track.first, track.last) for _, track in self._actors]
        spans += [(member.first, member.last) for member in self._members]
        self._buckets = _bucketed(spans, scenario.duration_s)
        self._conditions = {
            camera.name: of_camera(scenario.conditions, camera.name) for camera in scenario.cameras
        }

    @property
    def members(self) -> tuple[Member, ...]:
        """All members of all streams, in the order of their numbers."""
        return tuple(self._members)

    def present(self, t: float) -> list[Presence]:
        """Everything on the street at ``t``: the actors in the scenario's order, then the streams' members."""
        found: list[Presence] = []
        bucket = min(max(int(t // _BUCKET_S), 0), len(self._buckets) - 1)
        for index in self._buckets[bucket]:
            presence = self._presence(index, t)
            if presence is not None:
                found.append(presence)
        return found

    def weather(self, t: float, camera: str) -> Weather:
        """What the camera of that name has to cope with at ``t``; raises KeyError for an unknown name."""
        return weather_at(self._conditions[camera], t)

    def stands(self, actor: str) -> list[Stand]:
        """Every time an actor of that id stays at one place, in order; raises KeyError for an unknown id."""
        return self._actors[self._by_id[actor]][1].stands()

    def standing(self, actor: str, spot: Spot) -> Presence:
        """The presence of an actor that stands at a spot of its own."""
        return self._actor_at(self._by_id[actor], spot)

    def member_stands(self) -> Iterator[tuple[Member, float, float, Presence]]:
        """Every stand of every stream's member: from second, to second, and how it stands."""
        for index, member in enumerate(self._members):
            for from_s, to_s in member.course.halts():
                presence = self._member_at(len(self._actors) + index + 1, member, (from_s + to_s) / 2)
                if presence is not None:
                    yield member, from_s, to_s, presence

    def _presence(self, index: int, t: float) -> Presence | None:
        count = len(self._actors)
        if index >= count:
            return self._member_at(index + 1, self._members[index - count], t)
        spot = self._actors[index][1].at(t)
        return None if spot is None else self._actor_at(index, spot)

    def _actor_at(self, index: int, spot: Spot) -> Presence:
        actor = self._actors[index][0]
        return Presence(
            number=index + 1,
            actor=actor.id,
            kind=actor.kind,
            object_class=actor.classed,
            x=spot.x,
            y=spot.y,
            heading=spot.heading,
            size=spot.size,
            moving=spot.moving,
            travelled=spot.travelled,
            seed=actor.seed,
            posture=actor.posture,
            ridden=spot.moving and actor.classed is ObjectClass.TWO_WHEELER,
            billboard=self._billboards[index],
        )

    def _member_at(self, number: int, member: Member, t: float) -> Presence | None:
        if not member.first <= t < member.last:
            return None
        travelled = member.course.at(t)
        x, y, heading = member.route.place(travelled, member.aside)
        kind = class_of(member.kind)
        return Presence(
            number=number,
            actor=None,
            kind=member.kind,
            object_class=kind,
            x=x,
            y=y,
            heading=heading,
            size=1.0,
            moving=member.course.moves(t),
            travelled=travelled,
            seed=member.seed,
            posture=Posture.STAND,
            ridden=kind is ObjectClass.TWO_WHEELER,
        )


def _bucketed(spans: list[tuple[float, float]], duration_s: float) -> list[list[int]]:
    """For each stretch of time the indices of who is there at some moment of it, in order."""
    buckets: list[list[int]] = [[] for _ in range(int(duration_s // _BUCKET_S) + 1)]
    for index, (first, last) in enumerate(spans):
        begin, end = max(int(first // _BUCKET_S), 0), min(int(last // _BUCKET_S), len(buckets) - 1)
        for bucket in range(begin, end + 1):
            buckets[bucket].append(index)
    return buckets


def _billboard(actor: Actor) -> tuple[float, float] | None:
    """Width and height of a cutout in metres, from its height and its picture's sides."""
    if actor.kind is not ActorKind.CUTOUT or actor.picture is None or actor.tall_m is None:
        return None
    wide, tall = _picture_size(actor.picture)
    return actor.tall_m * wide / tall, actor.tall_m


@lru_cache(maxsize=1024)
def _picture_size(path: Path) -> tuple[int, int]:
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError(f"picture {path}: cannot be read; give a PNG file that exists")
    return picture.shape[1], picture.shape[0]
