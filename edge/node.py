"""Program 1, the edge node (边缘节点): wires cameras, detector, spool and link together and keeps them running."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from random import Random
from uuid import UUID, uuid4

import structlog

from detectors.types import Detector, DetectorError
from edge.camera_memory import MemoryFactory
from edge.camera_session import Room
from edge.camera_worker import CameraWorker
from edge.config import NodeConfig
from edge.crew import new_sensors, new_workers
from edge.data_folder import hold
from edge.database import Database, open_database
from edge.errands import Errand
from edge.fleet.assembly import Fleet, FleetOptions, Neighbours
from edge.fleet.canary import CanaryDetector
from edge.fleet.clock import NodeClock
from edge.fleet.inventory import hardware, inventory
from edge.health import StatusWriter
from edge.inference import SharedDetector
from edge.link import Link
from edge.new_observer import new_observer
from edge.pictures import PictureStore
from edge.publisher import ACK_TIMEOUT_S, Publisher
from edge.sensors.group import SensorGroup
from edge.spool import Spool, SpoolLimits
from edge.uploader import Uploader
from ingest.clock import Clock
from ingest.link import MqttLink, Retained
from ingest.messages import CameraStatus, source_of
from ingest.signing import load_or_create_key, public_key_of
from ingest.topics import ORDER_CHANNELS, Channel, Topic

log = structlog.get_logger(__name__)

PICTURE_GRACE_S = 20.0
"""How long a node that has sent all its events still waits for its pictures to be taken."""

TIME_GRACE_S = 5.0
"""So long after a connection events wait for the centre to say what time it is; then they leave, saying that nobody
knew."""

_WAIT_STEP_S = 0.1


class Outcome(StrEnum):
    """How waiting for the end of all files came out."""

    DRAINED = "drained"
    CAMERA_FAILED = "camera_failed"
    SENSOR_FAILED = "sensor_failed"
    NOT_DRAINED = "not_drained"


@dataclass(frozen=True)
class NodeOptions:
    """What tests and special set-ups change; the defaults are for the street."""

    ack_timeout_s: float = ACK_TIMEOUT_S
    spool_limits: SpoolLimits = field(default_factory=SpoolLimits)
    seed: int | None = None
    fleet: FleetOptions = field(default_factory=FleetOptions)


class EdgeNode:
    """A node.

    Args:
        config: Checked configuration.
        clock: Wall and monotonic time; one that is no ``NodeClock`` is believed.
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
        self._clock: Clock = clock or NodeClock()
        self._node_clock = self._clock if isinstance(self._clock, NodeClock) else None
        self._options = options or NodeOptions()
        self._boot_id = uuid4()
        data_dir = config.node.data_dir
        self._lock = hold(data_dir)
        try:
            key = load_or_create_key(data_dir / "node.key")
            self._public_key = public_key_of(key)
            self._database = open_database(data_dir / "node.db", now=self._clock.now())
            self._fleet = Fleet(config, self._database, self._options.fleet)
            self._config = config = self._fleet.config
            opened = detector or self._fleet.open_detector(config, starting=True)
            self._canary = CanaryDetector(opened, monotonic=self._clock.monotonic)
            self._detector = SharedDetector(self._canary)
        except BaseException:
            os.close(self._lock)
            raise
        self._hardware = hardware()
        self._status = StatusWriter(
            site=config.node.site,
            node=config.node.name,
            boot_id=self._boot_id,
            key=key,
            clock=self._clock,
            node_clock=self._node_clock,
        )
        self._spool = Spool(
            self._database,
            key=key,
            boot_id=self._boot_id,
            source=source_of(config.node.site, config.node.name),
            clock=self._clock,
            limits=self._options.spool_limits,
            stamp=None if self._node_clock is None else self._node_clock.stamp,
        )
        self._pictures = PictureStore(self._database, data_dir / "evidence")
        self._link: Link = link or self._new_link()
        self._rng = Random(self._options.seed)  # noqa: S311 - spreads retries, keeps no secret
        others = Neighbours(self._database, self._spool, self._pictures, self._link, key, self._clock, self._rng)
        self._manager = self._fleet.manager(self, self._canary, others)
        self._new_memory = new_memory
        self._retired: Counter[str] = Counter()
        self._connected_s: tuple[int, float] | None = None
        self._publisher = Publisher(
            self._spool,
            self._link,
            topic=self._topic(Channel.EVENT),
            status=self._status_payload,
            clock=self._clock,
            ack_timeout_s=self._options.ack_timeout_s,
            orders=self._manager.take,
            may_send=self._may_send,
        )
        self._uploader = (
            None
            if config.centre is None
            else Uploader(config.centre, self._pictures, clock=self._clock, rng=self._rng)
        )
        self._retired_sensors: Counter[str] = Counter()
        self._workers = self._new_workers()
        self._sensors = self._new_sensors()

    @property
    def config(self) -> NodeConfig:
        """What runs: the file, and what the centre laid over it."""
        return self._config

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
    def sensors(self) -> SensorGroup:
        """The sensors."""
        return self._sensors

    @property
    def counters(self) -> dict[str, int]:
        """Totals of all parts; camera counters are summed."""
        cameras = Counter(self._retired)
        for worker in self._workers:
            cameras.update(worker.counters)
        return {
            **{f"camera_{name}": value for name, value in cameras.items()},
            **{f"link_{name}": value for name, value in self._link.counters.items()},
            **(self._retired_sensors + Counter(self._sensors.counters)),
            **self._publisher.counters,
            **self._manager.counters,
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
            sensors=len(self._sensors.workers),
            waiting_events=self._spool.depth()[0],
            swept_pictures=swept,
        )
        self._link.start()
        self._publisher.start()
        self._manager.start()
        if self._uploader is not None:
            self._uploader.start()
        for worker in self._workers:
            worker.start()
        self._sensors.start()

    def stop(self) -> None:
        """Stop cameras first (each writes its checkpoint), then say goodbye and close."""
        self._manager.stop()
        self._sensors.stop()
        self._stop_cameras()
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

    @property
    def progress(self) -> dict[str, tuple[int, float]]:
        """Per thread that must not hang a number that grows while it works, and how long it may rest, in seconds."""
        parts = {"publisher": (self._publisher.beats, 0.0)}
        for worker in self._workers:
            # A recording that is over, or was given up, has nothing left to do.
            if not worker.wait_finished(0.0):
                name = worker.status().name
                parts[f"camera {name}"] = (sum(worker.counters.values()), 2 * self._interval(name))
        return parts

    def camera_statuses(self) -> list[CameraStatus]:
        """How the cameras do, counted since they were started."""
        return [worker.status() for worker in self._workers]

    def reconfigure(self, config: NodeConfig, detector: Detector | None = None) -> None:
        """Start cameras and sensors anew under ``config``, and with ``detector`` where one is given (which is then the
        node's to close). Events, pictures, link and state stay as they are.

        Raises:
            DetectorError, ModelError: Another detector section was given, and its model does not open.
        """
        if detector is None and config.detector != self._config.detector:
            detector = self._fleet.open_detector(config)
        # Sensors ask cameras for pictures: they end before these and begin after them.
        self._sensors.stop()
        self._retired_sensors.update(self._sensors.counters)
        self._stop_cameras()
        if detector is not None:
            self._canary.replace(detector).close()
        self._config = config
        self._workers = self._new_workers()
        self._sensors = self._new_sensors()
        for worker in self._workers:
            worker.start()
        self._sensors.start()

    def send_errand(self, camera: str | None, *, wants_picture: bool) -> list[Errand]:
        """Have one camera look now, or each; none where there is no such camera."""
        errands = []
        for worker in self._workers:
            name = worker.status().name
            if camera in (None, name):
                errands.append(Errand(name, wants_picture))
                worker.send(errands[-1])
        return errands

    def wait_finished(self, timeout_s: float) -> Outcome:
        """Wait until every file and folder is over and the centre has every event.

        Returns:
            ``DRAINED``; ``CAMERA_FAILED`` or ``SENSOR_FAILED`` when one was given up; ``NOT_DRAINED`` after
            ``timeout_s`` seconds.
        """
        deadline = self._clock.monotonic() + timeout_s
        finite = [worker for worker in self._workers if worker.finite]
        for worker in finite:
            if not worker.wait_finished(max(0.0, deadline - self._clock.monotonic())):
                return Outcome.NOT_DRAINED
        if not self._sensors.wait_finished(deadline, self._clock):
            return Outcome.NOT_DRAINED
        while self._spool.depth()[0] > 0:
            if self._clock.monotonic() >= deadline or not self._publisher.wait(_WAIT_STEP_S):
                return Outcome.NOT_DRAINED
        self._wait_pictures(min(deadline, self._clock.monotonic() + PICTURE_GRACE_S))
        if any(worker.failed for worker in finite):
            return Outcome.CAMERA_FAILED
        return Outcome.SENSOR_FAILED if self._sensors.failed else Outcome.DRAINED

    def _wait_pictures(self, deadline: float) -> None:
        """Pictures may come later: an event never waits for them, and neither does the end for long."""
        if self._uploader is None:
            return
        while self._pictures.queued() and self._clock.monotonic() < deadline:
            if not self._publisher.wait(_WAIT_STEP_S):
                return
        if left := self._pictures.queued():
            log.warning("node.pictures_left", pictures=left)

    def _stop_cameras(self) -> None:
        for worker in self._workers:
            worker.ask_to_stop()
        for worker in self._workers:
            worker.stop()
            self._retired.update(worker.counters)
            if worker.alive:
                # It hangs in its source; what it would still do ends with the look in hand.
                self._retired["workers_left_behind"] += 1

    def _interval(self, camera: str) -> float:
        return next(item.look_interval_s for item in self._config.cameras if item.name == camera)

    def _may_send(self) -> bool:
        """Hold events back for a moment where the centre is about to say what time it is."""
        clock = self._node_clock
        if clock is None or clock.trusted or all(camera.clock != "wall" for camera in self._config.cameras):
            return True
        epoch, now = self._link.epoch, clock.monotonic()
        if self._connected_s is None or self._connected_s[0] != epoch:
            self._connected_s = (epoch, now)
        return now - self._connected_s[1] >= TIME_GRACE_S

    # -- parts ------------------------------------------------------------------------------------

    def _topic(self, channel: Channel) -> Topic:
        return Topic(self._config.node.site, self._config.node.name, channel)

    def _new_link(self) -> MqttLink:
        will = Retained(str(self._topic(Channel.STATUS)), self._status.payload(online=False))
        return MqttLink(
            self._config.mqtt,
            client_id=f"kerbwatch-{self._config.node.site}-{self._config.node.name}",
            subscriptions=tuple(str(self._topic(channel)) for channel in ORDER_CHANNELS),
            will=will,
            clock=self._clock,
        )

    def _status_payload(self, online: bool) -> bytes:
        return self._status.payload(
            online=online,
            cameras=self.camera_statuses(),
            sensors=self._sensors.statuses(),
            depth=self._spool.depth(),
            counters=self.counters,
            inventory=inventory(self._config, self._canary.card, self._manager.running_revision, self._hardware),
        )

    def _room(self) -> Room:
        clock = self._node_clock
        return Room(
            clock=self._clock,
            database=self._database,
            spool=self._spool,
            pictures=self._pictures,
            detector=self._detector,
            new_memory=self._new_memory or partial(new_observer, time_zone=self._config.time_zone),
            authority=self._config.privacy.authority_key(),
            sources=self._config.sources.policy(),
            knows_time=lambda: clock is None or clock.trusted,
        )

    def _new_workers(self) -> tuple[CameraWorker, ...]:
        return new_workers(self._config, self._room(), rng=self._rng)

    def _new_sensors(self) -> SensorGroup:
        return new_sensors(self._config, self._room(), self._workers, rng=self._rng)
