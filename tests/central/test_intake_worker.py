"""From broker to case and back: acknowledgements go out after the commit, and only then."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from alerts.inbound import Outcome, OutcomeKind, Received
from alerts.intake import DatabaseUnavailable
from alerts.invariants import check_invariants
from central import intake_worker
from central.intake_worker import IntakeWorker, acknowledgements
from central.service import CentralService
from ingest.clock import ManualClock, SystemClock
from ingest.config import MqttSettings
from ingest.link import Delivery, MqttLink
from ingest.messages import Acknowledgement, parse_event
from ingest.topics import Channel, Topic
from tests.alerts.reports import START, Node, Problem, name_id
from tests.central.servers import started
from tests.servers import Mosquitto
from tests.waiting import HANG_S, wait_for

TOPIC = Topic("xuhui", "junction-17", Channel.EVENT)


class FakeLink:
    """A link that notes the order of what is done to it."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.waiting = deque(deliveries)
        self.log: list[str] = []

    def receive(self, timeout_s: float) -> Delivery | None:
        return self.waiting.popleft() if self.waiting else None

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        self.log.append("answer")
        return True

    def acknowledge(self, delivery: Delivery) -> None:
        self.log.append(f"puback {delivery.mid}")


class Flaky:
    """Fails as told, then stores everything."""

    def __init__(self, link: FakeLink, *failures: Exception) -> None:
        self.failures = deque(failures)
        self.link = link

    def process(self, batch: Sequence[Received]) -> list[Outcome]:
        if self.failures:
            raise self.failures.popleft()
        self.link.log.append("commit")
        return [
            Outcome(OutcomeKind.STORED, TOPIC, "", name_id("spool"), number + 1, release=True)
            for number in range(len(batch))
        ]


def deliveries(count: int) -> list[Delivery]:
    return [Delivery(str(TOPIC), b"{}", 1, False, 1, number) for number in range(count)]


def test_the_answer_follows_the_commit_and_the_puback_comes_last() -> None:
    link = FakeLink(deliveries(2))
    assert IntakeWorker(link, Flaky(link), ManualClock(START)).step() == 2
    assert link.log == ["commit", "answer", "puback 0", "puback 1"]


def test_a_batch_never_exceeds_what_the_broker_lets_us_hold() -> None:
    link = FakeLink(deliveries(100))
    worker = IntakeWorker(link, Flaky(link), ManualClock(START))
    assert [worker.step(), worker.step()] == [64, 36]


def test_a_database_that_is_away_is_waited_out_and_nothing_is_acknowledged_meanwhile() -> None:
    link = FakeLink(deliveries(1))
    worker = IntakeWorker(link, Flaky(link, DatabaseUnavailable("full")), ManualClock(START))
    assert worker.step() == 1
    assert link.log == ["commit", "answer", "puback 0"]
    assert worker.counters["database_retries"] == 1


def test_the_thread_survives_any_surprise() -> None:
    link = FakeLink(deliveries(64) + deliveries(1))
    worker = IntakeWorker(link, Flaky(link, RuntimeError("surprise")), SystemClock())
    worker.start()
    wait_for(lambda: worker.counters.get("batches", 0) == 1, what="the next batch")
    assert worker.alive
    assert worker.counters["failures"] == 1
    worker.stop()


def test_a_failed_batch_does_not_keep_its_places_in_the_brokers_window() -> None:
    link = FakeLink(deliveries(2))
    with pytest.raises(RuntimeError):
        IntakeWorker(link, Flaky(link, RuntimeError("surprise")), ManualClock(START)).step()
    assert link.log == ["puback 0", "puback 1"]


def test_a_link_that_is_down_holds_up_a_batch_once_and_not_once_per_node(monkeypatch: pytest.MonkeyPatch) -> None:
    class Down(FakeLink):
        def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
            self.log.append("try")
            return False

    class ManyNodes(Flaky):
        def process(self, batch: Sequence[Received]) -> list[Outcome]:
            return [
                Outcome(OutcomeKind.STORED, TOPIC, "", name_id(f"spool {number}"), 1, release=True)
                for number in range(len(batch))
            ]

    monkeypatch.setattr(intake_worker, "PUBLISH_PAUSE_S", 0.0)
    link = Down(deliveries(64))
    worker = IntakeWorker(link, ManyNodes(link), ManualClock(START))
    assert worker.step() == 64
    assert link.log.count("try") == 64 + intake_worker.PUBLISH_PAUSES
    assert worker.counters["acknowledgements_unsent"] == 64


