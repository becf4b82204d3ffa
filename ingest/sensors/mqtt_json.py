"""Readings as JSON over MQTT (物联网网关): subscribed, never trusted, at most so many a second."""

from __future__ import annotations

from collections import Counter

from ingest.clock import Clock
from ingest.config import MqttSettings
from ingest.link import MqttLink
from ingest.sensors.numbers import MOST_BYTES
from ingest.sensors.payload import PayloadReader
from ingest.sensors.settings import MqttSource
from ingest.sensors.source import Failure, NoSample, Sample

MOST_PER_S = 50
"""What a sensor sends beyond this is dropped unread and counted: nothing on a street changes faster."""


class MqttJson:
    """A subscription of its own: a sensor that floods or hangs its broker harms no other."""

    def __init__(self, source: MqttSource, own: MqttSettings, *, client_id: str, clock: Clock) -> None:
        self._reader = PayloadReader(source)
        self._clock = clock
        self._counters: Counter[str] = Counter()
        self._second_s, self._taken = float("-inf"), 0
        self._link = MqttLink(
            source.broker or own,
            client_id=client_id,
            subscriptions=(source.topic,),
            # Readings that piled up while the node was away would be taken for readings of now.
            session_expiry_s=0,
            maximum_packet_bytes=MOST_BYTES + 2048,
            clock=clock,
        )
        self._link.start()

    @property
    def counters(self) -> dict[str, int]:
        """Dropped for their number, and the link's own counts."""
        link = {f"mqtt_{name}": value for name, value in self._link.counters.items()}
        return {**link, **self._counters}

    def read(self, timeout_s: float) -> Sample | NoSample | None:
        """The next payload, whatever it holds."""
        delivery = self._link.receive(timeout_s)
        if delivery is None:
            return None
        self._link.acknowledge(delivery)
        at, now = self._clock.now(), self._clock.monotonic()
        if not self._in_time(now):
            self._counters["flooded"] += 1
            return NoSample(at, now, Failure.FLOODED, f"more than {MOST_PER_S} a second")
        return self._reader.read(delivery.payload, at, now, kept=delivery.retain)

    def _in_time(self, now: float) -> bool:
        if now - self._second_s >= 1.0:
            self._second_s, self._taken = now, 0
        self._taken += 1
        return self._taken <= MOST_PER_S

    def close(self) -> None:
        """Unsubscribe by leaving."""
        self._link.stop()
