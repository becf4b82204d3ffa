"""A bare patch is a cover unless something stood there: what left is closed, and its outlines are missed no longer."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.incidents import BlindReason, Transition, WentBlind
from detectors.observer import Observer
from detectors.types import Detections
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from tests.detectors.condition.test_bad_starts import Picture, noise, street
from tests.detectors.pixel_street import HEIGHT, WIDTH
from tests.detectors.places.street import Ids, closed, moment, opened, zone

TRUCK: Box = (0.3, 0.3, 0.7, 0.7)
LEAVES = 20


def _gone(look: int, box: Box = TRUCK) -> Picture:
    """The street with smooth asphalt in place of the outlines in a box."""
    picture = street(look).astype(np.float32)
    x1, y1, x2, y2 = (round(side * size) for side, size in zip(box, (WIDTH, HEIGHT) * 2, strict=True))
    picture[y1:y2, x1:x2] = 60 + noise(look)[y1:y2, x1:x2]
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _found(*boxes: Box) -> Detections:
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(boxes), 0.9, np.float32),
        (ObjectClass.VEHICLE,) * len(boxes),
    )


def _eyes(look_s: float, clear_s: float = 5.0) -> Observer:
    watched = zone(10, clear_s=clear_s)
    return Observer("north", [watched], static_objects=False, look_interval_s=look_s, new_id=Ids())


def _stand(eyes: Observer, look_s: float, *boxes: Box) -> list[Transition]:
    return [
        event for look in range(LEAVES) for event in eyes.look(street(look), moment(look * look_s), _found(*boxes))
    ]


@pytest.mark.parametrize("look_s", [1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize("clear_s", [1.0, 5.0])
def test_a_truck_that_leaves_smooth_asphalt_is_closed_in_time_and_the_view_is_whole_again(
    look_s: float, clear_s: float
) -> None:
    eyes = _eyes(look_s, clear_s)
    assert len(opened(_stand(eyes, look_s, TRUCK))) == 1
    events = [
        (look, event)
        for look in range(LEAVES, LEAVES + 20)
        for event in eyes.look(_gone(look), moment(look * look_s), _found())
    ]
    ((look, end),) = [(look, event) for look, event in events if event in closed([event])]
    least_looks = 3
    assert (look - LEAVES) * look_s <= max(clear_s + look_s, least_looks * look_s)
    assert end.standing.last_seen == moment((LEAVES - 1) * look_s), "dwell ends with the last sighting"
    assert not [event for _, event in events if isinstance(event, WentBlind)]
    assert eyes.condition == ""


@pytest.mark.parametrize("look_s", [1.0, 2.0, 10.0])
def test_a_cloth_larger_than_what_stood_there_is_a_cover(look_s: float) -> None:
    eyes = _eyes(look_s, clear_s=1.0)
    _stand(eyes, look_s, TRUCK)
    cloth: Box = (0.0, 0.0, 0.75, 1.0)
    events = [
        event
        for look in range(LEAVES, LEAVES + 15)
        for event in eyes.look(_gone(look, cloth), moment(look * look_s), _found())
    ]
    assert not closed(events)
    assert {event.reason for event in events if isinstance(event, WentBlind)} == {BlindReason.COVERED}


def test_a_cover_over_a_place_that_was_left_is_told_and_hides_what_came_since() -> None:
    eyes = _eyes(2.0, clear_s=1.0)
    _stand(eyes, 2.0, TRUCK)
    car: Box = (0.4, 0.4, 0.6, 0.6)
    for look in range(LEAVES, LEAVES + 10):
        eyes.look(_gone(look), moment(2 * look), _found())
    raised = [
        event
        for look in range(LEAVES + 10, LEAVES + 30)
        for event in eyes.look(_parked(look, car), moment(2 * look), _found(car))
    ]
    assert len(opened(raised)) == 1
    events = [
        event
        for look in range(LEAVES + 30, LEAVES + 50)
        for event in eyes.look(_gone(look, (0.1, 0.1, 0.8, 0.9)), moment(2 * look), _found())
    ]
    assert not closed(events)


def _parked(look: int, box: Box) -> Picture:
    """Another vehicle on the asphalt that the truck left."""
    picture, other = _gone(look), street(look, seed=8)
    x1, y1, x2, y2 = (round(side * size) for side, size in zip(box, (WIDTH, HEIGHT) * 2, strict=True))
    picture[y1:y2, x1:x2] = other[y1:y2, x1:x2]
    return picture


def test_a_row_of_three_that_vanishes_between_two_looks_is_covered_not_gone() -> None:
    eyes, row = _eyes(2.0, clear_s=1.0), ((0.1, 0.3, 0.3, 0.7), (0.32, 0.3, 0.6, 0.7), (0.62, 0.3, 0.9, 0.7))
    assert len(opened(_stand(eyes, 2.0, *row))) == 3
    events = [
        event
        for look in range(LEAVES, LEAVES + 15)
        for event in eyes.look(_gone(look, (0.1, 0.3, 0.9, 0.7)), moment(2 * look), _found())
    ]
    assert not closed(events)
