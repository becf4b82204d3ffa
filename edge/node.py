"""Program 1, the edge node (边缘节点): wires cameras, detector, spool and link together and keeps them running."""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import structlog

from detectors.observer import Observer, SnapshotInvalid
from detectors.places.rules import DEFAULT_TIME_ZONE
from detectors.runtime import open_detector
from detectors.types import Detector, DetectorError
from edge.camera_memory import Memory, MemoryFactory
from edge.camera_worker import CameraWorker, Room
from edge.config import CameraSection, NodeConfig
from edge.database import Database, open_database
from edge.health import StatusWriter
from edge.inference import SharedDetector
from edge.link import Link
from edge.pictures import PictureStore
from edge.publisher import ACK_TIMEOUT_S, Publisher
from edge.spool import Spool, SpoolLimits
from edge.translate import CameraView
from edge.uploader import Uploader
from ingest.clock import Clock, SystemClock, uuid7
from ingest.link import MqttLink, Retained
from ingest.messages import source_of
from ingest.signing import load_or_create_key, public_key_of
from ingest.topics import Channel, Topic

log = structlog.get_logger(__name__)

PICTURE_GRACE_S = 20.0
"""How long a node that has sent all its events still waits for its pictures to be taken."""

_WAIT_STEP_S = 0.1


class NodeError(Exception):
    """A node that cannot start; the message says what to do."""


class Outcome(StrEnum):
    """How waiting for the end of all files came out."""

    DRAINED = "drained"
    CAMERA_FAILED = "camera_failed"
    NOT_DRAINED = "not_drained"


@dataclass(frozen=True)
class NodeOptions:
    """What tests and special set-ups change; the defaults are for the street."""

    ack_timeout_s: float = ACK_TIMEOUT_S
    spool_limits: SpoolLimits = field(default_factory=SpoolLimits)
    seed: int | None = None


def new_observer(camera: CameraSection, snapshot: bytes | None, time_zone: ZoneInfo = DEFAULT_TIME_ZONE) -> Memory:
    """The camera's place memory, restored or new; hours in its rules are meant in ``time_zone``.

    Raises ValueError for a snapshot that cannot be used.
    """
    if snapshot is None:
        return Observer(
            camera.name,
            camera.zones,
            static_objects=camera.static_objects,
            look_interval_s=camera.look_interval_s,
            new_id=uuid7,
            time_zone=time_zone,
            plane=camera.ground_plane(),
        )
    try:
        return Observer.restore(
            snapshot,
            camera.name,
            camera.zones,
            static_objects=camera.static_objects,
            look_interval_s=camera.look_interval_s,
            new_id=uuid7,
            time_zone=time_zone,
            plane=camera.ground_plane(),
        )
    except SnapshotInvalid as error:
        raise ValueError(str(error)) from error


