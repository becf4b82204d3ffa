"""What is true of a scenario (真值): the problems to be reported, and what must not be."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from ingest.taxonomy import Category
from scenarios.language.base import ConfigModel, Name, Seconds
from scenarios.language.street import SeenBox


class Subject(StrEnum):
    """What a true problem is about: the categories of cases, and two that only a scenario's truth knows."""

    PARKED_VEHICLE = Category.PARKED_VEHICLE.value
    PARKED_TWO_WHEELER = Category.PARKED_TWO_WHEELER.value
    STREET_VENDOR = Category.STREET_VENDOR.value
    GARBAGE = Category.GARBAGE.value
    STATIC_OBJECT = Category.STATIC_OBJECT.value
    SENSOR_ALARM = "sensor_alarm"
    STREET_MARKET = "street_market"


class Innocence(StrEnum):
    """Why something that looks like a problem is none."""

    QUEUE_AT_LIGHT = "queue_at_light"
    BUS_AT_STOP = "bus_at_stop"
    INSIDE_BAY = "inside_bay"
    PERMITTED_HOURS = "permitted_hours"
    RELIEF_POINT = "relief_point"
    SHADOW = "shadow"
    SHORT_STOP = "short_stop"
    PASSING = "passing"
    WAITING_PEOPLE = "waiting_people"
    STREET_FURNITURE = "street_furniture"
    COLLECTION_POINT = "collection_point"
    OUTSIDE_ZONE = "outside_zone"
    CAMERA_FAULT = "camera_fault"
    SHORT_EXCESS = "short_excess"  # a sensor's brief peak


class Problem(ConfigModel):
    """A real problem (问题): it must become exactly one case.

    ``start_s`` is when it came to stand (a sensor: when the limit was passed), ``end_s`` when it left; absent: it
    stays to the end. ``actors`` show it, one after the other or together; a recording lists ``seen`` boxes instead.
    """

    id: Name
    category: Subject
    zone: Name | None = None
    sensor: Name | None = None
    actors: tuple[Name, ...] = ()
    start_s: Seconds
    end_s: Seconds | None = None
    seen: tuple[SeenBox, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Problem:
        if self.category is Subject.STREET_MARKET:
            raise ValueError(f"problem {self.id!r}: markets are [[market]] tables with members")
        if self.category is Subject.SENSOR_ALARM:
            if self.sensor is None:
                raise ValueError(f"problem {self.id!r}: a sensor_alarm names its sensor")
        elif self.sensor is not None:
            raise ValueError(f"problem {self.id!r}: only a sensor_alarm has a sensor; leave it out")
        elif self.zone is None or not (self.actors or self.seen):
            raise ValueError(f"problem {self.id!r}: give its zone, and actors or seen boxes")
        _check_span(f"problem {self.id!r}", self.start_s, self.end_s)
        return self


class Market(ConfigModel):
    """Vendors so close together that they are one market (集市), besides each being a problem of its own."""

    id: Name
    members: Annotated[tuple[Name, ...], Field(min_length=2)]
    start_s: Seconds
    end_s: Seconds | None = None

    @model_validator(mode="after")
    def _complete(self) -> Market:
        if len(set(self.members)) < len(self.members):
            raise ValueError(f"market {self.id!r}: names a member twice; name each once")
        _check_span(f"market {self.id!r}", self.start_s, self.end_s)
        return self


class MustNot(ConfigModel):
    """Something that must not be raised (不应上报), and why."""

    id: Name
    why: Innocence
    category: Subject
    actors: tuple[Name, ...] = ()
    zone: Name | None = None
    sensor: Name | None = None
    start_s: Seconds = 0.0
    end_s: Seconds | None = None
    seen: tuple[SeenBox, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> MustNot:
        if self.category is Subject.STREET_MARKET:
            raise ValueError(f"must_not {self.id!r}: give category street_vendor; a market is made of vendors")
        if self.category is Subject.SENSOR_ALARM and self.sensor is None:
            raise ValueError(f"must_not {self.id!r}: a sensor_alarm names its sensor")
        _check_span(f"must_not {self.id!r}", self.start_s, self.end_s)
        return self


def _check_span(what: str, start_s: float, end_s: float | None) -> None:
    if end_s is not None and end_s <= start_s:
        raise ValueError(f"{what}: end_s {end_s:g} is not after start_s {start_s:g}")