def test_acknowledgements_are_grouped_by_node_and_spool_and_name_rejections() -> None:
    other = Topic("xuhui", "junction-18", Channel.EVENT)
    spool, newer = name_id("spool"), name_id("newer")
    outcomes = [
        Outcome(OutcomeKind.STORED, TOPIC, "", spool, 1, release=True),
        Outcome(OutcomeKind.DUPLICATE, TOPIC, "", spool, 1, release=True),
        Outcome(OutcomeKind.DEAD_LETTER, TOPIC, "invalid_fields", spool, 2, release=True),
        Outcome(OutcomeKind.DEAD_LETTER, TOPIC, "bad_signature", spool, 3, release=False),
        Outcome(OutcomeKind.STORED, TOPIC, "", newer, 1, release=True),
        Outcome(OutcomeKind.STORED, other, "", spool, 7, release=True),
        Outcome(OutcomeKind.DEAD_LETTER, None, "foreign_topic"),
    ]
    found = []
    for topic, payload in acknowledgements(outcomes, START):
        data = parse_event(payload).data
        assert isinstance(data, Acknowledgement)
        found.append((topic, data.spool_id, data.seqs, [(item.seq, item.reason) for item in data.rejected]))
    mine = "kerbwatch/v1/xuhui/junction-17/ack"
    assert found == [
        (mine, spool, (1,), [(2, "invalid_fields")]),
        (mine, newer, (1,), []),
        ("kerbwatch/v1/xuhui/junction-18/ack", spool, (7,), []),
    ]


@pytest.fixture
def centre(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[CentralService]:
    service = started(tmp_path, mqtt_port=mosquitto.port)
    yield service
    service.stop()


@pytest.fixture
def edge(mosquitto: Mosquitto) -> Iterator[MqttLink]:
    link = MqttLink(
        MqttSettings(port=mosquitto.port),
        client_id="edge",
        subscriptions=[str(Topic("xuhui", "junction-17", Channel.ACK))],
    )
    link.start()
    wait_for(lambda: link.connected, what="the edge connected")
    yield link
    link.stop()


def acknowledged(link: MqttLink) -> set[int]:
    delivery = wait_for(lambda: link.receive(0.2), what="an acknowledgement")
    assert delivery is not None
    link.acknowledge(delivery)
    data = parse_event(delivery.payload).data
    assert isinstance(data, Acknowledgement)
    return set(data.seqs)


@pytest.mark.broker
def test_events_become_cases_through_a_real_broker_also_after_it_lost_everything(
    centre: CentralService, edge: MqttLink, mosquitto: Mosquitto
) -> None:
    wait_for(lambda: centre.link.connected, what="the centre connected")
    node = Node()
    problem = Problem(node, "one")
    opened, closed = problem.opened(), problem.closed()
    assert edge.publish(str(TOPIC), opened.to_json())
    assert acknowledged(edge) == {1}
    mosquitto.kill()
    mosquitto.forget()
    mosquitto.start()
    wait_for(lambda: edge.connected and centre.link.connected, what="both connected again")
    for event in (opened, closed):
        assert edge.publish(str(TOPIC), event.to_json())
    settled: set[int] = set()
    while settled != {1, 2}:
        settled |= acknowledged(edge)
    with httpx.Client(base_url=centre.url, timeout=HANG_S, trust_env=False) as web:
        answer = web.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        (case,) = web.get("/api/v1/cases", params={"state": "pending_review"}).json()["cases"]
        assert (case["live"], case["incident_count"]) == (False, 1)
        decision = {"operator": "Li Na", "expected_version": case["version"]}
        filed = web.post(f"/api/v1/cases/{case['id']}/file", json=decision)
        assert filed.json()["state"] == "filed"
        refused = web.post(f"/api/v1/cases/{case['id']}/dismiss", json={**decision, "reason": "duplicate"})
        assert refused.status_code == 409
        assert (refused.json()["decided_by"], refused.json()["action"]) == ("Li Na", "file")
        detail = web.get(f"/api/v1/cases/{case['id']}").json()
        assert [step["action"] for step in detail["history"]] == ["opened", "ended", "file"]
        text = web.get("/metrics").text
        assert 'kerbwatch_cases{state="filed"} 1.0' in text
        assert "kerbwatch_link_connected 1.0" in text
    assert check_invariants(centre.database) == []
