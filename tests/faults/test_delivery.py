"""Nothing is lost and nothing comes twice: the real node, mosquitto and the real centre, broken on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from alerts.invariants import SpoolAccount, check_invariants
from alerts.storage.database import Database
from edge.node import EdgeNode, NodeOptions, Outcome
from edge.spool import pending_events, raised_events
from tests.e2e.stack import Centre
from tests.edge.doubles import FakeDetector, folder_camera, node_config
from tests.faults.grid_memory import grid_memory
from tests.servers import Mosquitto
from tests.waiting import wait_for

pytestmark = pytest.mark.broker

LOOKS = 40
"""Pictures, looks, incidents and cases of one run: all the same number."""


@contextmanager
def raising_node(directory: Path, broker: Mosquitto) -> Iterator[EdgeNode]:
    """A real node that raises one incident per picture of a folder."""
    pictures = directory / "pictures"
    if not pictures.exists():
        pictures.mkdir()
        noise = np.random.default_rng(1).integers(0, 255, (90, 160, 3), dtype=np.uint8)
        for number in range(LOOKS):
            cv2.imwrite(str(pictures / f"{number:03}.png"), noise)
    mqtt = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
    node = EdgeNode(
        node_config(directory, folder_camera(pictures), extra=mqtt),
        detector=FakeDetector(),
        new_memory=grid_memory,
        options=NodeOptions(ack_timeout_s=1.0, seed=1),
    )
    node.start()
    yield node
    node.stop()


def assert_all_arrived_once(node: EdgeNode, centre: Centre) -> None:
    """Every incident is one case, and the invariants hold once the centre rests."""
    assert node.wait_finished(60) is Outcome.DRAINED
    cases = centre.cases(limit=500)
    assert len(cases) == LOOKS
    assert all(case["incident_count"] == 1 for case in cases)
    centre.end()
    raised = raised_events(node.database)
    assert len(raised) == LOOKS
    account = SpoolAccount(node.spool.spool_id, raised, pending_events(node.database))
    database = Database(f"sqlite:///{centre.data_dir / 'centre.db'}")
    assert check_invariants(database, [account], acknowledged=raised) == []
    database.close()


def all_looked(node: EdgeNode) -> bool:
    return all(worker.wait_finished(0) for worker in node.workers)


def test_what_was_raised_while_the_centre_was_down_arrives_once(tmp_path: Path, mosquitto: Mosquitto) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    centre.end()
    with raising_node(tmp_path, mosquitto) as node:
        wait_for(lambda: all_looked(node), what="all looks taken")
        assert node.spool.depth()[0] == LOOKS
        centre.start()
        assert_all_arrived_once(node, centre)


def test_a_broker_killed_with_its_store_loses_and_doubles_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    mosquitto.kill()
    with raising_node(tmp_path, mosquitto) as node:
        wait_for(lambda: all_looked(node), what="all looks taken")
        mosquitto.forget()
        mosquitto.start()
        wait_for(lambda: 0 < node.spool.depth()[0] < LOOKS or not node.spool.depth()[0], what="the first acks")
        mosquitto.kill()
        mosquitto.forget()
        mosquitto.start()
        assert_all_arrived_once(node, centre)


def test_a_broker_killed_again_and_again_while_events_flow_loses_and_doubles_nothing(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    with raising_node(tmp_path, mosquitto) as node:
        for _ in range(3):
            mosquitto.kill()
            mosquitto.forget()
            mosquitto.start()
            wait_for(lambda: not node.spool.depth()[0] or node.counters.get("events_sent", 0), what="traffic")
        assert_all_arrived_once(node, centre)


def test_a_centre_killed_half_way_takes_everything_once(tmp_path: Path, mosquitto: Mosquitto) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    with raising_node(tmp_path, mosquitto) as node:
        wait_for(lambda: node.spool.depth()[0] < LOOKS, what="some events taken")
        centre.kill()
        centre.start()
        assert_all_arrived_once(node, centre)


def test_the_checker_sees_a_lost_event(tmp_path: Path, mosquitto: Mosquitto) -> None:
    centre = Centre(tmp_path, mosquitto.port)
    centre.start()
    centre.end()
    with raising_node(tmp_path, mosquitto) as node:
        wait_for(lambda: all_looked(node), what="all looks taken")
        raised = raised_events(node.database)
        account = SpoolAccount(node.spool.spool_id, raised, pending_events(node.database)[1:])
        database = Database(f"sqlite:///{centre.data_dir / 'centre.db'}")
        violations = check_invariants(database, [account], acknowledged=raised[:1])
        assert {violation.invariant for violation in violations} == {"I1", "I2"}
        database.close()
