from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.incidents import BlindReason
from ingest.boxes import iou
from ingest.taxonomy import ObjectClass
from scenarios.errors.profile import load_profile
from scenarios.language.scenario import Scenario
from scenarios.makers.detections import Look, sightings
from scenarios.world.view import View
from scenarios.world.world import World
from tests.scenarios.errors.profiles import PERFECT
from tests.scenarios.makers.streets import actor, street

CAR = actor("car", "car", 0.0, 15.0)


def _looks(scenario: Scenario, profile: Any = PERFECT) -> list[Look]:
    return list(sightings(World(scenario), "cam", profile))


def _condition(kind: str, from_s: float, to_s: float, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "from_s": from_s, "to_s": to_s, **more}


def _plain(look: Look) -> tuple[Any, ...]:
    return look.at_s, look.blind, tuple(look.sightings), tuple(look.persons), look.found, look.clock_off_s


def test_the_same_scenario_gives_the_same_looks() -> None:
    scenario = street(
        actor=[CAR],
        traffic=[{"path": [[-2, 60], [-2, 2]], "every_s": [5, 9], "speed_mps": [5, 8]}],
        condition=[_condition("rain", 10, 90, ramp_s=20.0), _condition("frame_drop", 30, 60, amount=0.3)],
    )
    first, second = _looks(scenario, load_profile()), _looks(scenario, load_profile())
    assert [_plain(look) for look in first] == [_plain(look) for look in second]
    for a, b in zip(first, second, strict=True):
        if a.view and b.view and a.sightings:
            box = a.sightings[0].box
            assert np.array_equal(a.view.crop(box), b.view.crop(box))


def test_without_errors_a_standing_car_is_seen_where_it_stands() -> None:
    scenario = street(actor=[CAR])
    looks = _looks(scenario)
    projected = View(scenario.cameras[0]).project(World(scenario).present(0.0)[0])
    assert projected is not None
    assert len(looks) == 120
    assert all([(s.box, s.object_class) for s in look.sightings] == [(projected.box, "vehicle")] for look in looks)


def test_people_hide_things_but_are_no_sightings() -> None:
    look = _looks(street(actor=[actor("walker", "person", 0.0, 12.0)]))[0]
    assert (look.sightings, len(look.persons)) == ([], 1)


def test_what_stands_behind_a_bus_is_not_seen() -> None:
    bus = actor("bus", "bus", 0.0, 12.0, from_s=20.0)
    looks = _looks(street(actor=[actor("bag", "bag", 0.0, 22.0), bus]))
    kinds = [{s.object_class for s in look.sightings} for look in looks]
    assert kinds[10] == {ObjectClass.GARBAGE}
    assert kinds[60] == {ObjectClass.VEHICLE}


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ([_condition("offline", 40, 60)], BlindReason.OFFLINE),
        ([_condition("covered", 40, 60)], BlindReason.COVERED),
        ([_condition("covered", 40, 60, amount=0.85), _condition("dusk", 0, 100)], BlindReason.COVERED),
        ([_condition("askew", 40, 60, pan_deg=20.0)], BlindReason.CAMERA_MOVED),
    ],
)
def test_who_cannot_look_says_why_and_sees_nothing(conditions: list[Any], reason: BlindReason) -> None:
    looks = _looks(street(actor=[CAR], condition=conditions))
    assert {look.at_s for look in looks if look.blind is reason} == set(range(40, 60))
    assert not any(look.sightings or look.view for look in looks if look.blind)


@pytest.mark.parametrize(
    ("kind", "amount", "reason"), [("covered", 0.7, BlindReason.COVERED), ("defocus", 0.8, BlindReason.BLURRED)]
)
def test_a_cover_and_a_blur_are_doubted_from_their_first_look_on(
    kind: str, amount: float, reason: BlindReason
) -> None:
    looks = _looks(street(actor=[CAR], condition=[_condition(kind, 40, 60, amount=amount)]))
    assert {look.at_s for look in looks if look.blind is reason} == set(range(40, 60))


