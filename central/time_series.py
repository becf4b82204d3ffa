"""From the outbox to a time-series database: at least once, in its own thread, delaying nothing else (时序写入).

The client library's batching mode loses points silently, so only its synchronous writes are used; the queue and
the retries are ours, in the case database. Lines an endpoint refuses are found by bisection and put aside.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import structlog
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from urllib3.exceptions import HTTPError

from alerts.storage.database import Database
from alerts.storage.tables import OutboxRow
from central.config import TimeSeriesSection
from ingest.clock import Clock

_log = structlog.get_logger(__name__)

BATCH_LINES = 1000
TIMEOUT_MS = 5000
POLL_S = 0.5
BACKOFF_S = (0.5, 30.0)
_POISON_STATUS = frozenset({400, 413, 422})
"""What an endpoint answers when it is the lines that are wrong; every other failure is waited out."""


class EndpointUnavailable(Exception):  # noqa: N818 - a state to wait out
    """The endpoint is down, overloaded or refuses us as a whole."""


class LinesRefused(Exception):  # noqa: N818 - narrowed down by bisection
    """The endpoint took none, or not all, of the lines because of what they say."""


class Endpoint(Protocol):
    """Something lines can be written to. Raises EndpointUnavailable or LinesRefused."""

    def write(self, lines: Sequence[str]) -> None: ...


class InfluxEndpoint:
    """Any server with InfluxDB's ``/api/v2/write``."""

    def __init__(self, settings: TimeSeriesSection) -> None:
        self._settings = settings
        self._client: Any = InfluxDBClient(
            url=settings.url, token=settings.token(), org=settings.org, timeout=TIMEOUT_MS
        )
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, lines: Sequence[str]) -> None:
        """Write the lines in one request."""
        try:
            self._writer.write(bucket=self._settings.bucket, org=self._settings.org, record="\n".join(lines))
        except ApiException as error:
            message = f"HTTP {error.status}: {str(error.body or error.reason)[:300]}"
            refusal = LinesRefused if error.status in _POISON_STATUS else EndpointUnavailable
            raise refusal(message) from error
        except (HTTPError, OSError) as error:
            raise EndpointUnavailable(repr(error)[:300]) from error

    def close(self) -> None:
        """Release the connection."""
        self._client.close()


class TimeSeriesWriter:
    """The thread that empties the outbox."""

    def __init__(self, database: Database, endpoint: Endpoint, clock: Clock) -> None:
        self._database = database
        self._endpoint = endpoint
        self._clock = clock
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._counters: Counter[str] = Counter()

    @property
    def counters(self) -> Mapping[str, int]:
        """written, quarantined, endpoint_retries, failures."""
        with self._lock:
            return dict(self._counters)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin in the background."""
        self._thread = threading.Thread(target=self._run, name="time-series", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 8.0) -> None:
        """End after the request in hand; what is left stays in the outbox."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        pause = BACKOFF_S[0]
        while not self._stopping.is_set():
            try:
                written = self.step()
                pause = BACKOFF_S[0]
                if not written:
                    self._stopping.wait(POLL_S)
            except EndpointUnavailable as error:
                self._count("endpoint_retries")
                _log.warning("time_series_unavailable", error=str(error), retry_s=pause)
                self._stopping.wait(pause)
                pause = min(pause * 2, BACKOFF_S[1])
            except SQLAlchemyError as error:
                self._count("failures")
                _log.warning("outbox_unavailable", error=str(error)[:300], retry_s=pause)
                self._stopping.wait(pause)
                pause = min(pause * 2, BACKOFF_S[1])
            except Exception:  # noqa: BLE001 - counted; the points stay in the outbox
                self._count("failures")
                _log.exception("time_series_failed")
                self._stopping.wait(BACKOFF_S[1])

    def step(self) -> int:
        """Write one batch; how many points left the outbox.

        Raises:
            EndpointUnavailable: Nothing more can be written now; what was written is marked.
        """
        waiting = (
            select(OutboxRow.id, OutboxRow.line)
            .where(OutboxRow.delivered_at.is_(None), OutboxRow.quarantined_reason.is_(None))
            .order_by(OutboxRow.id)
            .limit(BATCH_LINES)
        )
        with self._database.read() as session:
            rows = [(row.id, row.line) for row in session.execute(waiting)]
        self._deliver(rows)
        return len(rows)

    def _deliver(self, rows: Sequence[tuple[int, str]]) -> None:
        if not rows:
            return
        try:
            self._endpoint.write([line for _, line in rows])
        except LinesRefused as error:
            if len(rows) == 1:
                self._settle([rows[0][0]], quarantined_reason=str(error)[:500])
                self._count("quarantined")
                _log.warning("point_quarantined", line=rows[0][1][:300], reason=str(error))
                return
            middle = len(rows) // 2
            self._deliver(rows[:middle])
            self._deliver(rows[middle:])
            return
        self._settle([row_id for row_id, _ in rows], delivered_at=self._clock.now())
        self._count("written", len(rows))

    def _settle(self, ids: Sequence[int], **values: Any) -> None:
        with self._database.write() as session:
            session.execute(update(OutboxRow).where(OutboxRow.id.in_(ids)).values(**values))

    def _count(self, name: str, amount: int = 1) -> None:
        with self._lock:
            self._counters[name] += amount
