"""What the node says about itself: birth, heartbeat and death, signed like every event."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.fleet.clock import NodeClock
from edge.software import software_version
from ingest.clock import Clock, uuid7
from ingest.fleet import ClockSource, Inventory
from ingest.messages import CameraStatus, Event, NodeStatus, SensorStatus, schema_urn, source_of
from ingest.signing import sign

MAX_COUNTERS = 200
"""As many as the wire takes."""
MAX_NAME = 80
MAX_PERMITTED = 200
"""Kinds of permitted visits told of a whole node."""
PERMITTED_CUT = "status_permitted_cut"
"""The counter of kinds that did not fit."""
CUT = "status_counters_cut"
"""The counter of those that did not fit."""
_TELLS_OF_LOSS = re.compile(
    r"fail|drop|evict|lost|reject|refus|withheld|error|late|blind|invalid|given_up|backwards|stepped|detector_|no_picture"
)
"""What something went wrong by is kept first."""


def most_important(counters: Mapping[str, int], most: int = MAX_COUNTERS) -> dict[str, int]:
    """The counters that fit, by name: first those that tell of loss or failure, then others that count something, then
    zeros. How many did not fit is counted itself (:data:`CUT`)."""
    named: dict[str, int] = {}
    for name, value in counters.items():
        named[name[:MAX_NAME]] = named.get(name[:MAX_NAME], 0) + value
    if len(named) <= most:
        return dict(sorted(named.items()))
    ranked = sorted(named, key=lambda name: (named[name] == 0, _TELLS_OF_LOSS.search(name) is None, name))
    kept = {name: named[name] for name in ranked[: most - 1]}
    return dict(sorted({**kept, CUT: len(named) - len(kept)}.items()))


def most_permitted(cameras: Sequence[CameraStatus]) -> tuple[tuple[CameraStatus, ...], int]:
    """The cameras with the most frequent permitted visits of all of them, so that a heartbeat fits into a message; and
    how many kinds of visits were left out."""
    kinds = [
        (one.visits, -number, -index) for number, c in enumerate(cameras) for index, one in enumerate(c.permitted)
    ]
    if len(kinds) <= MAX_PERMITTED:
        return tuple(cameras), 0
    kept = {(-number, -index) for _, number, index in sorted(kinds, reverse=True)[:MAX_PERMITTED]}
    fewer = [
        camera.model_copy(
            update={"permitted": tuple(one for i, one in enumerate(camera.permitted) if (number, i) in kept)}
        )
        for number, camera in enumerate(cameras)
    ]
    return tuple(fewer), len(kinds) - MAX_PERMITTED


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
        sensors: Sequence[SensorStatus] = (),
        depth: tuple[int, int] = (0, 0),
        counters: Mapping[str, int] | None = None,
        inventory: Inventory | None = None,
    ) -> bytes:
        """A signed status event. ``depth``: events and bytes in the spool."""
        cameras, cut = most_permitted(cameras)
        counted = {**(counters or {}), PERMITTED_CUT: cut} if cut else counters or {}
        clock = self._node_clock
        asks = online and clock is not None and clock.wants_time()
        stamp = None if clock is None else clock.stamp()
        status = NodeStatus(
            state="online" if online else "offline",
            software=software_version(),
            cameras=cameras,
            sensors=tuple(sensors),
            spool_depth=max(0, depth[0]),
            spool_bytes=max(0, depth[1]),
            counters=most_important(counted),
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
