"""Real footage through every real part: node, mosquitto, centre, cases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
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


def media_position(node: Node) -> float:
    """Seconds of the clip whose looks are safely on the node's disk."""
    file = node.config.parent / "data" / "node.db"
    if not file.exists():
        return 0.0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as database:
        try:
            row = database.execute("SELECT position_s FROM checkpoint").fetchone()
        except sqlite3.OperationalError:  # the node has not made its tables yet
            return 0.0
    return float(row[0]) if row else 0.0


def test_a_node_killed_half_way_still_gives_exactly_two_cases_with_dwell_from_the_start(
    tmp_path: Path, footage: Path, mosquitto: Mosquitto
) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    slow = vtest_node(tmp_path, footage, mosquitto, centre, pace="realtime")
    slow.start()
    wait_for(lambda: media_position(slow) >= 8, timeout_s=120, what="the clip playing")
    slow.kill()
    killed_at = media_position(slow)
    assert 8 <= killed_at < 20, "killed before the threshold of 20 s"
    node = vtest_node(tmp_path, footage, mosquitto, centre)
    node.start()
    wait_for(lambda: len(centre.cases()) >= 1, timeout_s=120, what="the first case")
    node.kill()
    node.start()
    assert node.wait(240) == 0, node.tail()
    assert_two_parked_vehicles(centre)
    for case in centre.cases():
        dwell = case["dwell"]
        # The incident was raised at 20 s of media time, not 20 s after the restart: nothing was forgotten.
        assert 20 <= dwell["observed_s"] + dwell["bridged_s"] < 22, dwell
        assert case["last_seen"] < "2026-01-31T08:00:22", case["last_seen"]
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
