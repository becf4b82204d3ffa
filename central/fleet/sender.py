"""The thread that sends orders: desired states retained, commands until their result is there (指令下发线程)."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Protocol
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import SQLAlchemyError

from central.fleet.desk import FleetDesk
from central.fleet.orders import Order, order_message
from ingest.clock import Clock
from ingest.fleet import ConfigDesired, ModelDesired

_log = structlog.get_logger(__name__)

STEP_S = 0.5
AGAIN_S = 30.0
"""A command without a result is sent again; the node knows it by its id."""
WRITE_OFF_EVERY_S = 3600.0


class Link(Protocol):
    """What the sender needs of :class:`ingest.link.MqttLink`."""

    @property
    def connected(self) -> bool: ...
    @property
    def epoch(self) -> int: ...
    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool: ...


class OrderSender:
    """Sends what the desk has written down."""

    def __init__(self, desk: FleetDesk, link: Link, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._desk = desk
        self._link = link
        self._key = key
        self._clock = clock
        self._epoch = -1
        self._beats = 0
        self._desired: dict[tuple[str, str, str], int] = {}
        self._commands: dict[UUID, float] = {}
        self._written_off_s: float | None = None
        self._counters: Counter[str] = Counter()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def counters(self) -> dict[str, int]:
        """orders_sent, orders_unsent, commands_lost, database_errors, failures."""
        return dict(self._counters)

    @property
    def beats(self) -> int:
        """Steps taken so far."""
        return self._beats

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name="orders", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """End after the step in hand."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def hurry(self) -> None:
        """Something new was written down."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.step()
            except SQLAlchemyError as error:
                self._counters["database_errors"] += 1
                _log.warning("orders_database", error=str(error)[:300])
            except Exception:  # noqa: BLE001 - counted; what was not sent is still written down
                self._counters["failures"] += 1
                _log.exception("orders_failed")
            self._wake.wait(STEP_S)
            self._wake.clear()

    def step(self) -> None:
        """Send what is due over the connection there is."""
        self._beats += 1
        if not self._link.connected:
            return
        if self._link.epoch != self._epoch:
            # A broker that was restarted empty has forgotten what it retained.
            self._epoch = self._link.epoch
            self._desired.clear()
            self._commands.clear()
        for desired in self._desk.desired():
            name = (desired.site, desired.node, desired.TYPE)
            if self._desired.get(name) != desired.revision and self._send(desired):
                self._desired[name] = desired.revision
        self._send_commands()
        self._write_off()

    def _send_commands(self) -> None:
        now = self._clock.monotonic()
        waiting = self._desk.waiting()
        self._commands = {
            order.command_id: self._commands.get(order.command_id, now - AGAIN_S) for order in waiting
        }
        for order in waiting:
            if now - self._commands[order.command_id] >= AGAIN_S and self._send(order):
                self._commands[order.command_id] = now

    def _send(self, order: Order) -> bool:
        topic, payload = order_message(order, self._key, self._clock.now())
        sent = self._link.publish(topic, payload, retain=isinstance(order, ConfigDesired | ModelDesired))
        self._counters["orders_sent" if sent else "orders_unsent"] += 1
        return sent

    def _write_off(self) -> None:
        now = self._clock.monotonic()
        if self._written_off_s is not None and now - self._written_off_s < WRITE_OFF_EVERY_S:
            return
        self._written_off_s = now
        self._counters["commands_lost"] += self._desk.write_off()
