"""The thread that looks after a node: takes orders, carries them out, reports (节点管理线程)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.fleet.clock import NodeClock
from edge.fleet.commands import Commands
from edge.fleet.config_switch import ConfigSwitch
from edge.fleet.orders import OrderRefused, read_order
from edge.fleet.rollout import Rollout
from edge.fleet.section import FleetSection
from edge.link import Link
from ingest.clock import Clock, uuid7
from ingest.fleet import ConfigDesired, ConfigReported, ModelDesired, ModelReported, NodeCommand, TimeAnswer
from ingest.link import Delivery
from ingest.messages import Event, schema_urn, source_of
from ingest.signing import sign
from ingest.topics import Channel, Topic, parse_topic

log = structlog.get_logger(__name__)

STEP_S = 0.25
PAUSE_AFTER_FAILURE_S = 2.0


@dataclass(frozen=True)
class Parts:
    """What the manager drives."""

    switch: ConfigSwitch
    rollout: Rollout
    commands: Commands


class FleetManager:
    """Takes orders from the publisher's thread and works in its own.

    Args:
        site: This node's site.
        node: Its name.
        section: Whose orders count.
        key: Signs reports.
        link: Publishes them.
        clock: Stamps them.
        node_clock: Told the centre's time; None where the clock is a test's own.
        parts: Makes what is driven, given what to call when a report is due.
    """

    def __init__(
        self,
        *,
        site: str,
        node: str,
        section: FleetSection,
        key: Ed25519PrivateKey,
        link: Link,
        clock: Clock,
        node_clock: NodeClock | None,
        parts: Callable[[Callable[[], None]], Parts],
    ) -> None:
        self._site, self._node = site, node
        self._section = section
        self._key = key
        self._link = link
        self._clock = clock
        self._node_clock = node_clock
        self._counters: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._desired: dict[type, ConfigDesired | ModelDesired] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._report_due = True
        self._epoch = -1
        self._thread: threading.Thread | None = None
        self._parts = parts(self._changed)

    @property
    def counters(self) -> dict[str, int]:
        """Orders taken and refused, by reason; failures of the thread."""
        with self._lock:
            return {**self._counters, **self._parts.commands.counters}

    @property
    def running_revision(self) -> int:
        """Of the configuration."""
        return self._parts.switch.state.running.revision

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 40.0) -> None:
        """End after the step in hand."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._parts.rollout.stop()

    # -- orders, in the publisher's thread --------------------------------------------------------

    def take(self, delivery: Delivery) -> bool:
        """Take an order; ``False``: it is none, somebody else may know it. A command is on disk when this returns."""
        topic = parse_topic(delivery.topic)
        if topic is None or (topic.site, topic.node) != (self._site, self._node):
            return False
        if topic.channel is Channel.ACK and TimeAnswer.TYPE.encode() not in delivery.payload:
            return False
        if topic.channel not in (Channel.ACK, Channel.COMMAND, Channel.CONFIG_DESIRED, Channel.MODEL_DESIRED):
            return False
        if not delivery.payload:
            return True  # a retained order that was taken back
        try:
            event = read_order(
                delivery.payload, topic.channel, keys=self._keys(), site=self._site, node=self._node
            )
        except OrderRefused as refused:
            self._count(f"orders_refused_{refused.reason}")
            log.warning("fleet.order_refused", reason=refused.reason, detail=refused.detail)
            return True
        self._obey(event)
        return True

    def _keys(self) -> tuple[str, ...]:
        try:
            return self._section.keys()
        except ValueError as error:
            log.error("fleet.keys_unreadable", error=str(error))
            return ()

    def _obey(self, event: Event) -> None:
        match event.data:
            case TimeAnswer() as answer:
                if self._node_clock is not None:
                    used = self._node_clock.answered(answer.about, event.time)
                    self._count("time_answers_used" if used else "time_answers_useless")
            case NodeCommand() as command:
                self._parts.commands.take(command)
            case ConfigDesired() | ModelDesired() as desired:
                with self._lock:
                    before = self._desired.get(type(desired))
                    if before is None or before.revision < desired.revision:
                        self._desired[type(desired)] = desired
            case _:
                raise AssertionError(f"{event.type} passed read_order")
        self._wake.set()

    # -- work, in its own thread ------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except Exception as error:  # noqa: BLE001 - counted and said; state is kept, so the next step goes on
                self._count("fleet_errors")
                log.error("fleet.failed", error=f"{type(error).__name__}: {error}"[:500])
                self._stopping.wait(PAUSE_AFTER_FAILURE_S)
            self._wake.wait(STEP_S)
            self._wake.clear()

    def step(self) -> None:
        """Carry out what has come, take what is under way one step further, report."""
        with self._lock:
            config = self._desired.pop(ConfigDesired, None)
            model = self._desired.pop(ModelDesired, None)
        if isinstance(config, ConfigDesired):
            self._parts.switch.desire(config)
        if isinstance(model, ModelDesired):
            self._parts.rollout.desire(model)
        self._parts.switch.step()
        if self._parts.switch.state.trial is None:
            # One change at a time: what failed must be known for what it is.
            self._parts.rollout.step()
        self._parts.commands.step()
        self._report()

    def _changed(self) -> None:
        self._report_due = True

    def _report(self) -> None:
        """Publish both reports, retained, after every change and over every new connection."""
        if not self._link.connected or (not self._report_due and self._epoch == self._link.epoch):
            return
        epoch = self._link.epoch
        self._report_due = False
        sent = self._publish(Channel.CONFIG_REPORTED, self._parts.switch.state.report())
        sent = self._publish(Channel.MODEL_REPORTED, self._parts.rollout.report()) and sent
        if sent:
            self._epoch = epoch
        else:
            self._report_due = True

    def _publish(self, channel: Channel, record: ConfigReported | ModelReported) -> bool:
        now = self._clock.now()
        event = Event(
            id=uuid7(now),
            source=source_of(self._site, self._node),
            type=record.TYPE,
            time=now,
            dataschema=schema_urn(type(record)),
            data=record,
        )
        payload = sign(event, self._key).to_json()
        return self._link.publish(str(Topic(self._site, self._node, channel)), payload, retain=True)

    def _count(self, name: str) -> None:
        with self._lock:
            self._counters[name] += 1
