"""From the broker into the database: receive, batch, process, commit, then acknowledge (接收线程).

The application acknowledgement goes out only after the commit; the broker's message is acknowledged last. Whatever
fails in between comes again, from the broker or from the node's spool, and is recognised.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alerts.inbound import Outcome, Received
from alerts.intake import DatabaseUnavailable
from central.fleet.orders import time_answer
from ingest.clock import Clock, uuid7
from ingest.fleet import CENTRE_SOURCE
from ingest.link import Delivery
from ingest.messages import Acknowledgement, Event, Rejection, schema_urn
from ingest.topics import Channel, Topic

_log = structlog.get_logger(__name__)

BATCH_MESSAGES = 64
"""Largest batch: as many as the broker lets us hold unacknowledged."""
BATCH_S = 0.05
"""How long a batch waits for more; a lone event is not held up noticeably."""
IDLE_S = 0.5
BACKOFF_S = (0.2, 10.0)
PUBLISH_PAUSES = 20
PUBLISH_PAUSE_S = 0.05


class Link(Protocol):
    """What the worker needs of :class:`ingest.link.MqttLink`."""

    def receive(self, timeout_s: float) -> Delivery | None: ...
    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool: ...
    def acknowledge(self, delivery: Delivery) -> None: ...


class Processor(Protocol):
    """What the worker needs of :class:`alerts.intake.Intake`."""

    def process(self, batch: Sequence[Received]) -> list[Outcome]: ...


class IntakeWorker:
    """The thread that takes messages in. It ends only when told to; every failure is counted and waited out.

    With ``key`` it also answers nodes that ask what time it is.
    """

    def __init__(self, link: Link, intake: Processor, clock: Clock, key: Ed25519PrivateKey | None = None) -> None:
        self._link = link
        self._intake = intake
        self._clock = clock
        self._key = key
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._counters: Counter[str] = Counter()
        self._beat = clock.monotonic()
        self._beats = 0
        self._waiting_since: float | None = None

    @property
    def counters(self) -> Mapping[str, int]:
        """batches, database_retries, acknowledgements (and unsent ones), time_answers (and unsent ones), failures."""
        with self._lock:
            return dict(self._counters)

    @property
    def silent_s(self) -> float:
        """Seconds since the thread last showed life."""
        return self._clock.monotonic() - self._beat

    @property
    def beats(self) -> int:
        """Signs of life so far."""
        return self._beats

    @property
    def waiting_s(self) -> float:
        """How long the batch in hand has waited for the database; 0 when none waits."""
        since = self._waiting_since
        return 0.0 if since is None else self._clock.monotonic() - since

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End after the batch in hand; one that still waits for the database is given back to the broker."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except Exception:  # noqa: BLE001 - counted; the messages come again because nothing was acknowledged
                self._count("failures")
                _log.exception("intake_step_failed")
                self._stopping.wait(BACKOFF_S[0])

    def step(self) -> int:
        """Take one batch in, or return after :data:`IDLE_S` without any; the number of messages."""
        self._show_life()
        deliveries = self._gather()
        if not deliveries:
            return 0
        try:
            if not self._take(deliveries):
                return 0
        except Exception:
            # Unacknowledged, they would fill the broker's window until it sends nothing more. What was not stored
            # was not answered either, so its node's spool sends it again.
            self._release(deliveries)
            raise
        self._release(deliveries)
        return len(deliveries)

    def _take(self, deliveries: Sequence[Delivery]) -> bool:
        """Store a batch and answer it; False when told to stop while the database is away."""
        now = self._clock.now()
        outcomes = self._process([Received(item.topic, item.payload, item.qos, now) for item in deliveries])
        if outcomes is None:
            return False
        self._count("batches")
        self._answer_time(outcomes)
        self._answer(acknowledgements(outcomes, self._clock.now()))
        return True

    def _release(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._link.acknowledge(delivery)

    def _gather(self) -> list[Delivery]:
        first = self._link.receive(IDLE_S)
        if first is None:
            return []
        deliveries = [first]
        deadline = self._clock.monotonic() + BATCH_S
        while len(deliveries) < BATCH_MESSAGES:
            left = deadline - self._clock.monotonic()
            more = self._link.receive(max(0.0, left))
            if more is None:
                break
            deliveries.append(more)
        return deliveries

    def _process(self, batch: Sequence[Received]) -> list[Outcome] | None:
        """The outcomes; None when told to stop while the database is away."""
        pause = BACKOFF_S[0]
        self._waiting_since = self._clock.monotonic()
        try:
            while not self._stopping.is_set():
                self._show_life()
                try:
                    return self._intake.process(batch)
                except DatabaseUnavailable as error:
                    self._count("database_retries")
                    _log.warning("database_unavailable", error=str(error)[:300], retry_s=pause)
                    self._stopping.wait(pause)
                    pause = min(pause * 2, BACKOFF_S[1])
            return None
        finally:
            self._waiting_since = None

    def _answer_time(self, outcomes: Iterable[Outcome]) -> None:
        """Without waiting: an answer that is late says nothing, and the node asks again with its next status."""
        for outcome in outcomes:
            if self._key is not None and outcome.topic is not None and outcome.wants_time is not None:
                now = self._clock.now()
                sent = self._link.publish(*time_answer(outcome.topic, outcome.wants_time, self._key, now))
                self._count("time_answers" if sent else "time_answers_unsent")

    def _answer(self, answers: Sequence[tuple[str, bytes]]) -> None:
        """Publish, waiting for room no longer than :data:`PUBLISH_PAUSES` pauses for the whole batch."""
        pauses = PUBLISH_PAUSES
        for topic, payload in answers:
            while not (sent := self._link.publish(topic, payload)) and pauses > 0 and not self._stopping.is_set():
                self._stopping.wait(PUBLISH_PAUSE_S)
                pauses -= 1
            # The node sends again what nobody acknowledged, and is answered then.
            self._count("acknowledgements" if sent else "acknowledgements_unsent")

    def _show_life(self) -> None:
        self._beat = self._clock.monotonic()
        self._beats += 1

    def _count(self, name: str) -> None:
        with self._lock:
            self._counters[name] += 1


def acknowledgements(outcomes: Iterable[Outcome], now: datetime) -> list[tuple[str, bytes]]:
    """Topic and payload of one acknowledgement per node and spool. Pure but for the random part of its id."""
    grouped: dict[tuple[Topic, UUID], tuple[set[int], dict[int, str]]] = {}
    for outcome in outcomes:
        if not outcome.release or outcome.topic is None or outcome.spool_id is None or outcome.seq is None:
            continue
        seqs, rejected = grouped.setdefault((outcome.topic, outcome.spool_id), (set(), {}))
        if outcome.reason:
            rejected[outcome.seq] = outcome.reason
        else:
            seqs.add(outcome.seq)
    return [
        _acknowledgement(topic, spool_id, seqs, rejected, now)
        for (topic, spool_id), (seqs, rejected) in grouped.items()
    ]


def _acknowledgement(
    topic: Topic, spool_id: UUID, seqs: set[int], rejected: Mapping[int, str], now: datetime
) -> tuple[str, bytes]:
    rejections = tuple(
        Rejection(seq=seq, reason=reason) for seq, reason in sorted(rejected.items()) if seq not in seqs
    )
    event = Event(
        id=uuid7(now),
        source=CENTRE_SOURCE,
        type=Acknowledgement.TYPE,
        time=now,
        dataschema=schema_urn(Acknowledgement),
        data=Acknowledgement(spool_id=spool_id, seqs=tuple(sorted(seqs)), rejected=rejections),
    )
    return str(Topic(topic.site, topic.node, Channel.ACK)), event.to_json()
