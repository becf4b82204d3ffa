"""Truth in pictures: where claims stand, when cameras are blind, which zones a node is told."""

from __future__ import annotations

import pytest

from scenarios.language.scenario import Scenario
from scenarios.truth import Truth
from scenarios.world.truths import truth_of
from scenarios.world.view import View
from scenarios.world.world import World
from tests.scenarios.world.streets import CAMERA, KERB, PARKED, PARKER, PAVEMENT, Table, actor, parking, street

_VENDOR = actor("vendor", "stall_table", (50.0, 6.0, 12.0), (400.0, 6.0, 12.0), (430.0, 6.0, 22.0), leaves_s=800.0)
_SALE: Table = {
    "id": "sale",
    "category": "street_vendor",
    "zone": "pavement",
    "actors": ("vendor",),
    "start_s": 50,
    "end_s": 800,
}


def _spans(truth: Truth) -> list[tuple[str, float, float | None]]:
    return [(box.camera, box.from_s, box.to_s) for box in truth.problems[0].seen]


def test_a_parked_car_has_one_box_from_when_it_stands_to_when_it_leaves() -> None:
    truth = truth_of(parking(), "detections")
    assert _spans(truth) == [("cam", 108.0, 900.0)]
    assert truth.problems[0].dwell_s == 60
    assert truth.cameras[0].fps == 1.0
    assert [zone.zone.name for zone in truth.cameras[0].zones] == ["kerb", "pavement"]


def test_a_vendor_that_moves_on_has_a_box_for_each_place() -> None:
    truth = truth_of(street(actor=(_VENDOR,), problem=(_SALE,)), "composed")
    assert _spans(truth) == [("cam", 50.0, 400.0), ("cam", 430.0, 800.0)]
    first, second = (box.box for box in truth.problems[0].seen)
    assert second[3] < first[3]


def test_a_box_lasts_as_long_as_the_claim_and_no_longer() -> None:
    truth = truth_of(parking(problem=({**PARKED, "start_s": 300, "end_s": 500},)), "detections")
    assert _spans(truth) == [("cam", 300.0, 500.0)]


def test_a_growing_heap_has_growing_boxes_without_gaps() -> None:
    heap = {
        "id": "heap",
        "kind": "heap",
        "at": [{"s": 50, "x": 6, "y": 12}, {"s": 800, "x": 6, "y": 12, "size": 3}],
    }
    claim = {"id": "g", "category": "garbage", "zone": "pavement", "actors": ("heap",), "start_s": 50}
    truth = truth_of(street(actor=(heap,), problem=(claim,)), "detections")
    seen = truth.problems[0].seen
    areas = [(box.box[2] - box.box[0]) * (box.box[3] - box.box[1]) for box in seen]
    assert areas == sorted(areas)
    assert len(areas) >= 4
    assert [box.to_s for box in seen[:-1]] == [box.from_s for box in seen[1:]]
    assert (seen[0].from_s, seen[-1].to_s) == (50.0, 1000.0)


def test_the_person_behind_a_stall_is_not_the_stall() -> None:
    keeper = actor("keeper", "person", (50.0, 7.0, 12.0))
    claim = {**_SALE, "actors": ("keeper", "vendor")}
    with_keeper = truth_of(street(actor=(_VENDOR, keeper), problem=(claim,)), "detections")
    alone = truth_of(street(actor=(_VENDOR,), problem=(_SALE,)), "detections")
    assert with_keeper.problems[0].seen == alone.problems[0].seen


def test_a_decoy_of_people_shows_the_people() -> None:
    crowd = actor("waiting", "person", (50.0, 6.0, 12.0))
    decoy = {"id": "bus", "why": "waiting_people", "category": "static_object", "actors": ("waiting",)}
    truth = truth_of(street(actor=(crowd,), must_not=(decoy,)), "detections")
    assert [(box.from_s, box.to_s) for box in truth.decoys[0].seen] == [(50.0, 1000.0)]


def test_who_is_mostly_out_of_the_frame_has_no_box_there() -> None:
    far = actor("parker", "car", (100.0, 15.5, 18.0))
    wide = {**KERB, "ground": ((2.0, 8.0), (30.0, 8.0), (30.0, 30.0), (2.0, 30.0))}
    second = {**CAMERA, "name": "second", "x": 12.0}
    scenario = street(actor=(far,), zone=(wide,), camera=(CAMERA, second), problem=({**PARKED, "end_s": None},))
    assert _spans(truth_of(scenario, "detections")) == [("second", 108.0, 1000.0)]


