"""A drawn street under faults of its camera, look by look, and an observer that is told what stands where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.incidents import Transition
from detectors.observer import Observer
from detectors.types import Detections
from ingest.taxonomy import Category, ObjectClass
from ingest.zones import Zone
from scenarios.makers.pictures import Shot, frames
from tests.detectors.places.street import Ids, moment, zone
from tests.scenarios.makers.small import CAR, small

Frame = NDArray[np.uint8]
Condition = dict[str, Any]


def shots(*conditions: Condition, looks: int) -> Iterator[Shot]:
    """So many looks, a second apart, at the small street under ``conditions``."""
    scenario = small(list(conditions), duration_s=float(looks))
    return frames(scenario, "cam-a", "composed")


@lru_cache(maxsize=8)
def _drawn(conditions: tuple[tuple[tuple[str, Any], ...], ...], looks: int) -> tuple[Shot, ...]:
    return tuple(shots(*(dict(condition) for condition in conditions), looks=looks))


def drawn(*conditions: Condition, looks: int) -> tuple[Shot, ...]:
    """As :func:`shots`, drawn once."""
    return _drawn(tuple(tuple(sorted(condition.items())) for condition in conditions), looks)


def observer(*zones: Zone) -> Observer:
    """An observer of parked vehicles; without ``zones`` everywhere, after 5 s."""
    watched = zones or (zone(5, Category.PARKED_VEHICLE),)
    return Observer("cam-a", watched, static_objects=False, look_interval_s=1.0, new_id=Ids())


def car_of(shot: Shot) -> Detections:
    """What a detector without errors says of the parked car."""
    found = [one.box for one in shot.seen if one.number == CAR and one.visible > 0.3]
    boxes = np.array(found, np.float32).reshape(-1, 4)
    return Detections(boxes, np.full(len(found), 0.9, np.float32), (ObjectClass.VEHICLE,) * len(found))


def watch(eyes: Observer, looked: Sequence[Shot], first: int = 0) -> list[Transition]:
    """Lets the observer look at every shot from number ``first`` on."""
    events: list[Transition] = []
    for number, shot in enumerate(looked):
        if number >= first and shot.image is not None:
            events += eyes.look(shot.image, moment(number), car_of(shot))
    return events
