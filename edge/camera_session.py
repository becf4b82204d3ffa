"""One run of a camera's source: begun from its last checkpoint, replaced, never repaired, after a failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from detectors.types import Detector
from edge.camera_memory import Memory, MemoryFactory
from edge.checkpoints import Checkpoint, load_checkpoint
from edge.config import CameraSection
from edge.database import Database
from edge.pictures import PictureStore
from edge.spool import Spool
from ingest.cameras import Source, SourceOptions, SourcePolicy, open_source
from ingest.clock import Clock

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Room:
    """What all cameras of a node share."""

    clock: Clock
    database: Database
    spool: Spool
    pictures: PictureStore
    detector: Detector
    new_memory: MemoryFactory
    authority: X25519PublicKey | None = None
    """For whom originals are sealed."""
    sources: SourcePolicy = field(default_factory=SourcePolicy)
    """Where cameras may lead."""
    knows_time: Callable[[], bool] = lambda: True
    """Whether the node's clock may be believed."""


@dataclass
class Session:
    """An open source with the place memory that looks at it."""

    source: Source
    memory: Memory
    origin: str
    position_s: float | None
    looked_at: datetime | None = None
    committed_s: float = float("-inf")


def begin(camera: CameraSection, room: Room, *, counters: Counter[str], rng: Random) -> Session:
    """Open the source where the last checkpoint left it; what of it cannot be used is counted. Raises SourceError."""
    origin = _origin(camera)
    checkpoint = _restorable(room, camera.name, origin, counters)
    memory = _recall(camera, room, checkpoint, counters)
    position_s = None if checkpoint is None else checkpoint.position_s
    options = SourceOptions(
        look_interval_s=camera.look_interval_s,
        start_at=camera.start_at,
        fps=camera.fps,
        resume_after_s=position_s,
        stream=camera.stream.options(),
        sub_stream=camera.stream.sub_stream(),
        policy=room.sources,
    )
    source = open_source(camera.address, options, clock=room.clock, rng=rng)
    return Session(source, memory, origin, position_s)


def _origin(camera: CameraSection) -> str:
    if camera.address.live:
        return "live"
    start = camera.start_at
    return f"{camera.address.shown}|{start.isoformat() if start else 'wall'}|{camera.fps:g}"


def _restorable(room: Room, camera: str, origin: str, counters: Counter[str]) -> Checkpoint | None:
    checkpoint = load_checkpoint(room.database, camera)
    if checkpoint is not None and checkpoint.origin != origin:
        # Another recording, or another start of it: its time and place memory mean nothing here.
        counters["checkpoint_of_other_source"] += 1
        return None
    return checkpoint


def _recall(camera: CameraSection, room: Room, checkpoint: Checkpoint | None, counters: Counter[str]) -> Memory:
    if checkpoint is not None:
        try:
            return room.new_memory(camera, checkpoint.memory)
        except ValueError as error:
            counters["memory_lost"] += 1
            log.error("camera.memory_lost", camera=camera.name, reason=str(error))
    return room.new_memory(camera, None)
