"""A sensor worker on a bench: its database and spool, a source that a test scripts."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from edge.database import Database
from edge.pictures import PictureStore
from edge.sensors.raw import RawRing
from edge.sensors.section import SensorSection
from edge.sensors.snapshot import Snapshots
from edge.sensors.worker import SensorRoom, SensorWorker
from edge.spool import Spool
from ingest.clock import Clock
from ingest.config import MqttSettings
from ingest.messages import Event, parse_event
from ingest.sensors.csv_replay import table_of
from tests.edge.doubles import START

QUIET, LOUD = 40.0, 70.0


def section(folder: Path, values: list[float], *, every_s: float = 10.0, **changes: object) -> SensorSection:
    """A noise meter whose recording holds ``values``; ``changes`` replace parts of it."""
    file = folder / "noise.csv"
    file.write_text(table_of((number * every_s, value) for number, value in enumerate(values)))
    given = {
        "name": "noise-1",
        "quantity": "noise",
        "every_s": every_s,
        "csv": {"file": file, "start_at": START},
        "rule": [{"name": "night", "above": 55.0, "for_s": 30.0}],
    }
    return SensorSection.model_validate(given | changes)


def room(folder: Path, database: Database, spool: Spool, clock: Clock) -> SensorRoom:
    return SensorRoom(
        site="xuhui",
        node="j17",
        clock=clock,
        database=database,
        spool=spool,
        pictures=PictureStore(database, folder / "evidence"),
        broker=MqttSettings(),
        time_zone=ZoneInfo("Asia/Shanghai"),
        raw=RawRing(folder / "raw-readings.db"),
    )


def worker(sensor: SensorSection, shared: SensorRoom, snapshots: Snapshots | None = None) -> SensorWorker:
    return SensorWorker(sensor, shared, snapshots or Snapshots(None, None), rng=Random(1))


def events(spool: Spool) -> list[Event]:
    """All that waits in the spool."""
    return [parse_event(spooled.payload) for spooled in spool.after(0, 10_000)]


class Script:
    """A live source that answers what a test puts in; raises what it puts in as an exception."""

    def __init__(self) -> None:
        self.answers: deque[object] = deque()
        self.closed = 0

    @property
    def counters(self) -> dict[str, int]:
        return {}

    def read(self, timeout_s: float) -> object:
        if not self.answers:
            return None
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        self.closed += 1


def names(told: list[Event]) -> list[tuple[str, datetime]]:
    return [(event.type.removeprefix("kerbwatch."), event.time) for event in told]
