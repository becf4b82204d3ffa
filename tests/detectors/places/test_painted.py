"""Place memory before pictures in which things cover each other, light is poor, or the street is known in part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.incidents import Transition
from detectors.places.bareness import bare_likeness
from detectors.places.geometry import grow, overlaps
from detectors.places.likeness import ALL_VISIBLE, MARGIN, SIDE, Scenery, Thumbnail
from detectors.places.memory import PlaceMemory
from detectors.places.sighting import Sighting, Unseen
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from tests.detectors.places.street import CAR, Thing, closed, memory, moment, opened, zone

_PX = 480
Picture = NDArray[np.uint8]
Scene = Callable[[float], Sequence[Thing]]

BEFORE_IT: Box = (0.38, 0.46, 0.62, 0.76)
"""Hides two fifths of CAR, and is another thing by place."""


def _blocks(seed: int, rows: int, columns: int) -> Picture:
    coarse = np.random.default_rng(seed).integers(20, 236, (6, 6))
    down, right = np.arange(rows) * 6 // rows, np.arange(columns) * 6 // columns
    return np.asarray(coarse[np.ix_(down, right)], np.uint8)


def _painted(things: Sequence[Thing]) -> Picture:
    picture = np.kron(np.random.default_rng(99).integers(60, 180, (48, 48)), np.ones((10, 10))).astype(np.uint8)
    for thing in things:
        left, top, right, bottom = (round(side * _PX) for side in thing.box)
        picture[top:bottom, left:right] = _blocks(thing.face, bottom - top, right - left)
    return picture


@dataclass(frozen=True)
class PaintedView:
    """Cuts thumbnails from pictures; ``hole`` was never seen bare."""

    now: Picture
    bare: Picture | None = None
    hole: Box | None = None

    def crop(self, box: Box) -> Thumbnail:
        return self._cut(self.now, box)

    def scenery(self, box: Box) -> Scenery | None:
        if self.bare is None or (self.hole is not None and overlaps(self.hole, box)):
            return None
        return Scenery(self._cut(self.bare, box), self.crop(box))

    def unseen(self) -> Sequence[Unseen]:
        return ()

    @staticmethod
    def _cut(picture: Picture, box: Box) -> Thumbnail:
        x1, y1, x2, y2 = grow(box, MARGIN)
        middles = (np.arange(SIDE) + 0.5) / SIDE
        rows = ((y1 + middles * (y2 - y1)) * _PX).astype(int)
        columns = ((x1 + middles * (x2 - x1)) * _PX).astype(int)
        return np.asarray(picture[np.ix_(rows, columns)], np.uint8)


def _look(street: PlaceMemory, at: float, things: Sequence[Thing], view: PaintedView) -> list[Transition]:
    sightings = [Sighting(thing.box, thing.score, thing.kind) for thing in things if thing.detected]
    return street.look(moment(at), sightings, [], view)


def _watch(street: PlaceMemory, every_s: float, until_s: float, scene: Scene) -> list[Transition]:
    times = np.arange(0.0, until_s, every_s).tolist()
    return [e for at in times for e in _look(street, at, scene(at), PaintedView(_painted(scene(at))))]


# -- what covers a part ---------------------------------------------------------------------------


def test_a_car_that_stops_half_before_a_parked_one_does_not_end_it() -> None:
    # Once it was known for a neighbour, what it covers was held against the portrait of the car behind it.
    street = memory(zone(60), look_interval_s=10.0)
    parked, newcomer = Thing(CAR), Thing(BEFORE_IT, face=2)
    events = _watch(street, 10, 400, lambda at: [parked, newcomer] if at >= 150 else [parked])
    assert [event.standing.box for event in opened(events)] == [pytest.approx(CAR), pytest.approx(BEFORE_IT)]
    assert closed(events) == []


@pytest.mark.parametrize(("every_s", "incidents"), [(1.0, 1), (3.0, 1), (5.0, 1), (10.0, 2)])
def test_between_two_looks_a_few_seconds_apart_no_car_gives_way_to_another_on_the_same_spot(
    every_s: float, incidents: int
) -> None:
    street = memory(zone(60), look_interval_s=every_s)
    events = _watch(street, every_s, 600, lambda at: [Thing(CAR, face=1 if at < 300 else 2)])
    assert len(opened(events)) == incidents


# -- poor light -----------------------------------------------------------------------------------


def _at_night(street: PlaceMemory, face: Callable[[int], int]) -> list[Transition]:
    """Looks at something in CAR when noise leaves little of any picture; the detector sees it two times in three."""
    dice, events = np.random.default_rng(3), []
    for at in range(40):
        things = [Thing(CAR, face=face(at), detected=at % 3 > 0)]
        noisy = 128 + 0.12 * (_painted(things) - 128.0) + dice.normal(0, 9, (_PX, _PX))
        events += _look(street, at, things, PaintedView(np.clip(noisy, 0, 255).astype(np.uint8)))
    return events


def test_by_night_one_car_is_not_taken_for_a_new_one_in_every_noisy_look() -> None:
    assert len(opened(_at_night(memory(zone(20)), lambda _at: 1))) == 1


def test_by_day_cars_of_different_looks_that_pass_one_spot_are_not_one_that_stands() -> None:
    street = memory(zone(20))
    assert opened(_watch(street, 1, 60, lambda at: [Thing(CAR, face=int(at) + 1)])) == []


# -- a street that is known in part ---------------------------------------------------------------


_STOOD_BESIDE: Box = (0.45, 0.45, 0.7, 0.7)


def _beside_what_stood_there(thing: Thing, *, came: bool) -> list[Transition]:
    """A find from the fifth look on; ``came``: there is something to be seen."""
    street, bare = memory(zone(20)), _painted([])
    now = _painted([thing]) if came else bare
    events = []
    for at in range(45):
        view = PaintedView(bare if at < 5 else now, bare, _STOOD_BESIDE)
        events += _look(street, at, [thing] if at >= 5 else [], view)
    return events


def test_a_ghost_beside_a_car_that_was_there_at_the_start_is_known_by_the_bare_part_of_its_place() -> None:
    assert opened(_beside_what_stood_there(Thing(CAR, score=0.55), came=False)) == []


def test_a_car_that_parks_beside_one_that_was_there_at_the_start_was_seen_to_arrive() -> None:
    (event,) = opened(_beside_what_stood_there(Thing(CAR, score=0.35), came=True))
    assert not event.standing.present_at_start


def test_where_nothing_was_seen_bare_nothing_is_known() -> None:
    bare = _painted([])
    assert bare_likeness(PaintedView(bare, bare, (0.0, 0.0, 1.0, 1.0)), CAR, ALL_VISIBLE) is None
    assert bare_likeness(PaintedView(bare, bare), CAR, ALL_VISIBLE) == pytest.approx(1.0)


# -- rubbish on vehicles --------------------------------------------------------------------------


@pytest.mark.parametrize(("bag", "raised"), [((0.36, 0.42, 0.42, 0.48), 0), ((0.36, 0.52, 0.42, 0.6), 1)])
def test_what_a_truck_carries_is_no_rubbish_on_the_street_and_what_lies_before_it_is(
    bag: Box, raised: int
) -> None:
    street = memory(zone(20, Category.GARBAGE))
    truck, rubbish = Thing(CAR), Thing(bag, ObjectClass.GARBAGE, face=3)
    events = _watch(street, 1, 80, lambda at: [truck, rubbish] if at >= 5 else [truck])
    assert len(opened(events)) == raised


# -- what has no name -----------------------------------------------------------------------------


@pytest.mark.parametrize(("one_look_in", "raised"), [(2, 0), (8, 1)])
def test_what_changes_the_picture_only_now_and_then_is_a_person_whom_the_detector_misses_no_thing(
    one_look_in: int, raised: int
) -> None:
    street = memory(zone(20, Category.STATIC_OBJECT))

    def scene(at: float) -> list[Thing]:
        return [Thing(CAR, ObjectClass.UNKNOWN, detected=int(at) % one_look_in > 0)]

    assert len(opened(_watch(street, 1, 60, scene))) == raised
