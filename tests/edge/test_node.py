"""The node through a real broker: everything arrives, nothing twice, whoever goes away meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.data_folder import NodeError
from edge.node import EdgeNode, NodeOptions, Outcome
from edge.spool import raised_events
from ingest.messages import IncidentOpened, NodeStatus
from ingest.signing import load_or_create_key, public_key_of, verify
from kerbwatch.commands.edge import edge as edge_command
from tests.edge.doubles import ZONE, CountingMemory, FakeDetector, FakeLink, folder_camera, node_config
from tests.edge.fake_centre import FakeCentre
from tests.edge.test_camera_worker import pictures
from tests.ingest.cameras.servers import MjpegServer
from tests.servers import Mosquitto
from tests.waiting import wait_for


@contextmanager
def running_node(directory: Path, broker: Mosquitto, cameras: str = "", *, looks: int = 12) -> Iterator[EdgeNode]:
    source = pictures(directory / "pictures", looks)
    config = node_config(
        directory, cameras or folder_camera(source), extra=f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
    )
    node = EdgeNode(
        config,
        detector=FakeDetector(),
        new_memory=CountingMemory,
        options=NodeOptions(ack_timeout_s=1.0, seed=1),
    )
    node.start()
    try:
        yield node
    finally:
        node.stop()


@contextmanager
def running_centre(broker: Mosquitto) -> Iterator[FakeCentre]:
    centre = FakeCentre(broker.port).start()
    try:
        wait_for(lambda: centre.connected, what="the centre connected")
        yield centre
    finally:
        centre.stop()


def identities(centre: FakeCentre) -> list[tuple[str, str]]:
    return sorted((event.source, str(event.id)) for event in centre.events)


@pytest.mark.broker
def test_every_incident_reaches_the_centre_and_leaves_the_spool(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with running_centre(mosquitto) as centre, running_node(tmp_path, mosquitto) as node:
        assert node.wait_finished(30) is Outcome.DRAINED
        assert len(centre.of(IncidentOpened)) == 4
        assert identities(centre) == sorted(raised_events(node.database))
        assert node.counters["acknowledged_total"] == 4
        key = public_key_of(load_or_create_key(tmp_path / "data" / "node.key"))
        for event in centre.events:
            assert event.signature is not None
            assert verify(event.to_json(), event.signature, key)


@pytest.mark.broker
def test_a_centre_that_was_away_gets_everything_when_it_comes(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with running_node(tmp_path, mosquitto) as node:
        wait_for(lambda: node.counters.get("ack_timeouts", 0) >= 4, what="unanswered events")
        assert node.spool.depth()[0] == 4
        with running_centre(mosquitto) as centre:
            assert node.wait_finished(30) is Outcome.DRAINED
            assert identities(centre) == sorted(raised_events(node.database))


@pytest.mark.broker
def test_a_broker_that_lost_its_memory_loses_no_event(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with running_node(tmp_path, mosquitto) as node:
        wait_for(lambda: node.counters.get("events_sent", 0) >= 4, what="events sent to nobody")
        mosquitto.kill()
        mosquitto.forget()
        mosquitto.start()
        with running_centre(mosquitto) as centre:
            assert node.wait_finished(60) is Outcome.DRAINED
            assert identities(centre) == sorted(raised_events(node.database))


@pytest.mark.broker
def test_the_node_says_birth_and_death_with_one_boot_id(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with running_centre(mosquitto) as centre:
        with running_node(tmp_path, mosquitto) as node:
            boot_id = node.boot_id
            wait_for(lambda: centre.statuses, what="the birth")
            assert node.wait_finished(30) is Outcome.DRAINED
        wait_for(lambda: states(centre)[-1:] == ["offline"], what="the death")
        assert states(centre)[0] == "online"
        assert {status.bootid for status in centre.statuses} == {boot_id}


def states(centre: FakeCentre) -> list[str]:
    return [event.data.state for event in list(centre.statuses) if isinstance(event.data, NodeStatus)]


@pytest.mark.broker
def test_a_live_camera_goes_blind_and_sees_again_while_its_neighbour_works(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    server = MjpegServer()
    live = f'[[camera]]\nname = "live"\nsource = "http://127.0.0.1:{server.port}/mjpeg"\nlook_interval_s = 0.1\n{ZONE}'
    dead = live.replace('"live"', '"dead"').replace(f":{server.port}/", ":9/")
    cameras = live + dead + folder_camera(pictures(tmp_path / "pictures", 12))
    with running_centre(mosquitto) as centre, running_node(tmp_path, mosquitto, cameras) as node:
        assert node.wait_finished(30) is Outcome.DRAINED
        status = {worker.status().name: worker for worker in node.workers}
        wait_for(lambda: status["live"].status().looks >= 3, what="looks of the live camera")
        wait_for(lambda: status["dead"].status().looks_failed >= 1, what="failed looks of the dead camera")
        assert status["dead"].status().state == "blind"
        assert "connection_refused" in status["dead"].status().detail
        assert status["live"].status().state == "looking"
        assert len([e for e in centre.of(IncidentOpened) if e.source.endswith("/north")]) == 4
        server.close()
        wait_for(lambda: status["live"].status().state == "blind", what="blindness of the live camera")


def test_two_nodes_never_share_a_data_folder(tmp_path: Path) -> None:
    config = node_config(tmp_path, folder_camera(pictures(tmp_path / "pictures", 1)))
    first = EdgeNode(config, link=FakeLink(), detector=FakeDetector(), new_memory=CountingMemory)
    first.start()
    with pytest.raises(NodeError, match="in use"):
        EdgeNode(config, link=FakeLink(), detector=FakeDetector(), new_memory=CountingMemory)
    first.stop()
    EdgeNode(config, link=FakeLink(), detector=FakeDetector(), new_memory=CountingMemory).stop()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in its place")
    config = node_config(tmp_path, folder_camera(pictures(tmp_path / "pictures", 1)))
    with pytest.raises(NodeError, match=r"node\.data_dir = .*data: "):
        EdgeNode(config, detector=FakeDetector(), link=FakeLink())


def test_a_node_whose_centre_is_silent_is_not_drained(tmp_path: Path) -> None:
    config = node_config(tmp_path, folder_camera(pictures(tmp_path / "pictures", 6)))
    node = EdgeNode(config, link=FakeLink(), detector=FakeDetector(), new_memory=CountingMemory)
    node.start()
    assert node.wait_finished(1.0) is Outcome.NOT_DRAINED
    node.stop()


def test_exit_at_end_wants_a_source_that_ends(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(
        '[node]\nsite = "xuhui"\nname = "j17"\ndata_dir = "data"\n'
        f'[[camera]]\nname = "n"\nsource = "rtsp://127.0.0.1/x"\n{ZONE}'
    )
    result = CliRunner().invoke(edge_command, ["--config", str(file), "--exit-at-end"])
    assert result.exit_code == 2
    assert "never end" in result.output


def test_a_recording_that_is_over_does_not_starve_the_watchdog(tmp_path: Path) -> None:
    config = node_config(tmp_path, folder_camera(pictures(tmp_path / "pictures", 3)))
    node = EdgeNode(config, link=FakeLink(), detector=FakeDetector(), new_memory=CountingMemory)
    assert set(node.progress) == {"publisher", "camera north"}
    node.start()
    assert node.workers[0].wait_finished(20)
    assert set(node.progress) == {"publisher"}
    before = node.progress["publisher"][0]
    wait_for(lambda: node.progress["publisher"][0] > before, what="the publisher's next step")
    node.stop()
