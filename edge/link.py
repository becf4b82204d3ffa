"""What the node needs of an MQTT link; :class:`ingest.link.MqttLink` is the real one."""

from __future__ import annotations

from typing import Protocol

from ingest.link import Delivery


class Link(Protocol):
    """A self-healing connection to the broker."""

    @property
    def connected(self) -> bool:
        """Whether it seems up."""
        ...

    @property
    def epoch(self) -> int:
        """Grows with every new connection."""
        ...

    @property
    def counters(self) -> dict[str, int]:
        """Totals since the start."""
        ...

    def start(self) -> None:
        """Connect in the background."""
        ...

    def stop(self, timeout_s: float = 5.0) -> None:
        """Disconnect."""
        ...

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """QoS 1, never blocks; ``False``: not sent."""
        ...

    def receive(self, timeout_s: float) -> Delivery | None:
        """The next delivery."""
        ...

    def acknowledge(self, delivery: Delivery) -> None:
        """The delivery is safe."""
        ...
