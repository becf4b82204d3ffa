from __future__ import annotations

from typing import Any

import pytest

from edge.camera_worker import CHECKPOINT_EVERY_S
from scenarios.errors.profile import load_profile
from scenarios.language.claims import Subject
from scenarios.report import Report
from scenarios.running.in_process import InProcessOutcome, run_in_process
from tests.scenarios.errors.profiles import PERFECT
from tests.scenarios.makers.streets import actor, street

ARRIVES = actor("car", "car", 0.0, 15.0, from_s=20.0, leaves_s=90.0)
CLAIM = {
    "id": "parked",
    "category": "parked_vehicle",
    "zone": "lane",
    "actors": ["car"],
    "start_s": 20.0,
    "end_s": 90.0,
}


def _run(**parts: Any) -> InProcessOutcome:
    return run_in_process(street(**({"actor": [ARRIVES], "problem": [CLAIM]} | parts)), PERFECT)


def _timeless(report: Report) -> Report:
    return report.model_copy(update={"wall_s": 0.0})


def test_a_car_that_stands_too_long_is_one_case_with_the_right_times() -> None:
    outcome = _run()
    (case,), (incident,) = outcome.report.cases, outcome.report.incidents
    assert (case.category, case.incidents) == (Subject.PARKED_VEHICLE, (incident.id,))
    assert (incident.camera, incident.case) == ("cam", case.id)
    assert incident.first_seen_s == pytest.approx(20, abs=1)
    assert incident.raised_s == case.created_s == pytest.approx(40, abs=2)
    assert incident.last_seen_s == pytest.approx(89, abs=1)
    assert incident.ended_s == pytest.approx(95, abs=4)
    assert incident.end_reason == "looked_and_absent"
    assert incident.observed_s == pytest.approx(69, abs=2)
    (seen,) = outcome.truth.problems[0].seen
    assert incident.boxes[0].box == pytest.approx(seen.box, abs=1e-4)


def test_looks_are_counted_and_handed_to_the_baseline() -> None:
    outcome = _run(condition=[{"kind": "offline", "from_s": 5, "to_s": 8}])
    looks = outcome.looks["cam"]
    assert (outcome.report.looks, outcome.report.failed_looks, len(looks)) == (117, 3, 120)
    assert [look.at_s for look in looks if look.blind] == [5, 6, 7]
    assert len(looks[30].boxes) == 1
    assert outcome.report.wall_s > 0


def test_the_same_scenario_gives_the_same_report() -> None:
    scenario = street(actor=[ARRIVES], problem=[CLAIM], condition=[{"kind": "rain"}])
    first, second = (run_in_process(scenario, load_profile()) for _ in range(2))
    assert _timeless(first.report) == _timeless(second.report)


def test_a_long_blindness_is_reported_and_ends() -> None:
    outcome = _run(condition=[{"kind": "offline", "from_s": 50, "to_s": 75}])
    (blind,) = outcome.report.blind
    assert (blind.camera, blind.zone, blind.reason) == ("cam", "lane", "offline")
    assert (blind.from_s, blind.to_s) == (50, 75)
    assert blind.told_s == pytest.approx(61, abs=1)
    assert len(outcome.report.cases) == 1


def test_a_power_cut_loses_no_more_memory_than_the_looks_since_the_last_checkpoint() -> None:
    outcome = _run(condition=[{"kind": "power_cut", "from_s": 50, "to_s": 60}])
    assert outcome.report.counters["restarts"] == 1
    assert len(outcome.report.incidents) == 1
    (incident,) = outcome.report.incidents
    assert 11 <= incident.bridged_s <= 11 + CHECKPOINT_EVERY_S
    assert incident.observed_s + incident.bridged_s == pytest.approx(69, abs=2)


def test_a_clock_that_steps_back_and_is_set_right_again_costs_no_look_and_no_dwell() -> None:
    outcome = _run(condition=[{"kind": "clock_step", "from_s": 25, "to_s": 60, "step_s": -10}])
    assert outcome.report.counters["memory_clock_stepped"] == 2
    assert "memory_clock_backwards" not in outcome.report.counters
    (incident,) = outcome.report.incidents
    assert incident.observed_s == pytest.approx(69, abs=2)
    assert incident.bridged_s == 0


def test_what_was_told_before_a_clock_went_back_is_not_taken_for_the_second_time_it_showed_that() -> None:
    # The node's clock shows second 40, at which the car was raised, again at 50.
    outcome = _run(condition=[{"kind": "clock_step", "from_s": 45, "step_s": -10}])
    (incident,) = outcome.report.incidents
    assert incident.raised_s == pytest.approx(40, abs=2)
    assert incident.last_seen_s == pytest.approx(89, abs=1)


def test_what_a_wrong_clock_told_is_reported_at_the_second_in_which_it_was_so() -> None:
    outcome = _run(condition=[{"kind": "clock_step", "from_s": 30, "step_s": 300}])
    (incident,) = outcome.report.incidents
    assert incident.first_seen_s == pytest.approx(20, abs=1)
    # The steady clock knows that the jump is no time that passed: it is raised when it is due, at the wrong time.
    assert incident.raised_s == incident.boxes[0].at_s == pytest.approx(40, abs=2)
    assert incident.last_seen_s == pytest.approx(89, abs=1)
    assert outcome.report.cases[0].created_s == incident.raised_s


def test_after_a_clock_that_went_back_times_are_true_again() -> None:
    outcome = _run(condition=[{"kind": "clock_step", "from_s": 10, "to_s": 12, "step_s": -5}])
    (incident,) = outcome.report.incidents
    assert (incident.first_seen_s, incident.raised_s) == pytest.approx((20, 40), abs=2)


def test_readings_beyond_their_limit_are_a_case_of_their_sensor() -> None:
    sensor = {
        "name": "dust",
        "quantity": "pm10",
        "every_s": 10.0,
        "course": [[0, 20], [60, 400]],
        "rule": {"limit": 150.0, "for_s": 30.0},
    }
    claim = {"id": "dusty", "category": "sensor_alarm", "sensor": "dust", "start_s": 30.0}
    outcome = _run(actor=[], problem=[claim], sensor=[sensor])
    (case,) = outcome.report.cases
    # The limit is passed at 20.5 s, between two readings; the first one 30 s later comes at 60 s.
    assert (case.category, case.sensor, case.created_s) == (Subject.SENSOR_ALARM, "dust", 60.0)
    assert outcome.report.incidents == case.incidents == ()
    assert [problem.id for problem in outcome.truth.problems] == ["dusty"]


def test_a_street_of_sensors_alone_needs_no_camera() -> None:
    sensor = {"name": "noise", "quantity": "noise", "course": [[0, 50]]}
    outcome = _run(actor=[], problem=[], camera=[], zone=[], sensor=[sensor])
    assert (outcome.report.looks, outcome.looks) == (0, {})


def test_two_cameras_that_see_one_car_report_it_to_one_case() -> None:
    cameras = [
        {"name": "east", "x": 3.0, "height": 6.0, "tilt_deg": 20.0},
        {"name": "west", "node": "node-2", "x": -3.0, "height": 6.0, "tilt_deg": 20.0},
    ]
    report = _run(camera=cameras).report
    assert {incident.camera for incident in report.incidents} == {"east", "west"}
    assert len({incident.case for incident in report.incidents}) == len(report.cases)
    assert {key for case in report.cases for key in case.incidents} == {one.id for one in report.incidents}
