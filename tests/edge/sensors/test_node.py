"""Sensors in a running node with a real broker: beside a camera, and alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from edge.node import EdgeNode, NodeOptions, Outcome
from edge.spool import raised_events
from ingest.messages import Blindness, IncidentOpened, NodeStatus, Reading
from ingest.sensors.csv_replay import table_of
from ingest.taxonomy import Category
from tests.edge.doubles import CountingMemory, FakeDetector, folder_camera, node_config
from tests.edge.fake_centre import FakeCentre
from tests.edge.sensors.doubles import LOUD, QUIET
from tests.edge.sensors.test_snapshot import PrivacyDetector
from tests.edge.test_camera_worker import pictures
from tests.servers import Mosquitto, free_port
from tests.waiting import wait_for

pytestmark = pytest.mark.broker

RECORDING = """
[[sensor]]
name = "noise-1"
quantity = "noise"
every_s = 10
csv = { file = "noise.csv", start_at = 2026-01-31T08:00:00Z }
rule = [{ name = "night", above = 55, for_s = 30 }]
"""
LIVE = """
[[sensor]]
name = "bin-1"
quantity = "bin_fill"
unit = "%"
every_s = 0.5
silent_after_s = 2
window_s = 1
camera = "north"
mqtt = { topic = "bins/+", value = "/fill" }
rule = [{ name = "full", above = 0.85 }]
"""
DEAD = """
[[sensor]]
name = "water-1"
quantity = "water_level"
every_s = 0.2
modbus = { host = "127.0.0.1", port = PORT, address = 0, timeout_s = 0.2 }
"""


@pytest.fixture
def centre(mosquitto: Mosquitto) -> Iterator[FakeCentre]:
    running = FakeCentre(mosquitto.port).start()
    wait_for(lambda: running.connected, what="the centre connected")
    yield running
    running.stop()


def node_of(folder: Path, broker: Mosquitto, text: str, detector: FakeDetector | None) -> EdgeNode:
    course = [QUIET] * 10 + [LOUD] * 10 + [QUIET] * 10
    (folder / "noise.csv").write_text(table_of((10.0 * n, value) for n, value in enumerate(course)))
    extra = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
    config = node_config(folder, text, extra=extra)
    options = NodeOptions(ack_timeout_s=2.0, seed=1)
    return EdgeNode(config, detector=detector, new_memory=CountingMemory, options=options)


def test_a_node_of_sensors_alone_needs_no_model_and_delivers_all(
    tmp_path: Path, mosquitto: Mosquitto, centre: FakeCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.fleet.assembly.open_detector", lambda _: pytest.fail("a model was opened"))
    node = node_of(tmp_path, mosquitto, RECORDING, None)
    node.start()
    try:
        assert node.wait_finished(60) is Outcome.DRAINED
        assert len(centre.of(Reading)) == 5
        (opened,) = centre.of(IncidentOpened)
        assert opened.data.category is Category.SENSOR_ALARM
        told = sorted((event.source, str(event.id)) for event in centre.events)
        assert told == sorted(raised_events(node.database))
        assert node.counters["sensor_readings"] == 30
    finally:
        node.stop()


def test_sensors_beside_a_camera_a_dead_one_harms_nobody_and_all_are_in_the_heartbeat(
    tmp_path: Path, mosquitto: Mosquitto, centre: FakeCentre
) -> None:
    cameras = folder_camera(pictures(tmp_path / "pictures", 6))
    text = cameras + RECORDING + LIVE + DEAD.replace("PORT", str(free_port()))
    node = node_of(tmp_path, mosquitto, text, PrivacyDetector())
    sender = paho.Client(CallbackAPIVersion.VERSION2)
    sender.connect("127.0.0.1", mosquitto.port)
    sender.loop_start()
    node.start()
    try:
        assert node.wait_finished(90) is Outcome.DRAINED
        by_name = {worker.status().name: worker for worker in node.sensors.workers}
        bin_1, water = by_name["bin-1"], by_name["water-1"]
        wait_for(lambda: bin_1.counters.get("mqtt_connected"), what="the bin's subscription")
        # The picture is one of a recording of January: too old for an alarm of now, and said so.
        sender.publish("bins/7", json.dumps({"fill": 92.5}), qos=1).wait_for_publish(10)

        def alarms() -> list[str]:
            return [e.data.camera for e in centre.of(IncidentOpened) if e.data.category is Category.SENSOR_ALARM]

        wait_for(lambda: "bin-1" in alarms(), what="the bin's alarm at the centre")
        (full,) = [e.data for e in centre.of(IncidentOpened) if e.data.camera == "bin-1"]
        assert full.alarm is not None
        assert full.alarm.value == pytest.approx(0.925)
        assert full.evidence.withheld == "picture_too_old"
        wait_for(lambda: water.counters.get("no_reading_unreachable"), what="the dead device's failure")
        wait_for(
            lambda: "water-1" in [e.data.camera for e in centre.of(Blindness)], what="the dead sensor's blindness"
        )
        assert sorted(alarms()) == ["bin-1", "noise-1"]
        status = NodeStatus.model_validate_json(json.dumps(json.loads(node._status_payload(True))["data"]))
        assert {one.name: one.state for one in status.sensors} == {
            "noise-1": "ended",
            "bin-1": status.sensors[1].state,
            "water-1": "silent",
        }
        assert status.sensors[1].state in ("alarm", "silent")
    finally:
        node.stop()
        sender.disconnect()
        sender.loop_stop()


def test_the_newest_picture_is_kept_only_where_a_sensor_may_ask(tmp_path: Path, mosquitto: Mosquitto) -> None:
    cameras = folder_camera(pictures(tmp_path / "pictures", 2))
    for text, kept in ((cameras, False), (cameras + LIVE, True)):
        folder = tmp_path / str(kept)
        folder.mkdir()
        node = node_of(folder, mosquitto, text, FakeDetector())
        node.start()
        assert node.workers[0].wait_finished(30)
        newest = node.workers[0].newest()
        node.stop()
        assert (newest is not None) == kept
        assert newest is None or newest.image.dtype == np.uint8
