"""The members of streams (车流、人流), resolved once: who enters when, and how far along the path it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.language.cast import ActorKind, Pedestrians, Stream, Traffic
from scenarios.world.course import Course
from scenarios.world.lane import LINE_M, Driver, Hold, follow
from scenarios.world.route import Route
from scenarios.world.shapes import extent_for

VEHICLE_LOOKS = 16
"""Different looks of each kind in a stream; hours of traffic would otherwise need thousands of shapes."""
PERSON_LOOKS = 40

_TRAFFIC, _PEDESTRIANS = 11, 12  # keep the random numbers of the two kinds of streams apart


@dataclass(frozen=True, slots=True)
class Member:
    """One of a stream. ``stream`` names it in messages, for example ``traffic 1``."""

    stream: str
    kind: ActorKind
    seed: int
    route: Route
    aside: float
    course: Course

    @property
    def first(self) -> float:
        """Second at which it enters."""
        return self.course.times[0]

    @property
    def last(self) -> float:
        """Second at which it leaves."""
        return self.course.times[-1]


def traffic_members(streams: Sequence[Traffic], duration_s: float) -> list[Member]:
    """All vehicles of all lanes. Streams with the same path share a lane and queue behind one another."""
    lanes: dict[tuple[tuple[float, float], ...], list[tuple[int, Traffic]]] = {}
    for index, stream in enumerate(streams):
        lanes.setdefault(stream.path, []).append((index, stream))
    found: list[tuple[int, Member]] = []
    for path, sharing in lanes.items():
        route = Route(path)
        wanted = sorted(
            (entry for index, stream in sharing for entry in _drivers(index, stream, route, duration_s)),
            key=lambda entry: entry[1].enter_s,
        )
        courses = follow([driver for _, driver, _, _ in wanted], route.length)
        for (index, _, kind, seed), course in zip(wanted, courses, strict=True):
            if course.times[0] < _end(streams[index], duration_s):
                found.append((index, Member(f"traffic {index + 1}", kind, seed, route, 0.0, course)))
    found.sort(key=lambda entry: entry[0])
    return [member for _, member in found]


def pedestrian_members(streams: Sequence[Pedestrians], duration_s: float) -> list[Member]:
    """All people of all streams."""
    return [
        member
        for index, stream in enumerate(streams)
        for member in _walkers(index, stream, Route(stream.path), duration_s)
    ]


def _end(stream: Stream, duration_s: float) -> float:
    return duration_s if stream.to_s is None else min(stream.to_s, duration_s)


def _entries(stream: Stream, length: float, duration_s: float, rng: np.random.Generator) -> Iterator[float]:
    """When they enter. A stream that begins with the scenario is already under way then."""
    t = stream.from_s if stream.from_s > 0 else -length / stream.speed_mps[0]
    t += float(rng.uniform(0, stream.every_s[0]))
    end = _end(stream, duration_s)
    while t < end:
        yield t
        t += float(rng.uniform(*stream.every_s))


def _drivers(
    index: int, stream: Traffic, route: Route, duration_s: float
) -> Iterator[tuple[int, Driver, ActorKind, int]]:
    rng = np.random.default_rng((stream.seed, _TRAFFIC, index))
    for enter_s in _entries(stream, route.length, duration_s, rng):
        kind = stream.kinds[int(rng.integers(len(stream.kinds)))]
        seed = stream.seed + int(rng.integers(VEHICLE_LOOKS))
        speed = float(rng.uniform(*stream.speed_mps))
        half = 0.4 if kind is ActorKind.PERSON else extent_for(kind, seed)[1]
        holds: list[Hold] = []
        if stream.signal is not None:
            holds.append(Hold(max(0.0, stream.signal.stop_at_m - half - LINE_M), signal=stream.signal))
        if stream.halt is not None:
            holds.append(Hold(stream.halt.at_m, for_s=float(rng.uniform(*stream.halt.for_s))))
        yield index, Driver(enter_s, speed, half, tuple(holds)), kind, seed


def _walkers(index: int, stream: Pedestrians, route: Route, duration_s: float) -> Iterator[Member]:
    rng = np.random.default_rng((stream.seed, _PEDESTRIANS, index))
    for enter_s in _entries(stream, route.length, duration_s, rng):
        seed = stream.seed + int(rng.integers(PERSON_LOOKS))
        speed = float(rng.uniform(*stream.speed_mps))
        aside = float(rng.uniform(-0.5, 0.5)) * stream.width_m
        lingers = float(rng.random()) < stream.linger_share
        place, wait_s = route.length * float(rng.uniform(0.2, 0.8)), float(rng.uniform(*stream.linger_s))
        holds = (Hold(place, for_s=wait_s),) if lingers else ()
        (course,) = follow([Driver(enter_s, speed, 0.25, holds)], route.length)
        yield Member(f"pedestrians {index + 1}", ActorKind.PERSON, seed, route, aside, course)
