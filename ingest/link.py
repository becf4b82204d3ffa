"""The MQTT link both programs use: one owner of one paho client per connection.

Reliability never rests on MQTT alone (brokers drop); the link only promises what it can keep: callbacks do
nothing but enqueue, a supervisor reconnects with back-off and jitter, an inbound message stays unacknowledged
until the caller says so, and a message identifier of an old connection is never used on a new one.
"""

from __future__ import annotations

import contextlib
import queue
import random
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.clock import Clock, SystemClock
from ingest.config import MqttSettings, TlsSettings

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 5.0
"""A broker that does not answer TCP and CONNACK within this is treated as down."""

BACKOFF_FIRST_S, BACKOFF_LAST_S = 0.2, 30.0
"""First and longest pause between connection attempts; a fleet that lost its broker must not stampede."""

MAX_IN_FLIGHT = 64
"""Publications without PUBACK; more than the broker's default receive maximum helps nobody on one link."""

INBOUND_LIMIT = 4096
"""Deliveries held for the caller. QoS 1 cannot reach it (the receive maximum stops the broker first);
what overflows is QoS 0 traffic, which is dropped and counted."""

STALE_FACTOR = 2.0
"""No byte from the broker for keepalive x this: the connection is dead whatever paho believes."""


@dataclass(frozen=True)
class Delivery:
    """An inbound message that has not been acknowledged yet. ``topic`` is ``""`` when it was not UTF-8."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    epoch: int
    mid: int


@dataclass(frozen=True)
class Retained:
    """A message the broker keeps for later subscribers."""

    topic: str
    payload: bytes


class MqttLink:
    """A self-healing MQTT 5 connection.

    Args:
        settings: Where the broker is.
        client_id: Fixed per program instance; the broker keeps the session under it.
        subscriptions: Topic filters, QoS 1, subscribed anew in every connection.
        will: Published retained by the broker when the connection dies.
        receive_maximum: Unacknowledged deliveries the broker may have outstanding: the back-pressure.
        session_expiry_s: How long the broker queues for us while we are away.
        maximum_packet_bytes: What the broker is told not to send beyond.
        on_connected: Called from the supervisor thread once subscriptions are granted; keep it short.
        clock: Measures traffic age.
    """

    def __init__(
        self,
        settings: MqttSettings,
        *,
        client_id: str,
        subscriptions: Sequence[str] = (),
        will: Retained | None = None,
        receive_maximum: int = 64,
        session_expiry_s: int = 3600,
        maximum_packet_bytes: int | None = None,
        on_connected: Callable[[], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._client_id = client_id
        self._subscriptions = tuple(subscriptions)
        self._will = will
        self._receive_maximum = receive_maximum
        self._session_expiry_s = session_expiry_s
        self._maximum_packet_bytes = maximum_packet_bytes
        self._on_connected = on_connected
        self._clock: Clock = clock or SystemClock()
        self._inbound: queue.Queue[Delivery] = queue.Queue(INBOUND_LIMIT)
        self._lock = threading.Lock()
        self._counters: Counter[str] = Counter()
        self._client: paho.Client | None = None
        self._epoch = 0
        self._stopping = threading.Event()
        self._down = threading.Event()
        self._ready = threading.Event()
        self._in_flight: list[paho.MQTTMessageInfo] = []
        self._last_traffic = 0.0
        self._thread: threading.Thread | None = None

    @property
    def connected(self) -> bool:
        """Connected and subscribed, as far as anyone can know."""
        return self._ready.is_set() and not self._down.is_set()

    @property
    def epoch(self) -> int:
        """Number of the current connection; grows by one with every new one."""
        return self._epoch

    @property
    def counters(self) -> dict[str, int]:
        """Totals since the start: connections, failures by cause, messages in and out, drops."""
        with self._lock:
            return dict(self._counters)

    def start(self) -> None:
        """Connect in the background and stay connected until :meth:`stop`."""
        self._thread = threading.Thread(target=self._supervise, name=f"mqtt-{self._client_id}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Disconnect. Unacknowledged messages stay with the broker and with our spool."""
        self._stopping.set()
        self._down.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Hand a QoS 1 message to the connection; never blocks.

        Returns:
            Whether it was handed over. ``False``: offline, or too many without PUBACK; try again later.
        """
        client = self._client
        if client is None or not self.connected:
            return False
        with self._lock:
            self._in_flight = [info for info in self._in_flight if not info.is_published()]
            if len(self._in_flight) >= MAX_IN_FLIGHT:
                return False
        info = client.publish(topic, payload, qos=1, retain=retain)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            self._count("publish_refused")
            return False
        with self._lock:
            self._in_flight.append(info)
        self._count("published")
        return True

    def receive(self, timeout_s: float) -> Delivery | None:
        """The next delivery, or ``None`` when none came within ``timeout_s`` seconds."""
        try:
            return self._inbound.get(timeout=timeout_s) if timeout_s > 0 else self._inbound.get_nowait()
        except queue.Empty:
            return None

    def acknowledge(self, delivery: Delivery) -> None:
        """Tell the broker the delivery is safe. Silently late when its connection has gone: it comes again."""
        client = self._client
        if client is None or delivery.epoch != self._epoch or delivery.qos == 0:
            return
        client.ack(delivery.mid, delivery.qos)

    # -- supervisor -------------------------------------------------------------------------------

    def _supervise(self) -> None:
        pause = BACKOFF_FIRST_S
        while not self._stopping.is_set():
            if self._try_epoch():
                pause = BACKOFF_FIRST_S
            # Jitter keeps nodes that lost one broker from coming back in one instant.
            self._stopping.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
            pause = min(pause * 2, BACKOFF_LAST_S)

    def _try_epoch(self) -> bool:
        """An epoch, whatever goes wrong in it: a link whose supervisor is dead would never come back."""
        try:
            return self._run_epoch()
        except Exception as error:  # noqa: BLE001 - counted and said; a password file may be right again next time
            self._count("epoch_failed")
            log.error("mqtt.epoch_failed", client=self._client_id, error=f"{type(error).__name__}: {error}")
            return False

    def _run_epoch(self) -> bool:
        """One connection from CONNECT to its end; whether it ever became ready."""
        self._epoch += 1
        self._down.clear()
        self._ready.clear()
        with self._lock:
            self._in_flight.clear()
        self._drop_old_deliveries()
        client = self._new_client(self._epoch)
        try:
            client.connect(self._settings.host, self._settings.port, **self._connect_options())
        except (OSError, ValueError, ssl.SSLError) as error:
            self._count("connect_failed")
            log.debug("mqtt.connect_failed", client=self._client_id, error=str(error))
            return False
        self._client = client
        client.loop_start()
        try:
            return self._watch(client)
        finally:
            self._client = None
            self._ready.clear()
            self._tear_down(client)

    def _drop_old_deliveries(self) -> None:
        """What nobody took can no longer be acknowledged; the broker or the sender's spool sends it again."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._inbound.get_nowait()
                self._count("inbound_of_old_epoch")

    def _watch(self, client: paho.Client) -> bool:
        self._last_traffic = self._clock.monotonic()
        if not self._wait_ready():
            self._count("connect_timeout")
            return False
        self._count("connected")
        log.info("mqtt.connected", client=self._client_id, epoch=self._epoch)
        if self._on_connected is not None:
            self._on_connected()
        stale_after = self._settings.keepalive_s * STALE_FACTOR
        while not self._down.wait(0.5) and not self._stopping.is_set():
            thread = client._thread  # paho offers no public way to ask whether its loop lives
            if thread is None or not thread.is_alive():
                self._count("loop_died")
                break
            if self._clock.monotonic() - self._last_traffic > stale_after:
                self._count("stale")
                break
        if not self._stopping.is_set():
            log.info("mqtt.disconnected", client=self._client_id, epoch=self._epoch)
        return True

    def _wait_ready(self) -> bool:
        deadline = self._clock.monotonic() + CONNECT_TIMEOUT_S
        while not self._ready.wait(0.05):
            if self._down.is_set() or self._stopping.is_set() or self._clock.monotonic() > deadline:
                return False
        return not self._down.is_set()

    def _tear_down(self, client: paho.Client) -> None:
        # disconnect() first: loop_stop() alone waits for ever while a QoS 1 message is outstanding.
        with contextlib.suppress(OSError, ValueError):
            client.disconnect()
        stopper = threading.Thread(target=client.loop_stop, daemon=True)
        stopper.start()
        stopper.join(2.0)
        if stopper.is_alive():
            self._count("loop_stop_hung")
            log.warning("mqtt.loop_stop_hung", client=self._client_id)
        # A loop that died or hangs leaves its socket open; a link that reconnects for years must not collect them.
        if (left := client.socket()) is not None:
            with contextlib.suppress(OSError):
                left.close()

    # -- paho -------------------------------------------------------------------------------------

    def _connect_options(self) -> dict[str, Any]:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho leaves it untyped
        properties.SessionExpiryInterval = self._session_expiry_s
        properties.ReceiveMaximum = self._receive_maximum
        if self._maximum_packet_bytes is not None:
            properties.MaximumPacketSize = self._maximum_packet_bytes
        return {"keepalive": self._settings.keepalive_s, "clean_start": False, "properties": properties}

    def _new_client(self, epoch: int) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=paho.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_queued_messages_set(MAX_IN_FLIGHT * 2)
        client.max_inflight_messages_set(MAX_IN_FLIGHT)
        if self._settings.username is not None:
            client.username_pw_set(self._settings.username, self._settings.password())
        if self._settings.tls is not None:
            client.tls_set_context(tls_context(self._settings.tls))
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        self._wire(client, epoch)
        return client

    def _wire(self, client: paho.Client, epoch: int) -> None:
        def on_connect(_c: paho.Client, _u: object, _f: object, reason: Any, _p: object) -> None:
            self._touch()
            if reason.is_failure:
                self._count(f"refused_{_slug(reason)}")
                log.warning("mqtt.refused", client=self._client_id, reason=str(reason))
                self._down.set()
            elif self._subscriptions:
                client.subscribe([(topic, 1) for topic in self._subscriptions])
            else:
                self._ready.set()

        def on_subscribe(_c: paho.Client, _u: object, _m: int, reasons: list[Any], _p: object) -> None:
            self._touch()
            for reason in reasons:
                if reason.is_failure:
                    self._count(f"subscription_{_slug(reason)}")
                    log.warning("mqtt.subscription_refused", client=self._client_id, reason=str(reason))
            self._ready.set()

        def on_disconnect(_c: paho.Client, _u: object, _f: object, reason: Any, _p: object) -> None:
            if epoch == self._epoch:
                self._count(f"disconnect_{_slug(reason)}")
                self._down.set()

        def on_message(_c: paho.Client, _u: object, message: paho.MQTTMessage) -> None:
            self._touch()
            self._enqueue(message, epoch)

        def on_publish(_c: paho.Client, _u: object, _m: int, reason: Any, _p: object) -> None:
            self._touch()
            if reason.is_failure:
                name = f"puback_{_slug(reason)}"
                if name not in self._counters:
                    # Once: what the broker's ACL forbids is tried again and again.
                    log.warning("mqtt.publication_refused", client=self._client_id, reason=str(reason))
                self._count(name)

        def on_log(_c: paho.Client, _u: object, _level: int, text: str) -> None:
            # The only place where paho shows a PINGRESP; what we send ourselves proves nothing.
            if text.startswith("Received"):
                self._touch()

        client.on_connect = on_connect
        client.on_subscribe = on_subscribe
        client.on_disconnect = on_disconnect
        client.on_message = on_message
        client.on_publish = on_publish
        client.on_log = on_log

    def _enqueue(self, message: paho.MQTTMessage, epoch: int) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            self._count("topic_not_utf8")
            topic = ""
        delivery = Delivery(topic, bytes(message.payload), message.qos, message.retain, epoch, message.mid)
        try:
            self._inbound.put_nowait(delivery)
            self._count("received")
        except queue.Full:
            self._count("inbound_dropped")

    def _touch(self) -> None:
        self._last_traffic = self._clock.monotonic()

    def _count(self, name: str) -> None:
        with self._lock:
            self._counters[name] += 1


def tls_context(settings: TlsSettings) -> ssl.SSLContext:
    """A client context that verifies the server, TLS 1.2 or newer."""
    context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.cert_file is not None and settings.key_file is not None:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context


def _slug(reason: Any) -> str:
    return str(reason).lower().replace(" ", "_").replace("-", "_")[:40]
