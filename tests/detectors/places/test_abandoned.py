"""Vehicles that stand for weeks (僵尸车): dark nights, a power cut and a restart neither hide them nor age others."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from detectors.incidents import BlindReason, Opened, Transition, Updated, UpdateReason
from detectors.places import state
from detectors.places.likeness import Thumbnail
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass, ZonePurpose
from ingest.zones import Polygon, Rule, Zone
from tests.detectors.places.street import (
    EVERYWHERE,
    Ids,
    StreetView,
    Thing,
    closed,
    memory,
    moment,
    opened,
    see,
    watch,
    zone,
)

HOUR, DAY = 3600.0, 86400.0
LOOK_S = 1800.0
WEEKS = 14 * DAY
ZOMBIE: Box = (0.05, 0.4, 0.15, 0.6)
COMMUTER: Box = (0.25, 0.4, 0.35, 0.6)
EBIKE: Box = (0.45, 0.4, 0.5, 0.6)
IN_BAY: Box = (0.65, 0.4, 0.75, 0.6)
TAKEN_IN_TURN: Box = (0.85, 0.4, 0.95, 0.6)
BAYS: Polygon = ((0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0))
POWER_CUT = (9 * DAY + 2 * HOUR, 9 * DAY + 10 * HOUR)
RESTART_S = 9 * DAY + 10 * HOUR


def rule(category: Category, dwell_s: float, abandoned_after_s: float | None = None) -> Rule:
    return Rule(category=category, dwell_s=dwell_s, abandoned_after_s=abandoned_after_s)


def street() -> list[Zone]:
    """A kerb where nothing may stand for an hour, and bays in which a vehicle may stand for two weeks."""
    kerb = (
        rule(Category.PARKED_VEHICLE, HOUR, WEEKS),
        rule(Category.PARKED_TWO_WHEELER, HOUR, WEEKS),
    )
    bays = (rule(Category.PARKED_VEHICLE, WEEKS),)
    return [
        Zone(name="kerb", purpose=ZonePurpose.NO_STOPPING, polygon=EVERYWHERE, rules=kerb),
        Zone(name="bays", purpose=ZonePurpose.PARKING_BAY, polygon=BAYS, rules=bays),
    ]


def dark(at: float) -> bool:
    """Eleven hours of every night; the story begins an hour after dawn."""
    return (at + HOUR) % DAY >= 13 * HOUR


def things(at: float) -> list[Thing]:
    """What stands there: three that never move, one that comes by day, and every night another one in its bay."""
    day = int((at + HOUR) // DAY)
    found = [Thing(ZOMBIE, face=1), Thing(EBIKE, ObjectClass.TWO_WHEELER, face=2), Thing(IN_BAY, face=3)]
    found.append(Thing(TAKEN_IN_TURN, face=100 + day))
    if HOUR <= at % DAY < 9 * HOUR:
        found.append(Thing(COMMUTER, face=4))
    return found


def looks() -> Iterator[float]:
    return (number * LOOK_S for number in range(int(21 * DAY / LOOK_S)))


def run(*, restart: bool) -> list[Transition]:
    zones, ids = street(), Ids()
    eyes = PlaceMemory(zones, look_interval_s=LOOK_S, new_id=ids, settings=MemorySettings())
    events: list[Transition] = []
    for at in looks():
        if POWER_CUT[0] <= at < POWER_CUT[1]:
            continue
        if restart and at == RESTART_S:
            saved = json.loads(json.dumps(state.dump(eyes)))
            eyes = PlaceMemory(zones, look_interval_s=LOOK_S, new_id=ids, settings=MemorySettings())
            state.load(eyes, saved)
        if dark(at):
            events += eyes.could_not_look(moment(at), BlindReason.DARK)
        else:
            events += see(eyes, at, *things(at))
    return events


@pytest.fixture(scope="module")
def story() -> list[Transition]:
    return run(restart=True)


def at_place(events: list[Transition], box: Box) -> list[Opened | Updated]:
    """What was told of the place, in order."""
    found = [event for event in events if isinstance(event, Opened | Updated)]
    return [event for event in found if event.standing.box == pytest.approx(box, abs=0.001)]


def told_after_days(events: list[Transition], box: Box) -> list[float]:
    told = [event for event in at_place(events, box) if isinstance(event, Updated)]
    return [
        (event.at - moment(0)).total_seconds() / DAY for event in told if event.reason is UpdateReason.ABANDONED
    ]


@pytest.mark.parametrize("box", [ZOMBIE, EBIKE])
def test_after_two_weeks_with_dark_nights_it_is_told_once_in_one_incident(
    story: list[Transition], box: Box
) -> None:
    assert len(opened(at_place(story, box))) == 1
    assert told_after_days(story, box) == [pytest.approx(14.0, abs=LOOK_S / DAY)]
    later = [event for event in at_place(story, box) if event.at > moment(14.1 * DAY)]
    (since,) = {event.standing.abandoned_at for event in later}
    assert since == moment(told_after_days(story, box)[0] * DAY)
    assert {event.standing.incident_id for event in later} == {
        opened(at_place(story, box))[0].standing.incident_id
    }


def test_watched_and_bridged_time_stay_apart_and_add_up(story: list[Transition]) -> None:
    last = at_place(story, ZOMBIE)[-1].standing
    total_s = (last.last_seen - last.first_seen).total_seconds()
    assert last.observed_s + last.bridged_s == pytest.approx(total_s, abs=LOOK_S)
    assert last.bridged_s > 20 * 11 * HOUR


def test_in_a_bay_with_its_own_rule_it_is_raised_by_that_rule_alone(story: list[Transition]) -> None:
    (event,) = opened(at_place(story, IN_BAY))
    assert event.standing.zone == "bays"
    assert (event.at - moment(0)).total_seconds() == pytest.approx(WEEKS, abs=2 * LOOK_S)


def test_who_comes_every_day_is_never_abandoned_and_ends_every_day(story: list[Transition]) -> None:
    raised = opened(at_place(story, COMMUTER))
    assert len(raised) == 20  # the power cut hides one day's
    assert told_after_days(story, COMMUTER) == []
    ids = {event.standing.incident_id for event in raised}
    assert {event.standing.incident_id for event in closed(story)} >= ids


def test_a_bay_taken_by_another_car_every_night_is_no_long_stay(story: list[Transition]) -> None:
    assert at_place(story, TAKEN_IN_TURN) == []


def test_the_restart_changes_nothing(story: list[Transition]) -> None:
    assert run(restart=False) == story


def test_with_ten_minutes_of_bridge_every_night_begins_a_new_stay() -> None:
    """What the default of all categories did: a rule of weeks never fired."""
    kerb = Rule(category=Category.PARKED_VEHICLE, dwell_s=2 * DAY, max_bridge_s=600)
    eyes = memory(
        Zone(name="kerb", purpose=ZonePurpose.NO_STOPPING, polygon=EVERYWHERE, rules=(kerb,)),
        look_interval_s=LOOK_S,
    )
    found: list[Transition] = []
    for at in looks():
        if dark(at):
            found += eyes.could_not_look(moment(at), BlindReason.DARK)
        else:
            found += see(eyes, at, Thing(ZOMBIE))
    assert opened(found) == []


class Plain(StreetView):
    """A camera that shows nothing but grey, as at dusk."""

    def crop(self, box: Box) -> Thumbnail:
        return np.full_like(super().crop(box), 40)


def test_what_cannot_be_compared_is_not_bridged_for_hours() -> None:
    eyes = memory(zone(2 * HOUR, max_bridge_s=12 * HOUR), look_interval_s=60.0)

    def look(at: float) -> list[Transition]:
        thing = Thing(ZOMBIE)
        return eyes.look(moment(at), [Sighting(thing.box, 0.8, thing.kind)], [], Plain((thing,)))

    for at in range(0, 1800, 60):
        look(at)
    raised = opened([event for at in range(10 * 3600, 14 * 3600, 60) for event in look(float(at))])
    assert [event.standing.first_seen for event in raised] == [moment(10 * HOUR)]


def test_a_car_in_a_bay_with_a_rule_of_weeks_is_counted_and_not_raised_by_the_zone_around_it() -> None:
    bay = Zone(
        name="bay",
        purpose=ZonePurpose.PARKING_BAY,
        polygon=EVERYWHERE,
        rules=(rule(Category.PARKED_VEHICLE, WEEKS),),
    )
    eyes = memory(zone(20), bay)
    assert opened(watch(eyes, range(60), lambda _: [Thing(ZOMBIE)])) == []
    assert eyes.counters["permitted_parked_vehicle"] == 1
