"""Zones that an integrator would draw follow from the scenery, and never replace the scenario's own."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.taxonomy import ZonePurpose
from ingest.zones import contains
from scenarios.families.registry import build
from scenarios.world.drawn_zones import drawn_zones
from scenarios.world.truths import truth_of
from tests.scenarios.world.streets import street

LANE: dict[str, Any] = {
    "path": ((1.6, -20.0), (1.6, 60.0)),
    "every_s": (8.0, 20.0),
    "speed_mps": (7.0, 9.0),
    "signal": {"stop_at_m": 50.0, "red_s": 90.0, "green_s": 30.0},
}
LINE: dict[str, Any] = {
    "path": ((1.6, -20.0), (1.6, 5.0), (3.0, 12.0), (3.0, 60.0)),
    "every_s": (100.0, 200.0),
    "speed_mps": (7.0, 9.0),
    "kinds": ("bus",),
    "halt": {"at_m": 40.0, "for_s": (60.0, 400.0)},
}


def test_the_lane_before_a_stop_line_is_a_queue_zone_with_the_red_as_its_wait() -> None:
    (queue,) = drawn_zones(street(traffic=(LANE,)))
    assert queue.purpose is ZonePurpose.SIGNAL_QUEUE
    assert queue.max_wait_s == 120
    assert contains(queue.ground, (1.6, 29.0))
    assert not contains(queue.ground, (1.6, 35.0))
    assert not contains(queue.ground, (4.0, 20.0))


def test_a_bus_line_has_a_stop_that_its_longest_halt_fits_into() -> None:
    (stop,) = drawn_zones(street(traffic=(LINE,)))
    assert stop.purpose is ZonePurpose.BUS_STOP
    assert stop.max_wait_s == 460


def test_bays_one_behind_the_other_are_one_zone_and_others_their_own() -> None:
    bays = ((2.0, 10.0, 4.0, 16.0), (2.0, 16.0, 4.0, 22.0), (-4.0, 10.0, -2.0, 16.0))
    found = drawn_zones(street(scenery={"bays": bays}))
    assert sorted(zone.ground[0] for zone in found) == [(-4.0, 10.0), (2.0, 10.0)]


@pytest.mark.parametrize("purpose", ["signal_queue", "bus_stop", "parking_bay"])
def test_a_scenario_that_draws_such_zones_itself_is_left_as_it_is(purpose: str) -> None:
    own = {"name": "own", "purpose": purpose, "ground": ((2.0, 8.0), (4.0, 8.0), (4.0, 12.0))}
    made = street(zone=(own,), traffic=(LANE, LINE), scenery={"bays": ((2.0, 10.0, 4.0, 16.0),)})
    assert purpose not in {zone.purpose.value for zone in drawn_zones(made)}
    assert len(drawn_zones(made)) == 2


def test_a_drawn_zone_never_takes_the_name_of_another_one() -> None:
    own = {"name": "bays-1", "purpose": "pavement", "ground": ((2.0, 8.0), (4.0, 8.0), (4.0, 12.0))}
    made = street(zone=(own,), scenery={"bays": ((2.0, 10.0, 4.0, 16.0),)})
    assert [zone.name for zone in drawn_zones(made)] == ["bays-1-drawn"]


@pytest.mark.parametrize("family", ["red_light_queue", "bus_at_stop", "double_parking"])
def test_a_node_is_told_of_them_in_every_camera_that_sees_them(family: str) -> None:
    made = build(family, 3, "long")
    told = {zone.told.purpose for camera in truth_of(made, "detections").cameras for zone in camera.zones}
    assert {zone.purpose for zone in drawn_zones(made)} <= told
