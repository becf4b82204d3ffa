"""Saved and restored anywhere, a memory answers exactly as one that was never interrupted."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.incidents import BlindReason, Closed, CloseReason, Opened, Transition, Updated
from detectors.places import state
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from ingest.taxonomy import SEEN_CATEGORIES, Category, ObjectClass
from ingest.zones import Zone
from tests.detectors.places.street import CAR, Ids, Thing, memory, moment, moved, opened, see, watch, zone

ZONES = [
    zone(6, *SEEN_CATEGORIES, name="near", max_bridge_s=20, clear_s=3),
    zone(12, name="left", polygon=((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))),
]
SETTINGS = MemorySettings(update_interval_s=7, blind_after_s=4, max_places=6)

things = st.builds(
    Thing,
    box=st.sampled_from([CAR, moved(CAR, 0.02), moved(CAR, 0.11), moved(CAR, 0.3), moved(CAR, 0, 0.25)]),
    kind=st.sampled_from([ObjectClass.VEHICLE] * 3 + list(ObjectClass)),
    face=st.sampled_from([1, 1, 2]),
    detected=st.sampled_from([True, True, True, False]),
    score=st.sampled_from([0.3, 0.55, 0.9]),
)
scenes = st.one_of(st.just([Thing(CAR)]), st.lists(things, max_size=4))
looks = st.lists(
    st.tuples(st.sampled_from([-1.0, 0.5, 1.0, 1.0, 1.0, 2.5, 9.0, 30.0]), st.none() | scenes, st.booleans()),
    max_size=60,
)


def _fresh(ids: Ids) -> PlaceMemory:
    return PlaceMemory(ZONES, look_interval_s=1.0, new_id=ids, settings=SETTINGS)


def _reborn(old: PlaceMemory, ids: Ids, zones: list[Zone]) -> PlaceMemory:
    new = PlaceMemory(zones, look_interval_s=1.0, new_id=ids, settings=SETTINGS)
    state.load(new, json.loads(json.dumps(state.dump(old))))
    return new


@settings(max_examples=120, deadline=None)
@given(looks)
def test_a_restart_anywhere_changes_no_transition(
    history: list[tuple[float, list[Thing] | None, bool]],
) -> None:
    ids_a, ids_b = Ids(), Ids()
    steady, restarted = _fresh(ids_a), _fresh(ids_b)
    now = 0.0
    for gap, scene, restart in history:
        now += gap
        if restart:
            restarted = _reborn(restarted, ids_b, ZONES)
        if scene is None:
            told = [m.could_not_look(moment(now), BlindReason.OFFLINE) for m in (steady, restarted)]
        else:
            told = [see(m, now, *scene) for m in (steady, restarted)]
        assert told[0] == told[1]
    assert state.dump(steady) == state.dump(restarted)


@settings(max_examples=120, deadline=None)
@given(looks)
def test_every_history_is_legal(history: list[tuple[float, list[Thing] | None, bool]]) -> None:
    """Opened before closed, never two open in one place, dwell within the time that passed, memory bounded."""
    street, now, standing = _fresh(Ids()), 0.0, set()
    passed = 0.0
    for gap, scene, _ in history:
        now += gap
        passed += max(gap, 1.0)
        events: list[Transition] = (
            street.could_not_look(moment(now), BlindReason.OFFLINE) if scene is None else see(street, now, *scene)
        )
        for event in events:
            if isinstance(event, Opened):
                assert event.standing.observed_s + event.standing.bridged_s <= passed + 1e-6
                assert event.standing.observed_s + event.standing.bridged_s >= event.standing.threshold_s
                assert scene is not None
                assert event.standing.incident_id not in standing
                standing.add(event.standing.incident_id)
            elif isinstance(event, Closed):
                assert scene is not None
                assert event.standing.last_seen <= event.at
                standing.remove(event.standing.incident_id)
            elif isinstance(event, Updated):
                # Who is back at its place goes on with the incident that had ended.
                standing.add(event.standing.incident_id)
        assert {place.incident.incident_id for place in street.places if place.incident} == standing
        assert len(street.places) <= SETTINGS.max_places


def test_a_rule_gone_from_the_configuration_ends_its_incident_as_left_zone() -> None:
    ids = Ids()
    street = _fresh(ids)
    watch(street, range(20), lambda _at: [Thing(CAR)])
    street = _reborn(street, ids, [zone(6, Category.GARBAGE, name="near")])
    events = see(street, 20, Thing(CAR))
    assert [event.reason for event in events if isinstance(event, Closed)] == [CloseReason.LEFT_ZONE]
    assert watch(street, range(21, 60), lambda _at: [Thing(CAR)]) == []


def test_another_zone_of_a_new_configuration_takes_over_with_the_dwell_so_far() -> None:
    ids = Ids()
    street = _fresh(ids)
    watch(street, range(20), lambda _at: [Thing(CAR)])
    street = _reborn(street, ids, [zone(6, name="renamed")])
    (raised,) = opened(see(street, 20, Thing(CAR)))
    assert raised.standing.zone == "renamed"
    assert raised.standing.first_seen == moment(0)


def test_a_lower_dwell_in_a_new_configuration_fires_at_the_next_sighting() -> None:
    street = memory(zone(600))
    watch(street, range(30), lambda _at: [Thing(CAR)])
    again = memory(zone(20))
    state.load(again, state.dump(street))
    assert opened(see(again, 30, Thing(CAR)))
