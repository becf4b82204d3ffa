"""Evidence is asked for where a verdict hangs on it, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from detectors.attention.evidence import Interest, interest
from detectors.observer import MemorySettings, Observer
from detectors.types import Detections
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from tests.detectors.pixel_street import Item, PixelStreet, detections
from tests.detectors.places.street import START, Ids, moment, opened, zone

CAR: Box = (0.3, 0.4, 0.5, 0.6)
ENOUGH = MemorySettings().anchor_sightings


def played(looks: Sequence[Detections]) -> Observer:
    street = PixelStreet()
    observer = Observer("c", [zone(600)], static_objects=False, look_interval_s=1.0, new_id=Ids())
    for second, found in enumerate(looks):
        items = [Item(CAR, ObjectClass.VEHICLE)]
        observer.look(street.frame(second, items), moment(second), found)
    return observer


def car(score: float = 0.8, *, carried: bool = False) -> Detections:
    return detections([Item(CAR, ObjectClass.VEHICLE, score=score)]).as_carried(carried)


def test_a_candidate_is_looked_at_until_it_has_been_sighted_often_enough() -> None:
    for sightings in range(1, ENOUGH + 3):
        asked = played([car()] * sightings).interest(car())
        assert bool(asked.wanted) == (sightings < ENOUGH)
        assert len(asked.watched) == 1


def test_a_place_that_the_standing_answer_lacks_is_looked_at() -> None:
    observer = played([car()] * ENOUGH)
    assert observer.interest(Detections.empty()).wanted == observer.interest(car()).watched


def test_a_person_in_the_place_is_no_answer_about_it() -> None:
    person = detections([Item(CAR, ObjectClass.PERSON)])
    assert played([car()] * ENOUGH).interest(person).wanted


def _no(_place: object) -> bool:
    return False


def test_a_place_without_a_rule_asks_for_nothing() -> None:
    observer = played([car()])
    assert interest(observer._memory.places, Detections.empty(), _no, _no, ENOUGH) == Interest()


def test_the_median_of_the_scores_decides_and_carried_looks_change_neither_median_nor_count() -> None:
    """Two high scores among many low ones raise nothing, however long the picture stands still after them."""
    where = zone(10, Category.PARKED_VEHICLE, min_score=0.6)
    street, items = PixelStreet(), [Item(CAR, ObjectClass.VEHICLE)]
    for scores, raised in (([0.5, 0.9, 0.5, 0.5, 0.9], 0), ([0.5, 0.7, 0.9, 0.9, 0.5], 1)):
        observer = Observer("c", [where], static_objects=False, look_interval_s=1.0, new_id=Ids())
        looks = [car(score) for score in scores] + [car(scores[-1], carried=True)] * 30
        events = [
            event
            for second, found in enumerate(looks)
            for event in observer.look(street.frame(second, items), START + timedelta(seconds=second), found)
        ]
        assert len(opened(events)) == raised
        (place,) = observer._memory.places
        assert (place.sightings, place.looks) == (5, 5)
        assert place.score == pytest.approx(float(np.median(scores)))
        assert place.dwell.total_s == pytest.approx(34)
