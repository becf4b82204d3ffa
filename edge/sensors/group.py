"""All sensors of a node: started, stopped, counted and waited for together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random

from edge.camera_worker import CameraWorker
from edge.config import CameraSection
from edge.evidence import EvidenceMaker
from edge.sensors.section import SensorSection
from edge.sensors.snapshot import Eye, Shot, Snapshots, nearest
from edge.sensors.worker import SensorRoom, SensorWorker
from ingest.clock import Clock
from ingest.messages import SensorStatus


class SensorGroup:
    """The sensors at work.

    Args:
        sensors: Their configuration.
        room: What they share.
        eyes: The cameras that can be asked for a picture, by name.
        new_maker: Makes what covers and stores pictures, one for each sensor; None: nothing here could.
        rng: Spreads questions and restarts.
    """

    def __init__(
        self,
        sensors: Sequence[SensorSection],
        room: SensorRoom,
        eyes: Mapping[str, Eye],
        new_maker: Callable[[], EvidenceMaker] | None,
        *,
        rng: Random,
    ) -> None:
        self._room = room
        self.workers = tuple(
            SensorWorker(sensor, room, _snapshots(sensor, eyes, new_maker), rng=rng) for sensor in sensors
        )

    @property
    def counters(self) -> dict[str, int]:
        """Totals; those of the sensors are summed."""
        found: Counter[str] = Counter(self._room.raw.counters)
        for worker in self.workers:
            found.update(worker.counters)
        return {f"sensor_{name}": value for name, value in found.items()}

    def statuses(self) -> list[SensorStatus]:
        """How each does."""
        return [worker.status() for worker in self.workers]

    def start(self) -> None:
        """Begin reading."""
        for worker in self.workers:
            worker.start()

    def stop(self) -> None:
        """Stop all; each writes its checkpoint."""
        for worker in self.workers:
            worker.ask_to_stop()
        for worker in self.workers:
            worker.stop()
        self._room.raw.close()

    def wait_finished(self, deadline_s: float, clock: Clock) -> bool:
        """Whether all recordings were over by ``deadline_s`` on the monotonic clock."""
        return all(
            worker.wait_finished(max(0.0, deadline_s - clock.monotonic()))
            for worker in self.workers
            if worker.finite
        )

    @property
    def failed(self) -> bool:
        """Whether a recording was given up."""
        return any(worker.failed for worker in self.workers)


def new_group(
    sensors: Sequence[SensorSection],
    room: SensorRoom,
    cameras: Sequence[tuple[CameraSection, CameraWorker]],
    new_maker: Callable[[], EvidenceMaker] | None,
    *,
    rng: Random,
) -> SensorGroup:
    """The sensors of a node with their cameras; those that a sensor may ask for a picture keep their newest."""
    workers = {camera.name: worker for camera, worker in cameras}
    eyes = {camera.name: _eye(camera, workers[camera.name]) for camera, _ in cameras}
    for sensor in sensors:
        if (eye := nearest(sensor, eyes)) is not None:
            workers[eye.name].keep_newest()
    return SensorGroup(sensors, room, eyes, new_maker, rng=rng)


def _eye(camera: CameraSection, worker: CameraWorker) -> Eye:
    def latest() -> Shot | None:
        look = worker.newest()
        return None if look is None else Shot(look.image, look.at)

    plane = camera.ground_plane()
    position = camera.fixed_position()
    if position is None and plane is not None:
        position = plane.position(0.5, 0.75)  # the ground in the middle of its view
    return Eye(camera.name, position, latest)


def _snapshots(
    sensor: SensorSection, eyes: Mapping[str, Eye], new_maker: Callable[[], EvidenceMaker] | None
) -> Snapshots:
    return Snapshots(nearest(sensor, eyes), None if new_maker is None else new_maker())
