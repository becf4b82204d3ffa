"""What the node says about itself: birth, heartbeat and death, signed like every event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.fleet.clock import NodeClock
from edge.software import software_version
from ingest.clock import Clock, uuid7
from ingest.fleet import ClockSource, Inventory
from ingest.messages import CameraStatus, Event, NodeStatus, schema_urn, source_of
from ingest.signing import sign

MAX_COUNTERS = 200
"""As many as the wire takes."""


class StatusWriter:
    """Makes status payloads. The will is written with the same boot id, so a late death cannot end a new run.

    A status also asks the centre for the time where ``node_clock`` wants it.
    """

    def __init__(
        self,
        *,
        site: str,
        node: str,
        boot_id: UUID,
        key: Ed25519PrivateKey,
        clock: Clock,
        node_clock: NodeClock | None = None,
    ) -> None:
        self._source = source_of(site, node)
        self._boot_id = boot_id
        self._key = key
        self._clock = clock
        self._node_clock = node_clock

    def payload(
        self,
        *,
        online: bool,
        cameras: Sequence[CameraStatus] = (),
        depth: tuple[int, int] = (0, 0),
        counters: Mapping[str, int] | None = None,
        inventory: Inventory | None = None,
    ) -> bytes:
        """A signed status event. ``depth``: events and bytes in the spool."""
        clock = self._node_clock
        asks = online and clock is not None and clock.wants_time()
        stamp = None if clock is None else clock.stamp()
        status = NodeStatus(
            state="online" if online else "offline",
            software=software_version(),
            cameras=tuple(cameras),
            spool_depth=max(0, depth[0]),
            spool_bytes=max(0, depth[1]),
            counters={name[:80]: value for name, value in sorted((counters or {}).items())[:MAX_COUNTERS]},
            clock_offset_ms=None if clock is None else clock.offset_ms,
            clock_source=ClockSource.UNKNOWN if clock is None else clock.source,
            wants_time=asks,
            inventory=inventory,
        )
        now = self._clock.now()
        event = Event(
            id=uuid7(now),
            source=self._source,
            type=NodeStatus.TYPE,
            time=now,
            dataschema=schema_urn(NodeStatus),
            bootid=self._boot_id,
            clockoffsetms=None if stamp is None else stamp.offset_ms,
            clocktrusted=None if stamp is None else stamp.trusted,
            monotonicms=None if stamp is None else stamp.monotonic_ms,
            data=status,
        )
        if asks and clock is not None:
            clock.asked(event.id)
        return sign(event, self._key).to_json()
