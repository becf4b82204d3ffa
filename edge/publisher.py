"""Sends spooled events until the centre's database has them (断点续传).

MQTT's own acknowledgement frees nothing: an event leaves the spool when an :class:`Acknowledgement` names it.
What is not acknowledged in time, or was sent over a connection that is gone, is sent again. While the centre
is silent the window shrinks to single probes at growing intervals.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import structlog

from edge.link import Link
from edge.spool import Spool, Spooled
from ingest.clock import Clock
from ingest.link import Delivery
from ingest.messages import Acknowledgement, ContractError, parse_event
from ingest.topics import Channel, Topic, parse_topic

log = structlog.get_logger(__name__)

WINDOW = 64
"""Events sent and not yet acknowledged by the centre."""

ACK_TIMEOUT_S = 15.0
SLOWEST_PROBE = 4.0
"""A silent centre is probed at most this many ack time-outs apart (a minute by default)."""
HEARTBEAT_S = 15.0
RECEIVE_WAIT_S = 0.1
"""How long one step waits for an acknowledgement: also the longest a new event waits to be sent."""


class Publisher:
    """A thread between spool and link.

    Args:
        spool: Where events wait.
        link: The connection; its subscription must contain the node's ``ack`` topic.
        topic: The node's topics; its channel is ignored.
        status: Makes the retained status payload for ``online`` true or false.
        clock: Measures time-outs.
        ack_timeout_s: How long the centre may take before an event is sent again.
        orders: Takes what the centre wants of the node; ``False``: it is no order.
        may_send: Whether events may leave already; they wait for the time to be known, for a while.
    """

    def __init__(
        self,
        spool: Spool,
        link: Link,
        *,
        topic: Topic,
        status: Callable[[bool], bytes],
        clock: Clock,
        ack_timeout_s: float = ACK_TIMEOUT_S,
        heartbeat_s: float = HEARTBEAT_S,
        orders: Callable[[Delivery], bool] = lambda _delivery: False,
        may_send: Callable[[], bool] = lambda: True,
    ) -> None:
        self._spool = spool
        self._link = link
        self._topics = {
            channel: str(Topic(topic.site, topic.node, channel)) for channel in (Channel.EVENT, Channel.READING)
        }
        self._status_topic = str(Topic(topic.site, topic.node, Channel.STATUS))
        self._ack_topic = Topic(topic.site, topic.node, Channel.ACK)
        self._status = status
        self._clock = clock
        self._base_timeout_s = ack_timeout_s
        self._timeout_s = ack_timeout_s
        self._window = WINDOW
        self._heartbeat_s = heartbeat_s
        self._orders = orders
        self._may_send = may_send
        self._beats = 0
        self._sent_at: dict[int, float] = {}
        self._cursor = 0
        self._epoch = -1
        self._status_at: float | None = None
        self._counters: Counter[str] = Counter()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def counters(self) -> dict[str, int]:
        """Events sent, sent again, acknowledgements that could not be read."""
        return dict(self._counters)

    @property
    def beats(self) -> int:
        """Steps taken: a number that stands still means a thread that hangs."""
        return self._beats

    def start(self) -> None:
        """Begin sending in the background."""
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End, saying ``offline`` if the link is up; waiting events stay in the spool."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._link.publish(self._status_topic, self._status(False), retain=True)

    def wait(self, seconds: float) -> bool:
        """Pause the caller; at once ``False`` when the publisher stops."""
        return not self._stopping.wait(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step(RECEIVE_WAIT_S)
            except Exception as error:  # noqa: BLE001 - counted; the spool keeps every event meanwhile
                self._counters["publisher_errors"] += 1
                log.error("publisher.failed", error=f"{type(error).__name__}: {error}")
                self._stopping.wait(1.0)

    def step(self, wait_s: float) -> None:
        """Take acknowledgements, waiting up to ``wait_s`` for the first; then send what is due."""
        self._beats += 1
        delivery = self._link.receive(wait_s)
        while delivery is not None:
            self._take(delivery)
            delivery = self._link.receive(0.0)
        if not self._link.connected:
            return
        if self._link.epoch != self._epoch:
            self._begin_epoch()
        self._say_status()
        self._expire()
        if self._may_send():
            self._send()

    # -- inbound ----------------------------------------------------------------------------------

    def _take(self, delivery: Delivery) -> None:
        try:
            if self._orders(delivery):
                return
            ack = self._parse(delivery)
            if ack is not None:
                self._settle(ack)
        finally:
            # Also when the disk refuses: the centre acknowledges again what is sent again, but deliveries that
            # stay open would use up what the broker may send, and no acknowledgement would ever come in.
            self._link.acknowledge(delivery)

    def _settle(self, ack: Acknowledgement) -> None:
        settled = self._spool.acknowledge(ack)
        for seq in (*ack.seqs, *(rejection.seq for rejection in ack.rejected)):
            self._sent_at.pop(seq, None)
        if settled.acknowledged or settled.rejected:
            self._timeout_s, self._window = self._base_timeout_s, WINDOW

    def _parse(self, delivery: Delivery) -> Acknowledgement | None:
        if parse_topic(delivery.topic) != self._ack_topic:
            self._counters["inbound_unknown_topic"] += 1
            return None
        try:
            data = parse_event(delivery.payload).data
        except ContractError as error:
            self._counters[f"inbound_{error.reason}"] += 1
            log.warning("publisher.bad_acknowledgement", reason=error.reason, detail=error.detail)
            return None
        if isinstance(data, Acknowledgement):
            return data
        self._counters["inbound_wrong_type"] += 1
        return None

    # -- outbound ---------------------------------------------------------------------------------

    def _begin_epoch(self) -> None:
        """Nothing sent over the old connection counts as on its way."""
        self._epoch = self._link.epoch
        self._sent_at.clear()
        self._cursor = 0
        self._timeout_s, self._window = self._base_timeout_s, WINDOW
        self._status_at = None

    def _say_status(self) -> None:
        now = self._clock.monotonic()
        if self._status_at is not None and now - self._status_at < self._heartbeat_s:
            return
        if self._link.publish(self._status_topic, self._status(True), retain=True):
            self._status_at = now

    def _expire(self) -> None:
        now = self._clock.monotonic()
        late = [seq for seq, sent in self._sent_at.items() if now - sent >= self._timeout_s]
        if not late:
            return
        for seq in late:
            del self._sent_at[seq]
        self._counters["ack_timeouts"] += len(late)
        # A silent centre is not helped by the whole spool again and again.
        self._timeout_s = min(self._base_timeout_s * SLOWEST_PROBE, self._timeout_s * 2)
        self._window = 1

    def _send(self) -> None:
        for event in self._due(self._window - len(self._sent_at)):
            if not self._link.publish(self._topics[event.channel], event.payload):
                return
            self._sent_at[event.seq] = self._clock.monotonic()
            self._cursor = event.seq
            self._counters["events_sent"] += 1

    def _due(self, room: int) -> list[Spooled]:
        """The next events behind the cursor; at the end it wraps, so that none waits behind one never acked."""
        if room <= 0:
            return []
        events = self._waiting_after(self._cursor, room)
        if not events and self._cursor > 0:
            self._cursor = 0
            events = self._waiting_after(0, room)
        return events

    def _waiting_after(self, seq: int, room: int) -> list[Spooled]:
        found = self._spool.after(seq, room + len(self._sent_at))
        return [event for event in found if event.seq not in self._sent_at][:room]
