"""Real footage through every real part: node, mosquitto, centre, cases."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.stack import Centre, Node, camera_toml, node_toml
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = [pytest.mark.broker, pytest.mark.footage, pytest.mark.slow]

PARKED = [[0.82, 0.04], [1.0, 0.04], [1.0, 0.2], [0.82, 0.2]]
"""Over the two vehicles of vtest.avi that stand from the first frame."""

WHOLE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]


def omz(footage: Path) -> str:
    name = "person-vehicle-bike-detection-2004"
    weights = next((footage / "weights" / "omz" / name).rglob("*.xml"))
    return f'[detector]\nmodel = "omz-2004"\nweights = "{weights}"\nbackend = "openvino"\n'


def vtest_node(directory: Path, footage: Path, broker: Mosquitto, centre: Centre, **fields: object) -> Node:
    camera = camera_toml(footage / "videos" / "vtest.avi", PARKED, category="parked_vehicle", dwell_s=20, **fields)
    text = node_toml(broker, centre.port, camera, detector=omz(footage))
    return Node(directory / "node", text, "--exit-at-end")


def assert_two_parked_vehicles(centre: Centre) -> None:
    cases = centre.cases()
    assert len(cases) == 2, cases
    assert {case["category"] for case in cases} == {"parked_vehicle"}
    assert all(case["incident_count"] == 1 for case in cases)
    assert all(case["present_at_start"] for case in cases)
    assert all(case["since"].startswith("2026-01-31T08:00:0") for case in cases)


def test_two_parked_vehicles_are_exactly_two_cases_and_people_none(
    tmp_path: Path, footage: Path, mosquitto: Mosquitto
) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    node = vtest_node(tmp_path, footage, mosquitto, centre)
    node.start()
    assert node.wait(240) == 0, node.tail()
    assert_two_parked_vehicles(centre)
    wait_for(lambda: all(c["pictures"] for c in centre.cases()), what="evidence named")
    picture = centre.cases()[0]["pictures"][0]
    assert picture["available"]
    centre.end()


def test_a_node_killed_half_way_still_gives_exactly_two_cases_with_dwell_from_the_start(
    tmp_path: Path, footage: Path, mosquitto: Mosquitto
) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    node = vtest_node(tmp_path, footage, mosquitto, centre)
    node.start()
    wait_for(lambda: not node.running or len(centre.cases()) >= 1, timeout_s=120, what="the first case")
    node.end(signal.SIGKILL)
    node.start()
    assert node.wait(240) == 0, node.tail()
    assert_two_parked_vehicles(centre)
    updates = [case["dwell"]["observed_s"] + case["dwell"]["bridged_s"] for case in centre.cases()]
    assert min(updates) > 50, f"dwell did not go on across the restart: {updates}"
    centre.end()


def test_cars_that_drive_through_are_no_cases(tmp_path: Path, footage: Path, mosquitto: Mosquitto) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    camera = camera_toml(footage / "videos" / "car-detection.mp4", WHOLE, category="parked_vehicle", dwell_s=10)
    text = node_toml(mosquitto, centre.port, camera, detector=omz(footage))
    node = Node(tmp_path / "node", text, "--exit-at-end")
    node.start()
    assert node.wait(240) == 0, node.tail()
    assert centre.cases() == []
    centre.end()
