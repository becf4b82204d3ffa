"""A tiny centre: takes events from a real broker, acknowledges them, remembers what it saw."""

from __future__ import annotations

import threading
from collections import Counter

from ingest.clock import SystemClock, uuid7
from ingest.config import MqttSettings
from ingest.link import MqttLink
from ingest.messages import Acknowledgement, Event, parse_event, schema_urn
from ingest.topics import INTAKE_FILTERS, Channel, Topic, parse_topic


def ack_event(ack: Acknowledgement) -> bytes:
    """An acknowledgement as it travels."""
    now = SystemClock().now()
    return Event(
        id=uuid7(now),
        source="/kerbwatch/centre",
        type=Acknowledgement.TYPE,
        time=now,
        dataschema=schema_urn(Acknowledgement),
        data=ack,
    ).to_json()


class FakeCentre:
    """Acknowledges every event it can read, also duplicates, as the real one does."""

    def __init__(self, port: int, *, client_id: str = "fake-centre") -> None:
        self._link = MqttLink(MqttSettings(port=port), client_id=client_id, subscriptions=INTAKE_FILTERS)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.events: list[Event] = []
        self.statuses: list[Event] = []
        self.reports: list[Event] = []
        self.deliveries: Counter[tuple[str, str]] = Counter()

    def start(self) -> FakeCentre:
        self._link.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        self._link.stop()

    @property
    def connected(self) -> bool:
        return self._link.connected

    def of(self, kind: type) -> list[Event]:
        """Distinct events of one record type, in order of arrival."""
        return [event for event in list(self.events) if isinstance(event.data, kind)]

    def _run(self) -> None:
        while not self._stopping.is_set():
            delivery = self._link.receive(0.1)
            if delivery is None:
                continue
            topic = parse_topic(delivery.topic)
            assert topic is not None
            event = parse_event(delivery.payload)
            if topic.channel is Channel.STATUS:
                self.statuses.append(event)
            elif event.seq is None:
                self.reports.append(event)
            else:
                self._take(event, topic)
            self._link.acknowledge(delivery)

    def _take(self, event: Event, topic: Topic) -> None:
        identity = (event.source, str(event.id))
        self.deliveries[identity] += 1
        if self.deliveries[identity] == 1:
            self.events.append(event)
        assert event.spoolid is not None
        assert event.seq is not None
        ack = Acknowledgement(spool_id=event.spoolid, seqs=(event.seq,))
        self._link.publish(str(Topic(topic.site, topic.node, Channel.ACK)), ack_event(ack))
