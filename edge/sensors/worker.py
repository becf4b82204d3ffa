"""One sensor's thread: source, rules, picture, and one transaction for all that a reading leaves.

Nothing that goes wrong here harms another sensor or a camera: the failure is counted, the sensor is started again after
a growing pause, and goes on from its last checkpoint, which was written together with the events it raised.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import structlog

from detectors.sensors.decisions import AlarmOpened
from detectors.sensors.observer import Observed, SensorObserver, SnapshotInvalid
from edge.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from edge.database import Database
from edge.pictures import PictureStore, StoredPicture
from edge.sensors.raw import RawReading, RawRing
from edge.sensors.section import SensorSection
from edge.sensors.snapshot import Snapshots
from edge.sensors.translate import SensorView, reading_draft, to_draft
from edge.spool import Draft, Spool
from ingest.cameras.backoff import Backoff
from ingest.clock import Clock, uuid7
from ingest.config import MqttSettings
from ingest.messages import Evidence, SensorStatus, source_of
from ingest.sanitise import sanitise
from ingest.sensors import End, Failure, NoData, NoSample, Sample, SensorSource, open_sensor

log = structlog.get_logger(__name__)

CHECKPOINT_EVERY_S = 5.0
"""Readings without an event need no checkpoint of their own; a power cut costs the window at most so much."""
POLL_S = 0.25
"""How soon a stop is noticed while waiting for a reading."""
TICK_S = 1.0
"""How often time alone is held against the rules."""
GIVE_UP_AFTER = 5
"""Failures in a row, without one reading, after which a recording is given up; live sensors never are."""


@dataclass(frozen=True)
class SensorRoom:
    """What all sensors of a node share."""

    site: str
    node: str
    clock: Clock
    database: Database
    spool: Spool
    pictures: PictureStore
    broker: MqttSettings
    time_zone: ZoneInfo
    raw: RawRing


class SensorWorker:
    """A sensor at work.

    Args:
        sensor: Its configuration.
        room: What the sensors share.
        snapshots: Takes the pictures of its alarms.
        rng: Spreads questions and restarts.
    """

    def __init__(self, sensor: SensorSection, room: SensorRoom, snapshots: Snapshots, *, rng: Random) -> None:
        self._sensor = sensor
        self._room = room
        self._snapshots = snapshots
        self._rng = rng
        self._settings = sensor.settings(room.site, room.node, room.time_zone)
        source = source_of(room.site, room.node, sensor.name)
        self._view = SensorView(
            sensor.name, source, sensor.quantity, sensor.fixed_position(), by_node_clock=not sensor.finite
        )
        self._backoff = Backoff(first_s=0.5, most_s=60.0, rng=rng)
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._counters: Counter[str] = Counter()
        self._others: dict[str, int] = {}
        """Counted by source and memory of the session."""
        self._state = "starting"
        self._detail = ""
        self._last: tuple[datetime, float] | None = None
        self._thread: threading.Thread | None = None

    @property
    def finite(self) -> bool:
        """Whether its source has an end."""
        return self._sensor.finite

    @property
    def failed(self) -> bool:
        """Whether it was given up."""
        return self._state == "failed" and self._finished.is_set()

    @property
    def counters(self) -> dict[str, int]:
        """Readings and failures by name."""
        return {**self._others, **self._snapshots.counters, **self._counters}

    def status(self) -> SensorStatus:
        """How it does, for the node's heartbeat."""
        at, value = self._last or (None, None)
        return SensorStatus.model_validate(
            {
                "name": self._sensor.name,
                "quantity": self._view.quantity.value,
                "unit": self._view.unit,
                "state": self._state,
                "last_reading": at,
                "value": value,
                "readings": self._counters["readings"],
                "refused": self._counters["readings_refused"],
                "detail": self._detail[:300],
            }
        )

    def start(self) -> None:
        """Begin reading in the background."""
        self._thread = threading.Thread(target=self._run, name=f"sensor-{self._sensor.name}", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let the sensor finish its reading and end, without waiting for it."""
        self._stopping.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish the reading in hand, write a checkpoint, end."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def wait_finished(self, timeout_s: float) -> bool:
        """Whether it ended (the recording is over, or was given up) within ``timeout_s`` seconds."""
        return self._finished.wait(timeout_s)

    # -- supervision ------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_session()
                break
            except Exception as error:  # noqa: BLE001 - counted and shown; no sensor may harm another
                if self._give_up(error):
                    break
        self._finished.set()

    def _give_up(self, error: Exception) -> bool:
        pause_s = self._backoff.failed()
        self._counters["failures"] += 1
        self._counters[f"failures_{type(error).__name__}"[:60]] += 1
        self._state, self._detail = "failed", _shown(f"{type(error).__name__}: {error}")
        hopeless = self.finite and self._backoff.failures >= GIVE_UP_AFTER
        log.error(
            "sensor.failed",
            sensor=self._sensor.name,
            error=self._detail,
            given_up=hopeless,
            pause_s=round(pause_s, 1),
        )
        if not hopeless:
            self._stopping.wait(pause_s)
        return hopeless

    def _run_session(self) -> None:
        """From opening the source to its end; raises whatever keeps it from reading."""
        checkpoint = self._restorable()
        observer = self._recall(checkpoint)
        position_s = checkpoint.position_s if checkpoint else None
        source = open_sensor(
            self._sensor.source,
            every_s=self._sensor.every_s,
            own_broker=self._room.broker,
            client_id=f"kerbwatch-{self._room.site}-{self._room.node}-sensor-{self._sensor.name}",
            clock=self._room.clock,
            rng=self._rng,
            resume_after_s=position_s,
        )
        session = _Session(source, observer, position_s)
        try:
            while not self._stopping.is_set():
                if not self._step(session):
                    self._report(session, observer.end())
                    self._state = "ended"
                    break
            self._commit(session, [], [])
        finally:
            source.close()

    def _key(self) -> str:
        """Of its checkpoint; no camera can be named so."""
        return f"sensor:{self._sensor.name}"

    def _origin(self) -> str:
        recording = self._sensor.csv
        return f"{self._sensor.quantity}|{'live' if recording is None else recording.origin}"

    def _restorable(self) -> Checkpoint | None:
        checkpoint = load_checkpoint(self._room.database, self._key())
        if checkpoint is not None and checkpoint.origin != self._origin():
            # Another quantity or recording: what is remembered means nothing for it.
            self._counters["checkpoint_of_other_source"] += 1
            return None
        return checkpoint

    def _recall(self, checkpoint: Checkpoint | None) -> SensorObserver:
        if checkpoint is not None:
            try:
                observer = SensorObserver(self._settings, new_id=uuid7, snapshot=checkpoint.memory)
            except SnapshotInvalid as error:
                self._counters["memory_lost"] += 1
                log.error("sensor.memory_lost", sensor=self._sensor.name, reason=str(error))
            else:
                if not self.finite:
                    observer.resumed()
                return observer
        return SensorObserver(self._settings, new_id=uuid7)

    # -- one reading ------------------------------------------------------------------------------

    def _step(self, session: _Session) -> bool:
        """Wait for the next answer and take it; ``False`` at the end of a recording."""
        answer = session.source.read(POLL_S)
        self._others = {**session.source.counters, **session.observer.counters()}
        if isinstance(answer, End):
            return False
        if isinstance(answer, Sample):
            self._take(session, answer)
        elif isinstance(answer, NoSample):
            self._take_none(session, answer)
        else:
            self._tick(session)
        return True

    def _take(self, session: _Session, sample: Sample) -> None:
        self._backoff.succeeded()
        session.position_s = sample.position_s
        observed = session.observer.reading(sample.at, sample.number, sample.steady_s)
        value = observed.value
        if isinstance(value, float):
            self._counters["readings"] += 1
            self._last, self._detail = (sample.at, value), ""
            session.raw.append(RawReading(sample.at, sample.number, value))
        else:
            self._counters["readings_refused"] += 1
            why = "clock_backwards" if value is None else value.value
            self._detail = f"{why}: {sample.number:.6g}"
            session.raw.append(RawReading(sample.at, sample.number, None, why))
        self._report(session, observed)

    def _take_none(self, session: _Session, answer: NoSample) -> None:
        self._counters[f"no_reading_{answer.failure.value}"] += 1
        self._detail = _shown(f"{answer.failure.value}: {answer.detail}")
        session.position_s = session.position_s if answer.position_s is None else answer.position_s
        if answer.failure is Failure.BAD_ANSWER:
            self._counters["readings_refused"] += 1
            session.raw.append(RawReading(answer.at, None, None, self._detail[:100]))
            observed = session.observer.reading(answer.at, NoData.NOT_A_NUMBER, answer.steady_s)
        else:
            observed = session.observer.passed(answer.at, answer.steady_s)
        self._report(session, observed)

    def _tick(self, session: _Session) -> None:
        now = self._room.clock.monotonic()
        if self.finite or now - session.ticked_s < TICK_S:
            return
        session.ticked_s = now
        self._report(session, session.observer.passed(self._room.clock.now(), now))

    # -- what a reading leaves --------------------------------------------------------------------

    def _report(self, session: _Session, observed: Observed) -> None:
        self._show(session.observer)
        if not observed.decisions and not observed.windows:
            if self._room.clock.monotonic() - session.committed_s >= CHECKPOINT_EVERY_S:
                self._commit(session, [], [])
            return
        drafts = [reading_draft(window, self._view) for window in observed.windows]
        stored: list[StoredPicture] = []
        for decision in observed.decisions:
            evidence = Evidence()
            if isinstance(decision, AlarmOpened):
                gathered = self._snapshots.take(decision.at)
                evidence = gathered.evidence
                stored += gathered.stored
            drafts.append(to_draft(decision, self._view, evidence))
        self._commit(session, drafts, stored)
        self._counters["windows_told"] += len(observed.windows)
        for decision in observed.decisions:
            self._counters[f"decision_{type(decision).__name__.lower()}"] += 1

    def _show(self, observer: SensorObserver) -> None:
        if observer.silent:
            self._state = "silent"
        elif observer.alarmed:
            self._state = "alarm"
        elif self._last is not None:
            self._state = "reading"

    def _commit(self, session: _Session, drafts: Sequence[Draft], stored: Sequence[StoredPicture]) -> None:
        """Events, picture queue and checkpoint: all of a reading, or nothing of it."""
        known_to = session.observer.last_call
        if known_to is None:
            return
        checkpoint = Checkpoint(
            camera=self._key(),
            origin=self._origin(),
            position_s=session.position_s,
            memory=session.observer.snapshot(),
            looked_at=known_to,
        )
        with self._room.database.transaction() as connection:
            for draft in drafts:
                self._room.spool.append(connection, draft)
            self._room.pictures.enqueue(connection, stored)
            save_checkpoint(connection, checkpoint)
        self._room.raw.keep(self._sensor.name, session.raw, self._sensor.keep_raw)
        session.raw.clear()
        session.committed_s = self._room.clock.monotonic()


def _shown(text: str) -> str:
    """For status and log: no credentials, and nothing that JSON cannot hold."""
    return sanitise(text).encode("utf-8", "replace").decode()[:300]


class _Session:
    """One run of a source: replaced, never repaired, after a failure."""

    def __init__(self, source: SensorSource, observer: SensorObserver, position_s: float | None) -> None:
        self.source = source
        self.observer = observer
        self.position_s = position_s
        self.raw: list[RawReading] = []
        self.committed_s = float("-inf")
        self.ticked_s = float("-inf")
