"""Blindness of single zones: what is out of the frame, covered or behind something nearer; no threshold fires there."""

from __future__ import annotations

import pytest

from detectors.incidents import BlindReason, SeesAgain, WentBlind
from detectors.places.sight import ZoneSight
from detectors.places.sighting import Sighting, Unseen
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from ingest.zones import Polygon
from tests.detectors.places.street import StreetView, Thing, memory, moment, opened, see, zone

LEFT: Polygon = ((0.0, 0.0), (0.4, 0.0), (0.4, 1.0), (0.0, 1.0))
RIGHT: Polygon = ((0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0))
HALF: Box = (0.0, 0.0, 0.5, 1.0)
CAR_LEFT = Thing((0.1, 0.4, 0.3, 0.6))
BUS: Box = (0.55, 0.1, 1.0, 0.95)


def _look(street, at: float, things: list[Thing], unseen: list[Unseen], persons: list[Box] | None = None):  # type: ignore[no-untyped-def]  # a test's helper
    sightings = [Sighting(thing.box, thing.score, thing.kind) for thing in things]
    view = StreetView(tuple(things), hidden=tuple(unseen))
    return street.look(moment(at), sightings, persons or [], view)


def _street():  # type: ignore[no-untyped-def]  # a test's helper
    return memory(zone(20, name="left", polygon=LEFT), zone(20, name="right", polygon=RIGHT))


@pytest.mark.parametrize("reason", [BlindReason.COVERED, BlindReason.CAMERA_MOVED, BlindReason.DARK])
def test_only_the_zone_behind_a_cover_goes_blind_and_sees_again(reason: BlindReason) -> None:
    street = _street()
    events = [event for at in range(30) for event in _look(street, at, [], [(HALF, reason)])]
    assert events == [WentBlind(moment(11), "left", moment(0), reason)]
    assert street.blindness.is_blind("left")
    assert not street.blindness.is_blind("right")
    assert _look(street, 30, [], []) == [SeesAgain(moment(30), "left", moment(0), reason)]
    assert not street.blindness.is_blind("left")


def test_no_threshold_fires_in_a_blind_zone_but_at_once_when_it_is_seen_again() -> None:
    street = _street()
    events = [event for at in range(60) for event in _look(street, at, [CAR_LEFT], [(HALF, BlindReason.COVERED)])]
    assert not opened(events)
    assert len(opened(_look(street, 60, [CAR_LEFT], []))) == 1


def test_people_who_walk_through_blind_nothing_and_a_crowd_that_stays_does() -> None:
    street = _street()
    crowd: list[Box] = [(0.0, 0.0, 0.45, 1.0)]
    passing = [_look(street, at, [], [], crowd if at % 8 < 7 else []) for at in range(80)]
    assert not any(passing)
    events = [event for at in range(80, 110) for event in _look(street, at, [], [], crowd)]
    assert events == [WentBlind(moment(91), "left", moment(80), BlindReason.OCCLUDED)]


def test_what_stands_in_a_zone_does_not_hide_it_and_what_stands_before_it_does() -> None:
    bay: Polygon = ((0.6, 0.3), (0.9, 0.3), (0.9, 0.6), (0.6, 0.6))
    sight = ZoneSight([zone(20, name="bay", polygon=bay)])
    parked = Sighting((0.55, 0.25, 0.95, 0.6), 0.9, ObjectClass.VEHICLE)
    before = Sighting(BUS, 0.9, ObjectClass.VEHICLE)
    assert sight.hidden([], [parked], []) == {}
    assert sight.hidden([], [before], []) == {"bay": BlindReason.OCCLUDED}


def test_the_reason_told_is_what_hides_most() -> None:
    sight = ZoneSight([zone(20, name="left", polygon=LEFT)])
    unseen: list[Unseen] = [((0, 0, 0.1, 1), BlindReason.CAMERA_MOVED), ((0.1, 0, 0.4, 1), BlindReason.COVERED)]
    assert sight.hidden(unseen, [], []) == {"left": BlindReason.COVERED}


def test_a_time_in_which_nobody_called_is_told_when_it_is_over() -> None:
    street = memory(zone(20, name="a"))
    see(street, 0)
    assert see(street, 20) == []
    assert see(street, 500) == [
        WentBlind(moment(500), "a", moment(20), BlindReason.OFFLINE),
        SeesAgain(moment(500), "a", moment(20), BlindReason.OFFLINE),
    ]


def test_a_frozen_picture_is_told_from_when_it_froze_but_not_before_it_is_sure() -> None:
    street = memory(zone(20, name="a"))
    see(street, 0)
    events = [
        event
        for at in range(6, 40)
        for event in street.could_not_look(moment(at), BlindReason.FROZEN, since=moment(1))
    ]
    assert events == [WentBlind(moment(22), "a", moment(1), BlindReason.FROZEN)]
