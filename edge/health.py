"""What the node says about itself: birth, heartbeat and death, signed like every event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.clock import Clock, uuid7
from ingest.messages import CameraStatus, Event, NodeStatus, schema_urn, source_of
from ingest.signing import sign

MAX_COUNTERS = 200
"""As many as the wire takes."""


def software_version() -> str:
    """Name and version of this program."""
    try:
        return f"kerbwatch {version('kerbwatch')}"
    except PackageNotFoundError:
        return "kerbwatch (not installed)"


class StatusWriter:
    """Makes status payloads. The will is written with the same boot id, so a late death cannot end a new run."""

    def __init__(self, *, site: str, node: str, boot_id: UUID, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._source = source_of(site, node)
        self._boot_id = boot_id
        self._key = key
        self._clock = clock

    def payload(
        self,
        *,
        online: bool,
        cameras: Sequence[CameraStatus] = (),
        depth: tuple[int, int] = (0, 0),
        counters: Mapping[str, int] | None = None,
    ) -> bytes:
        """A signed status event. ``depth``: events and bytes in the spool."""
        status = NodeStatus(
            state="online" if online else "offline",
            software=software_version(),
            cameras=tuple(cameras),
            spool_depth=max(0, depth[0]),
            spool_bytes=max(0, depth[1]),
            counters={name[:80]: value for name, value in sorted((counters or {}).items())[:MAX_COUNTERS]},
        )
        now = self._clock.now()
        event = Event(
            id=uuid7(now),
            source=self._source,
            type=NodeStatus.TYPE,
            time=now,
            dataschema=schema_urn(NodeStatus),
            bootid=self._boot_id,
            data=status,
        )
        return sign(event, self._key).to_json()