def test_half_a_cover_is_a_region_that_the_look_does_not_show() -> None:
    looks = _looks(street(actor=[CAR], condition=[_condition("covered", 40, 60, amount=0.5)]))
    assert not any(look.blind for look in looks)
    views = [look.view for look in looks]
    assert [bool(view is not None and view.unseen()) for view in views] == [40 <= at < 60 for at in range(120)]


def test_without_power_there_are_no_looks_and_the_next_one_says_so() -> None:
    looks = _looks(street(actor=[CAR], condition=[_condition("power_cut", 40, 60)]))
    assert [look.at_s for look in looks] == [*range(40), *range(60, 120)]
    assert [look.at_s for look in looks if look.restarted] == [60]


def test_a_frozen_stream_repeats_its_last_look() -> None:
    leaves = actor("car", "car", 0.0, 15.0, leaves_s=50.0)
    looks = _looks(street(actor=[leaves], condition=[_condition("freeze", 40, 60)]), load_profile())
    assert all(look.found == looks[39].found for look in looks[40:60])
    assert all(look.view is looks[39].view for look in looks[40:46])
    assert {(look.blind, look.blind_since_s) for look in looks[46:60]} == {(BlindReason.FROZEN, 40.0)}
    assert looks[61].found == () or all(item.number is None for item in looks[61].found)


def test_a_stepped_clock_is_passed_on_and_does_not_change_what_is_seen() -> None:
    looks = _looks(street(actor=[CAR], condition=[_condition("clock_step", 40, 60, step_s=-30.0)]))
    assert [look.clock_off_s for look in looks[39:41]] == [0.0, -30.0]
    assert looks[40].sightings == looks[39].sightings


def test_a_knocked_camera_s_detector_sees_everything_elsewhere_and_registration_brings_it_back() -> None:
    looks = _looks(street(actor=[CAR], condition=[_condition("askew", 40, 60, pan_deg=8.0, roll_deg=2.0)]))
    before, during, after = (looks[at].sightings[0].box for at in (39, 45, 61))
    assert iou(before, looks[45].found[0].box) < 0.5
    assert iou(before, during) > 0.85
    assert before == after
    view = looks[45].view
    assert view is not None
    assert {reason for _, reason in view.unseen()} == {BlindReason.CAMERA_MOVED}


def test_a_shaking_camera_moves_what_the_detector_says_and_hardly_what_memory_gets() -> None:
    looks = _looks(street(actor=[CAR], condition=[_condition("shake", 0, 120)]))
    assert 0.003 < np.std([look.found[0].box[0] for look in looks]) < 0.01
    assert np.std([look.sightings[0].box[0] for look in looks]) < 0.002


def test_a_thing_without_a_name_is_noticed_only_by_a_camera_that_looks_for_change() -> None:
    crate = actor("crate", "crate", 0.0, 12.0, from_s=30.0)
    camera = {"name": "cam", "height": 6.0, "tilt_deg": 20.0}
    watching = _looks(street(actor=[crate], camera=[camera | {"static_objects": True}]))
    assert {s.object_class for look in watching for s in look.sightings} == {ObjectClass.UNKNOWN}
    assert min(look.at_s for look in watching if look.sightings) >= 34
    assert not any(look.sightings for look in _looks(street(actor=[crate])))


def test_what_stood_there_from_the_start_is_no_change() -> None:
    crate = actor("crate", "crate", 0.0, 12.0)
    camera = {"name": "cam", "height": 6.0, "tilt_deg": 20.0, "static_objects": True}
    assert not any(look.sightings for look in _looks(street(actor=[crate], camera=[camera])))


def test_an_unknown_camera_is_named() -> None:
    with pytest.raises(KeyError, match="attic"):
        next(sightings(World(street(actor=[CAR])), "attic", PERFECT))
