"""What nobody saw arrive is raised only when a close look found it, whatever its score."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from detectors.incidents import Opened, Transition
from detectors.places import state
from detectors.places.doubt import Closely
from detectors.places.memory import PlaceMemory
from detectors.places.sighting import Sighting
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from tests.detectors.places.street import StreetView, Thing, moment, zone
from tests.detectors.places.street import memory as street_memory

BOX: Box = (0.4, 0.4, 0.6, 0.6)
CATEGORIES = (Category.PARKED_VEHICLE, Category.GARBAGE)


def memory() -> PlaceMemory:
    return street_memory(zone(6, *CATEGORIES))


def play(
    target: PlaceMemory, looks: range, kind: ObjectClass, score: float, answers: bool | None
) -> list[Transition]:
    """There from the first look on; each question is answered with yes or no (None: nobody looks closely)."""
    told: list[Transition] = []
    view = StreetView((Thing(BOX, kind),))
    for second in looks:
        closely: Sequence[Closely] | None = None
        if answers is not None:
            asked = [place.anchor for place in target.places if target.asks_closely(place)]
            closely = [Closely(box, ((box, kind, 0.6),) if answers else ()) for box in asked]
        told += target.look(moment(second), [Sighting(BOX, score, kind)], [], view, closely=closely)
    return told


def opened(told: list[Transition]) -> list[Opened]:
    return [one for one in told if isinstance(one, Opened)]


def test_what_no_close_look_finds_is_never_raised_however_sure_the_detector_is() -> None:
    target = memory()
    assert not opened(play(target, range(60), ObjectClass.VEHICLE, 0.95, answers=False))
    assert target.counters["closely_denied_parked_vehicle"] == 1


def test_what_a_close_look_finds_is_raised_on_a_weak_score_and_in_time() -> None:
    (event,) = opened(play(memory(), range(30), ObjectClass.VEHICLE, 0.3, answers=True))
    assert event.at == moment(6)


def test_a_weak_piece_of_furniture_is_not_raised_though_it_looks_like_rubbish_closely_too() -> None:
    assert not opened(play(memory(), range(60), ObjectClass.GARBAGE, 0.33, answers=True))
    assert opened(play(memory(), range(60), ObjectClass.GARBAGE, 0.45, answers=True))


def test_where_nobody_looks_closely_the_score_decides() -> None:
    assert not opened(play(memory(), range(60), ObjectClass.VEHICLE, 0.3, answers=None))
    assert opened(play(memory(), range(60), ObjectClass.VEHICLE, 0.9, answers=None))


@pytest.mark.parametrize("answers", [True, False])
def test_a_decision_survives_a_restart_and_is_not_asked_for_again(answers: bool) -> None:
    target = memory()
    play(target, range(12), ObjectClass.VEHICLE, 0.9, answers=answers)
    again = memory()
    state.load(again, state.dump(target))
    assert again.places[0].confirmed is answers
    assert not any(again.asks_closely(place) for place in again.places)


def test_what_was_denied_is_asked_again_after_a_while() -> None:
    target = memory()
    play(target, range(12), ObjectClass.VEHICLE, 0.9, answers=False)
    assert opened(play(target, range(12, 400), ObjectClass.VEHICLE, 0.9, answers=True))


def test_a_close_look_says_what_a_thing_is_where_the_whole_picture_wavers() -> None:
    """A vendor's tricycle that the whole picture calls a two-wheeler a little more often than a stall."""
    target = street_memory(zone(6, Category.STREET_VENDOR))
    view, told = StreetView((Thing(BOX, ObjectClass.STALL),)), []
    for second in range(30):
        kind = ObjectClass.STALL if second % 3 == 0 else ObjectClass.TWO_WHEELER
        asked = [place.anchor for place in target.places if target.asks_closely(place)]
        closely = [Closely(box, ((box, ObjectClass.STALL, 0.65),)) for box in asked]
        told += target.look(moment(second), [Sighting(BOX, 0.5, kind)], [], view, closely=closely)
    (event,) = opened(told)
    assert event.standing.category is Category.STREET_VENDOR