def test_a_knocked_camera_keeps_the_boxes_of_its_usual_pose_and_adds_where_it_shows_things_now() -> None:
    knock = {"kind": "askew", "pan_deg": 5, "from_s": 200, "to_s": 400, "ramp_s": 10}
    (usual,) = truth_of(parking(), "detections").problems[0].seen
    kept, *turned = truth_of(parking(condition=(knock,)), "detections").problems[0].seen
    assert kept == usual
    assert [(box.from_s, box.to_s) for box in turned] == [(200, 210), (210, 390), (390, 400)]
    assert turned[1].box[2] < usual.box[2] - 0.03
    assert turned[0].box == turned[2].box


def test_what_comes_to_stand_before_a_camera_that_hangs_askew_for_good_has_the_box_it_is_seen_at() -> None:
    scenario = parking(condition=({"kind": "askew", "pan_deg": 5, "from_s": 50},))
    seen = truth_of(scenario, "detections").problems[0].seen
    (parker,) = (one for one in World(scenario).present(500.0) if one.actor == "parker")
    shown = View(scenario.cameras[0], World(scenario).weather(500.0, "cam").askew).project(parker)
    assert shown is not None
    assert any(box.box == pytest.approx(shown.box, abs=1e-4) for box in seen)


def test_a_camera_that_a_knock_turns_away_has_no_box_of_it() -> None:
    away = parking(condition=({"kind": "askew", "pan_deg": 90, "from_s": 200, "to_s": 400},))
    assert _spans(truth_of(away, "detections")) == [("cam", 108.0, 900.0)]


def test_a_zone_that_a_camera_does_not_see_is_not_told_to_its_node() -> None:
    back = {**CAMERA, "name": "back", "heading_deg": 180.0}
    truth = truth_of(parking(camera=(CAMERA, back)), "detections")
    assert [len(camera.zones) for camera in truth.cameras] == [2, 0]


def test_permits_go_with_their_zone() -> None:
    permit = {"category": "street_vendor", "from": "06:00", "to": "09:00"}
    truth = truth_of(street(zone=(KERB, {**PAVEMENT, "permit": (permit,)})), "detections")
    assert [len(zone.permits) for zone in truth.cameras[0].zones] == [0, 1]


def test_what_the_maker_knows_is_taken_over() -> None:
    truth = truth_of(parking(), "rendered", fps={"cam": 10.0}, videos={"cam": "cam.mp4"}, samples={"cam": ()})
    assert (truth.cameras[0].fps, truth.cameras[0].video, truth.tier) == (10.0, "cam.mp4", "rendered")
    assert Truth.model_validate_json(truth.model_dump_json(by_alias=True)) == truth


def test_a_problem_in_a_zone_that_nobody_sees_is_refused() -> None:
    with pytest.raises(ValueError, match="zone 'kerb' is in no camera's picture"):
        truth_of(parking(camera=({**CAMERA, "heading_deg": 180.0},)), "detections")


def test_a_recording_brings_its_own_boxes_and_zones() -> None:
    zone = {
        "name": "kerb",
        "purpose": "no_stopping",
        "camera": "cam",
        "picture": ((0.1, 0.5), (0.9, 0.5), (0.9, 0.9)),
        "rule": KERB["rule"],
    }
    seen = {"camera": "cam", "box": (0.4, 0.5, 0.6, 0.7), "from_s": 10, "to_s": 90}
    scenario = Scenario.model_validate(
        {
            "name": "clip",
            "tiers": ("real",),
            "duration_s": 100,
            "camera": ({"name": "cam", "footage": {"file": "a.mp4", "sha256": "0" * 64}},),
            "zone": (zone,),
            "problem": (
                {
                    "id": "p",
                    "category": "parked_vehicle",
                    "zone": "kerb",
                    "start_s": 10,
                    "end_s": 90,
                    "seen": (seen,),
                },
            ),
        }
    )
    truth = truth_of(scenario, "real", videos={"cam": "a.mp4"})
    assert truth.problems[0].seen == scenario.problems[0].seen
    assert truth.cameras[0].zones[0].zone.polygon == zone["picture"]
    assert truth.cameras[0].ground_points == ()


def test_the_parked_car_stands_where_its_box_is() -> None:
    truth = truth_of(parking(actor=(PARKER,)), "detections")
    (box,) = truth.problems[0].seen
    foot = ((box.box[0] + box.box[2]) / 2, box.box[3])
    assert truth.cameras[0].zones[0].zone.contains(foot)
