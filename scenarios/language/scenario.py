"""A whole scenario and the checks that its parts fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from ingest.messages import Utc
from ingest.taxonomy import Category
from scenarios.language.base import FORMAT, ConfigModel, Name, Seed, Span
from scenarios.language.cast import Actor, ActorKind, Pedestrians, Traffic
from scenarios.language.claims import Market, MustNot, Problem, Subject
from scenarios.language.conditions import Condition
from scenarios.language.sensors import Sensor
from scenarios.language.street import Camera, Scenery, SceneZone, Tier

Latitude = Annotated[float, Field(ge=-85, le=85)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
DEFAULT_START = datetime.fromisoformat("2026-03-02T02:00:00+00:00")


MAX_MEMBERS = 200_000
"""Of all streams together: they are resolved at once and kept in memory."""


class Scenario(ConfigModel):
    """Street, timeline and truth (场景).

    Times are seconds since ``starts_at`` (UTC); ``time_zone`` is what permitted hours are meant in. ``origin`` is the
    WGS-84 latitude and longitude of the street frame's (0, 0); +y points north. ``look_interval_s`` is how often the
    cameras are looked at. ``tiers`` are the ways in which it can become input.
    """

    format: Literal["kerbwatch-scenario/1"] = FORMAT
    name: Name
    family: Name = "single"
    seed: Seed = 0
    summary: Annotated[str, Field(max_length=400)] = ""
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)] = ("detections", "composed")
    starts_at: Utc = DEFAULT_START
    time_zone: str = "Asia/Shanghai"
    duration_s: Span
    look_interval_s: Annotated[float, Field(ge=0.1, le=600)] = 1.0
    origin: tuple[Annotated[float, Field(ge=-85, le=85)], Annotated[float, Field(ge=-180, le=180)]] = (
        31.2304,
        121.4737,
    )
    scenery: Scenery = Scenery()
    cameras: Annotated[tuple[Camera, ...], Field(max_length=32, alias="camera")] = ()
    zones: Annotated[tuple[SceneZone, ...], Field(max_length=64, alias="zone")] = ()
    actors: Annotated[tuple[Actor, ...], Field(max_length=2000, alias="actor")] = ()
    traffic: Annotated[tuple[Traffic, ...], Field(max_length=20)] = ()
    pedestrians: Annotated[tuple[Pedestrians, ...], Field(max_length=20)] = ()
    conditions: Annotated[tuple[Condition, ...], Field(max_length=500, alias="condition")] = ()
    sensors: Annotated[tuple[Sensor, ...], Field(max_length=200, alias="sensor")] = ()
    problems: Annotated[tuple[Problem, ...], Field(max_length=2000, alias="problem")] = ()
    markets: Annotated[tuple[Market, ...], Field(max_length=50, alias="market")] = ()
    must_not: Annotated[tuple[MustNot, ...], Field(max_length=2000)] = ()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder, an endless name
            raise ValueError("unknown time zone; give an IANA name, for example Asia/Shanghai") from error
        return value

    @field_validator("starts_at")
    @classmethod
    def _in_our_time(cls, value: datetime) -> datetime:
        if not 2000 <= value.year < 2100:
            raise ValueError("give a moment between the years 2000 and 2099")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Scenario:
        cameras = _unique("camera", (camera.name for camera in self.cameras))
        zones = _unique("zone", (zone.name for zone in self.zones))
        actors = _unique("actor", (actor.id for actor in self.actors))
        sensors = _unique("sensor", (sensor.name for sensor in self.sensors))
        problems = _unique("problem", (problem.id for problem in self.problems))
        _unique("problem or market", [*problems, *(market.id for market in self.markets)])
        _unique("must_not", (claim.id for claim in self.must_not))
        if not cameras and not sensors:
            raise ValueError("nothing looks: give at least one camera or sensor")
        for camera in self.cameras:
            _known(f"camera {camera.name!r} overlaps", camera.overlaps, cameras)
        for zone in self.zones:
            _known(f"zone {zone.name!r} camera", [zone.camera] if zone.camera else (), cameras)
        for condition in self.conditions:
            _known(f"condition {condition.kind} cameras", condition.cameras, cameras)
        claims: tuple[Problem | MustNot, ...] = (*self.problems, *self.must_not)
        for claim in claims:
            what = f"{type(claim).__name__.lower()} {claim.id!r}"
            _known(f"{what} actors", claim.actors, actors)
            _known(f"{what} zone", [claim.zone] if claim.zone else (), zones)
            _known(f"{what} sensor", [claim.sensor] if claim.sensor else (), sensors)
            _known(f"{what} seen", [box.camera for box in claim.seen], cameras)
        for market in self.markets:
            _known(f"market {market.id!r} members", market.members, problems)
        return self

    @model_validator(mode="after")
    def _can_be_true(self) -> Scenario:
        for problem in self.problems:
            end = self.duration_s if problem.end_s is None else problem.end_s
            if not problem.start_s < end <= self.duration_s:
                raise ValueError(
                    f"problem {problem.id!r}: {problem.start_s:g} s to {end:g} s is not within the scenario"
                )
            dwell = self.dwell_of(problem)
            if dwell is None:
                where = problem.sensor or problem.zone
                raise ValueError(
                    f"problem {problem.id!r}: {where!r} has no rule against {problem.category}; give it one"
                )
            if end - problem.start_s < dwell:
                raise ValueError(
                    f"problem {problem.id!r}: stands {end - problem.start_s:g} s, allowed are {dwell:g} s; "
                    "then it is a must_not with why = short_stop"
                )
        self._check_times()
        self._check_real()
        self._check_background()
        return self

    def _check_times(self) -> None:
        claims: tuple[MustNot | Market, ...] = (*self.must_not, *self.markets)
        for claim in claims:
            end = self.duration_s if claim.end_s is None else claim.end_s
            if not claim.start_s < end <= self.duration_s:
                what = "market" if isinstance(claim, Market) else "must_not"
                raise ValueError(
                    f"{what} {claim.id!r}: {claim.start_s:g} s to {end:g} s is not within the scenario"
                )
        streams: tuple[Traffic | Pedestrians, ...] = (*self.traffic, *self.pedestrians)
        members = sum(one.most_members(self.duration_s) for one in streams)
        if members > MAX_MEMBERS:
            raise ValueError(
                f"about {members:.0f} members in traffic and pedestrians, at most {MAX_MEMBERS} can be: make the"
                " scenario shorter or every_s longer"
            )

    def _check_background(self) -> None:
        if self.scenery.background is None:
            return
        if self.tiers != ("composed",):
            raise ValueError('a background is a still picture to compose into: give tiers = ["composed"]')
        if len(self.cameras) != 1:
            raise ValueError("a background is the picture of one camera; give exactly that one")

    def _check_real(self) -> None:
        recorded = [camera.footage is not None for camera in self.cameras]
        if ("real" in self.tiers) != any(recorded) or (any(recorded) and self.tiers != ("real",)):
            raise ValueError('cameras with footage make a scenario of tiers = ["real"], and only they do')
        if any(recorded) and not all(recorded):
            raise ValueError("either all cameras play footage or none does")
        if any(actor.kind is ActorKind.CUTOUT for actor in self.actors) and self.tiers != ("composed",):
            raise ValueError('cutouts can only be composed: give tiers = ["composed"]')

    def dwell_of(self, problem: Problem) -> float | None:
        """Seconds a problem may stand before it is to be raised; None where nothing forbids it."""
        if problem.category is Subject.SENSOR_ALARM:
            sensor = next(one for one in self.sensors if one.name == problem.sensor)
            return None if sensor.rule is None else sensor.rule.for_s
        zone = next(one for one in self.zones if one.name == problem.zone)
        rule = zone.rule_for(Category(problem.category.value))
        return None if rule is None else rule.dwell_s

    def actor(self, name: str) -> Actor:
        """The actor of that id."""
        return next(actor for actor in self.actors if actor.id == name)


def _unique(what: str, names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two {what}s are named {name!r}; rename one")
        seen.add(name)
    return seen


def _known(where: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{where}: {name!r} is none of {', '.join(sorted(known)) or 'nothing declared'}")