class EdgeNode:
    """A node.

    Args:
        config: Checked configuration.
        clock: Wall and monotonic time.
        link: Connection to the broker; made from the configuration when absent.
        detector: What looks; opened from the configuration when absent. Closed by :meth:`stop`.
        new_memory: Makes a camera's place memory; :func:`new_observer` when absent.
        options: Deviations from the defaults.

    Raises:
        NodeError: Another process uses the data folder, or it cannot be written to.
        DatabaseError, KeyFileError, ModelError, DetectorError: Something of it cannot be opened.
    """

    def __init__(
        self,
        config: NodeConfig,
        *,
        clock: Clock | None = None,
        link: Link | None = None,
        detector: Detector | None = None,
        new_memory: MemoryFactory | None = None,
        options: NodeOptions | None = None,
    ) -> None:
        self._config = config
        self._clock = clock or SystemClock()
        self._options = options or NodeOptions()
        self._boot_id = uuid4()
        data_dir = config.node.data_dir
        self._lock = _lock(data_dir)
        try:
            key = load_or_create_key(data_dir / "node.key")
            self._public_key = public_key_of(key)
            self._detector = SharedDetector(detector or _open_detector(config))
            self._database = open_database(data_dir / "node.db", now=self._clock.now())
        except BaseException:
            os.close(self._lock)
            raise
        self._status = StatusWriter(
            site=config.node.site, node=config.node.name, boot_id=self._boot_id, key=key, clock=self._clock
        )
        self._spool = Spool(
            self._database,
            key=key,
            boot_id=self._boot_id,
            source=source_of(config.node.site, config.node.name),
            clock=self._clock,
            limits=self._options.spool_limits,
        )
        self._pictures = PictureStore(self._database, data_dir / "evidence")
        self._link: Link = link or self._new_link()
        self._publisher = Publisher(
            self._spool,
            self._link,
            topic=self._topic(Channel.EVENT),
            status=self._status_payload,
            clock=self._clock,
            ack_timeout_s=self._options.ack_timeout_s,
        )
        self._rng = Random(self._options.seed)  # noqa: S311 - spreads retries, keeps no secret
        self._uploader = (
            None
            if config.centre is None
            else Uploader(config.centre, self._pictures, clock=self._clock, rng=self._rng)
        )
        self._workers = self._new_workers(new_memory or partial(new_observer, time_zone=config.time_zone))

    @property
    def boot_id(self) -> UUID:
        """This run of the node."""
        return self._boot_id

    @property
    def database(self) -> Database:
        """The node's state, for checkers."""
        return self._database

    @property
    def spool(self) -> Spool:
        """Events that wait for the centre."""
        return self._spool

    @property
    def workers(self) -> tuple[CameraWorker, ...]:
        """The cameras, in file order."""
        return self._workers

    @property
    def counters(self) -> dict[str, int]:
        """Totals of all parts; camera counters are summed."""
        cameras: Counter[str] = Counter()
        for worker in self._workers:
            cameras.update(worker.counters)
        return {
            **{f"camera_{name}": value for name, value in cameras.items()},
            **{f"link_{name}": value for name, value in self._link.counters.items()},
            **self._publisher.counters,
            **self._spool.counters(),
        }

    def start(self) -> None:
        """Sweep what a crash left, then run everything in the background."""
        swept = self._pictures.sweep()
        log.info(
            "node.starting",
            site=self._config.node.site,
            node=self._config.node.name,
            public_key=self._public_key,
            cameras=len(self._workers),
            waiting_events=self._spool.depth()[0],
            swept_pictures=swept,
        )
        self._link.start()
        self._publisher.start()
        if self._uploader is not None:
            self._uploader.start()
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Stop cameras first (each writes its checkpoint), then say goodbye and close."""
        for worker in self._workers:
            worker.ask_to_stop()
        for worker in self._workers:
            worker.stop()
        if self._uploader is not None:
            self._uploader.stop()
        self._publisher.stop()
        self._link.stop()
        try:
            self._detector.close()
        except DetectorError as error:
            log.warning("node.detector_not_closed", error=str(error))
        self._database.close()
        os.close(self._lock)
        log.info("node.stopped", node=self._config.node.name)

    def wait_finished(self, timeout_s: float) -> Outcome:
        """Wait until every file and folder is over and the centre has every event.

        Returns:
            ``DRAINED``; ``CAMERA_FAILED`` when one was given up; ``NOT_DRAINED`` after ``timeout_s`` seconds.
        """
        deadline = self._clock.monotonic() + timeout_s
        finite = [worker for worker in self._workers if worker.finite]
        for worker in finite:
            if not worker.wait_finished(max(0.0, deadline - self._clock.monotonic())):
                return Outcome.NOT_DRAINED
        while self._spool.depth()[0] > 0:
            if self._clock.monotonic() >= deadline or not self._publisher.wait(_WAIT_STEP_S):
                return Outcome.NOT_DRAINED
        self._wait_pictures(min(deadline, self._clock.monotonic() + PICTURE_GRACE_S))
        return Outcome.CAMERA_FAILED if any(worker.failed for worker in finite) else Outcome.DRAINED

    def _wait_pictures(self, deadline: float) -> None:
        """Pictures may come later: an event never waits for them, and neither does the end for long."""
        if self._uploader is None:
            return
        while self._pictures.queued() and self._clock.monotonic() < deadline:
            if not self._publisher.wait(_WAIT_STEP_S):
                return
        if left := self._pictures.queued():
            log.warning("node.pictures_left", pictures=left)

    # -- parts ------------------------------------------------------------------------------------

    def _topic(self, channel: Channel) -> Topic:
        return Topic(self._config.node.site, self._config.node.name, channel)

    def _new_link(self) -> MqttLink:
        will = Retained(str(self._topic(Channel.STATUS)), self._status.payload(online=False))
        return MqttLink(
            self._config.mqtt,
            client_id=f"kerbwatch-{self._config.node.site}-{self._config.node.name}",
            subscriptions=(str(self._topic(Channel.ACK)),),
            will=will,
            clock=self._clock,
        )

    def _status_payload(self, online: bool) -> bytes:
        return self._status.payload(
            online=online,
            cameras=[worker.status() for worker in self._workers],
            depth=self._spool.depth(),
            counters=self.counters,
        )

    def _new_workers(self, new_memory: MemoryFactory) -> tuple[CameraWorker, ...]:
        room = Room(
            clock=self._clock,
            database=self._database,
            spool=self._spool,
            pictures=self._pictures,
            detector=self._detector,
            new_memory=new_memory,
            authority=self._config.privacy.authority_key(),
            sources=self._config.sources.policy(),
        )
        card = self._detector.card
        return tuple(
            CameraWorker(camera, self._view(camera, f"{card.name} {card.version}"), room, rng=self._rng)
            for camera in self._config.cameras
        )

    def _view(self, camera: CameraSection, model: str) -> CameraView:
        return CameraView(
            camera=camera.name,
            source=source_of(self._config.node.site, self._config.node.name, camera.name),
            zones={zone.name: zone for zone in camera.zones},
            model=model[:200],
            plane=camera.ground_plane(),
            fixed=camera.fixed_position(),
        )


def _open_detector(config: NodeConfig) -> Detector:
    section = config.detector
    if section is None:
        return open_detector(config.model())
    return open_detector(config.model(), backend=section.backend, threads=section.threads)


def _lock(data_dir: Path) -> int:
    """Hold the data folder for this process: two nodes on one spool would number events twice."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / "node.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NodeError(
            f"node.data_dir = {data_dir}: {error.strerror}; give a folder this user may write to"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise NodeError(
            f"{data_dir} is in use by another node process; stop it or give another data_dir"
        ) from error
    return descriptor
