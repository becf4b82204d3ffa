"""A pretend street in front of place memory: things with a box and a face, and a detector that can be told to miss."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from detectors.incidents import BlindReason, Closed, Opened, Transition
from detectors.places.likeness import SIDE, Scenery, Thumbnail
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Looked, Sighting, Unseen, everywhere
from ingest.boxes import intersection, iou
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Polygon, Rule, Zone

START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
EVERYWHERE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
CAR: Box = (0.3, 0.4, 0.5, 0.6)


def moment(seconds: float) -> datetime:
    """UTC time ``seconds`` after the start."""
    return START + timedelta(seconds=seconds)


def zone(
    dwell_s: float = 20.0,
    *categories: Category,
    name: str = "kerb",
    purpose: ZonePurpose = ZonePurpose.NO_STOPPING,
    polygon: Polygon = EVERYWHERE,
    max_bridge_s: float = 600.0,
    clear_s: float = 5.0,
    min_score: float = 0.0,
) -> Zone:
    """A zone with one rule per category (parked vehicles when none is named)."""
    rules = tuple(
        Rule(category=item, dwell_s=dwell_s, max_bridge_s=max_bridge_s, clear_s=clear_s, min_score=min_score)
        for item in categories or (Category.PARKED_VEHICLE,)
    )
    return Zone(name=name, purpose=purpose, polygon=polygon, rules=rules)


class Ids:
    """Identifiers that count up, so that two equal histories have equal ones."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _at: datetime) -> UUID:
        self.count += 1
        return UUID(int=self.count)


def memory(*zones: Zone, look_interval_s: float = 1.0, **settings: float) -> PlaceMemory:
    """A memory with counted ids."""
    return PlaceMemory(
        zones,
        look_interval_s=look_interval_s,
        new_id=Ids(),
        settings=replace(MemorySettings(), **settings),  # type: ignore[arg-type]  # numbers by name
    )


@dataclass(frozen=True)
class Thing:
    """Something in the street; ``face`` is the seed of how it looks, ``detected`` whether the detector sees it."""

    box: Box
    kind: ObjectClass = ObjectClass.VEHICLE
    face: int = 1
    detected: bool = True
    score: float = 0.8
    carried: bool = False


def pattern(seed: int) -> Thumbnail:
    """A picture of its own for every seed: blocks of grey."""
    rng = np.random.default_rng(seed)
    return np.kron(rng.integers(20, 236, (6, 6)), np.ones((SIDE // 6, SIDE // 6))).astype(np.uint8)


@dataclass(frozen=True)
class StreetView:
    """What the camera shows: the thing that fills most of a box, else the bare ground there."""

    things: Sequence[Thing]
    bare_known: bool = False
    gain: float = 1.0
    hidden: Sequence[Unseen] = ()

    def crop(self, box: Box) -> Thumbnail:
        best = max(self.things, key=lambda thing: intersection(thing.box, box), default=None)
        if best is None or iou(best.box, box) < 0.3:
            return self._lit(self._ground(box))
        shift = round((best.box[0] - box[0]) / (box[2] - box[0]) * SIDE)
        return self._lit(np.roll(pattern(best.face), shift, axis=1))

    def scenery(self, box: Box) -> Scenery | None:
        return Scenery(self._ground(box), self.crop(box)) if self.bare_known else None

    def unseen(self) -> Sequence[Unseen]:
        return self.hidden

    def _lit(self, thumbnail: Thumbnail) -> Thumbnail:
        return np.clip(thumbnail * self.gain, 0, 255).astype(np.uint8)

    @staticmethod
    def _ground(_box: Box) -> Thumbnail:
        return pattern(1000)


def see_steadily(target: PlaceMemory, at: float, steady_s: float, thing: Thing) -> list[Transition]:
    """One look at one thing, at a time by a clock that may be wrong and one that nobody can set."""
    sightings = [Sighting(thing.box, thing.score, thing.kind)]
    return target.look(moment(at), sightings, [], StreetView((thing,)), steady_s=steady_s)


def see(
    target: PlaceMemory,
    at: float,
    *things: Thing,
    bare_known: bool = False,
    gain: float = 1.0,
    looked: Looked = everywhere,
) -> list[Transition]:
    """One look ``at`` seconds after the start at ``things``; the last named stands in front."""
    sightings = [
        Sighting(thing.box, thing.score, thing.kind, thing.carried)
        for thing in things
        if thing.detected and thing.kind is not ObjectClass.PERSON
    ]
    persons = [thing.box for thing in things if thing.detected and thing.kind is ObjectClass.PERSON]
    view = StreetView(tuple(reversed(things)), bare_known, gain)
    return target.look(moment(at), sightings, persons, view, looked=looked)


def watch(
    target: PlaceMemory,
    times: Iterable[float],
    scene: Callable[[float], Sequence[Thing]],
    bare_known: bool = False,
) -> list[Transition]:
    """A look at every time, at what ``scene`` then shows."""
    return [event for at in times for event in see(target, at, *scene(at), bare_known=bare_known)]


def blind(
    target: PlaceMemory, times: Iterable[float], reason: BlindReason = BlindReason.OFFLINE
) -> list[Transition]:
    """Failed looks at every time."""
    return [event for at in times for event in target.could_not_look(moment(at), reason)]


def opened(events: Iterable[Transition]) -> list[Opened]:
    """The incidents raised."""
    return [event for event in events if isinstance(event, Opened)]


def closed(events: Iterable[Transition]) -> list[Closed]:
    """The incidents ended."""
    return [event for event in events if isinstance(event, Closed)]


def moved(box: Box, dx: float, dy: float = 0.0) -> Box:
    """``box`` shifted."""
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy
