"""Centre and node through a real broker: configuration, roll-out, commands, birth and death, and the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from central.fleet.model_files import ModelFiles
from central.service import CentralService
from edge.fleet.assembly import FleetOptions
from edge.fleet.clock import NodeClock
from edge.node import EdgeNode, NodeOptions
from ingest.clock import SystemClock
from ingest.log_ring import LogRing
from tests.central.servers import started
from tests.edge.doubles import ZONE, CountingMemory, FakeDetector, node_config
from tests.ingest.cameras.servers import MjpegServer
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = pytest.mark.broker

NODE = "/api/v1/fleet/nodes/xuhui/j17"


class Street:
    """A centre, a node and a camera; the node can be ended and started again."""

    def __init__(self, directory: Path, broker: Mosquitto) -> None:
        self.directory, self.broker = directory, broker
        (directory / "centre").mkdir()
        self.centre: CentralService = started(directory / "centre", mqtt_port=broker.port)
        (directory / "centre.pub").write_text(self.centre.public_key)
        self.camera = MjpegServer()
        self.api = httpx.Client(base_url=self.centre.url, timeout=20)
        self.ring = LogRing()
        self.real_model = False
        self.node = self.started_node()

    def started_node(self, clock: NodeClock | None = None) -> EdgeNode:
        port = self.centre.config.http.port
        camera = (
            f'[[camera]]\nname = "north"\nsource = "http://127.0.0.1:{self.camera.port}/mjpeg"\n'
            f"look_interval_s = 0.1\nstatic_objects = false\n{ZONE}"
        )
        extra = (
            f'[mqtt]\nhost = "127.0.0.1"\nport = {self.broker.port}\n[centre]\nurl = "http://127.0.0.1:{port}"\n'
            '[fleet]\ncentre_key_file = "centre.pub"\nprobation_looks = 5\nprobation_s = 20.0\n'
        )
        node = EdgeNode(
            node_config(self.directory, camera, extra=extra),
            clock=clock or NodeClock(SystemClock(), kernel=lambda: True),
            detector=None if self.real_model else FakeDetector(),
            new_memory=CountingMemory,
            options=NodeOptions(ack_timeout_s=2.0, seed=1, fleet=FleetOptions(log_ring=self.ring)),
        )
        node.start()
        wait_for(lambda: self.looks(node) >= 2, what="looks")
        wait_for(lambda: self.nodes() and self.nodes()[0]["state"] == "online", what="the birth at the centre")
        return node

    @staticmethod
    def looks(node: EdgeNode) -> int:
        return node.camera_statuses()[0].looks

    def nodes(self) -> list[dict[str, Any]]:
        return self.api.get("/api/v1/nodes").json()["nodes"]

    def desire(self, document: dict[str, Any]) -> int:
        answer = self.api.put(f"{NODE}/config", json={"operator": "Li Na", "document": document})
        assert answer.status_code == 200, answer.text
        return answer.json()["revision"]

    def reported(self, kind: str, state: str, revision: int, *, timeout_s: float = 40) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            told = self.api.get(f"{NODE}/{kind}").json()["reported"]
            return told if told and (told["state"], told["revision"]) == (state, revision) else None

        return wait_for(there, timeout_s=timeout_s, what=f"{kind} {state}") or {}

    def command(self, kind: str, **fields: Any) -> dict[str, Any]:
        answer = self.api.post(f"{NODE}/commands", json={"operator": "Li Na", "kind": kind, **fields})
        assert answer.status_code == 202, answer.text
        path = f"/api/v1/fleet/commands/{answer.json()['id']}"
        wait_for(lambda: self.api.get(path).json()["outcome"] != "waiting", timeout_s=40, what=f"result of {kind}")
        told = self.api.get(path).json()
        assert isinstance(told, dict)
        return told

    def stop(self) -> None:
        self.node.stop()
        self.centre.stop()
        self.camera.close()
        self.api.close()


@contextmanager
def street(directory: Path, broker: Mosquitto) -> Iterator[Street]:
    there = Street(directory, broker)
    try:
        yield there
    finally:
        there.stop()


def test_a_configuration_is_applied_kept_over_a_restart_and_taken_back_when_it_blinds_the_camera(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with street(tmp_path, mosquitto) as there:
        first = there.desire({"camera": {"north": {"look_interval_s": 0.2}}})
        there.reported("config", "applied", first)
        assert there.node.config.cameras[0].look_interval_s == 0.2
        assert (
            there.api.put(
                f"{NODE}/config", json={"operator": "x", "document": {}, "expected_revision": first - 1}
            ).status_code
            == 409
        )
        # A look an hour: the camera does not look again in time.
        second = there.desire({"camera": {"north": {"look_interval_s": 3600.0}}})
        told = there.reported("config", "rolled_back", second)
        assert told["reason_code"] == "probation_over"
        assert there.node.config.cameras[0].look_interval_s == 0.2
        third = there.desire({"camera": {"north": {"source": "rtsp://elsewhere/"}}})
        assert there.reported("config", "refused", third)["reason_code"] == "not_allowed"
        there.node.stop()
        there.node = there.started_node()
        assert there.node.config.cameras[0].look_interval_s == 0.2
        wait_for(lambda: there.nodes()[0]["status"]["inventory"]["config_revision"] == first, what="the inventory")


def test_an_order_that_the_broker_lost_is_retained_again(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with street(tmp_path, mosquitto) as there:
        there.reported("config", "none", 0)
        mosquitto.kill()
        mosquitto.forget()
        revision = there.desire({"camera": {"north": {"look_interval_s": 0.3}}})
        mosquitto.start()
        there.reported("config", "applied", revision, timeout_s=90)


def test_commands_come_back_with_their_results_once(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with street(tmp_path, mosquitto) as there:
        assert there.command("look_again")["outcome"] == "done"
        shot = there.command("snapshot", camera="north")
        assert shot["outcome"] == "done", shot
        sha256 = shot["result"]["pictures"][0]["sha256"]
        wait_for(lambda: there.api.get(f"/api/v1/pictures/{sha256}").status_code == 200, what="the picture")
        there.ring(None, "info", {"event": "rtsp://admin:geheim@cam/"})
        log = there.command("collect_log")
        assert "rtsp://***@cam/" in log["result"]["log"][-1]
        assert there.command("look_again", camera="west")["result"]["reason_code"] == "no_such_camera"
        assert there.node.counters["commands_done"] == 3
        listed = there.api.get("/api/v1/fleet/commands/of/xuhui/j17").json()["commands"]
        assert [item["kind"] for item in listed] == ["look_again", "collect_log", "snapshot", "look_again"]


def test_birth_says_what_the_node_is_and_death_is_believed_of_that_boot_only(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with street(tmp_path, mosquitto) as there:
        (born,) = there.nodes()
        inventory = born["status"]["inventory"]
        assert inventory["cameras"] == [{"name": "north", "kind": "http", "zones": 1}]
        assert inventory["models"][0]["sha256"] == "0" * 64
        assert inventory["hardware"]["cores"] >= 1
        assert len(inventory["config_sha256"]) == 64
        first = there.node.boot_id
        there.node.stop()
        wait_for(lambda: there.nodes()[0]["state"] == "offline", what="the death")
        assert there.nodes()[0]["boot_id"] == str(first)
        there.node = there.started_node()
        assert there.nodes()[0]["boot_id"] == str(there.node.boot_id) != str(first)


def test_a_node_in_1970_learns_the_time_from_the_centre_and_its_events_carry_it(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    class In1970(SystemClock):
        def now(self) -> datetime:
            return datetime.fromtimestamp(self.monotonic() % 86400, UTC)

    with street(tmp_path, mosquitto) as there:
        there.node.stop()
        clock = NodeClock(In1970(), kernel=lambda: False)
        there.node = there.started_node(clock)
        wait_for(lambda: clock.trusted, what="the time")
        assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 60
        wait_for(lambda: there.api.get("/api/v1/cases").json()["total"] > 0, timeout_s=40, what="a case")
        cases = there.api.get("/api/v1/cases").json()["cases"]
        newest = max(case["last_seen"] for case in cases)
        assert abs((datetime.fromisoformat(newest) - datetime.now(UTC)).total_seconds()) < 120


@pytest.mark.slow
def test_a_model_is_fetched_compared_and_taken_over_from_the_centre(tmp_path: Path, mosquitto: Mosquitto) -> None:
    shipped = Path(str(files("models"))) / "weights"
    with street(tmp_path, mosquitto) as there:
        there.node.stop()
        there.real_model = True
        there.node = there.started_node()
        before = there.node.counters["camera_looks"]
        store = ModelFiles(there.centre.config.centre.data_dir / "models")
        weights = store.add((shipped / "kerbwatch-street.onnx").read_bytes())
        card = store.add((shipped / "kerbwatch-street.toml").read_bytes())
        wanted = {"operator": "Li Na", "card_sha256": card, "weights_sha256": weights}
        bounds = {"looks": 3, "max_slowdown": 50.0, "max_disagreement": 1.0}
        answer = there.api.put(f"{NODE}/model", json={**wanted, "canary": bounds})
        assert answer.status_code == 200, answer.text
        told = there.reported("model", "applied", answer.json()["revision"], timeout_s=120)
        assert told["running_sha256"] == weights
        assert told["figures"]["looks"] >= 3
        assert there.node.counters["camera_looks"] > before
        assert there.api.put(f"{NODE}/model", json={**wanted, "card_sha256": "f" * 64}).status_code == 422
