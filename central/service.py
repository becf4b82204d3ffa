"""The centre as one object: database, link, intake, time series and web server, started and stopped together."""

from __future__ import annotations

import ssl
import threading

import structlog
import uvicorn

from alerts.cases import CaseService
from alerts.inbound import Enrolment
from alerts.intake import Intake
from alerts.storage.database import Database
from central.app import create_app
from central.config import CentralConfig, HttpSection
from central.fleet.desk import FleetDesk
from central.fleet.model_files import ModelFiles
from central.fleet.sender import OrderSender
from central.health import HealthCheck
from central.intake_worker import IntakeWorker
from central.metrics import CentreCollector, Outbox, registry_of
from central.pictures import PictureStore
from central.time_series import InfluxEndpoint, TimeSeriesWriter
from ingest.clock import Clock, SystemClock
from ingest.link import MqttLink
from ingest.signing import load_or_create_key, public_key_of
from ingest.topics import INTAKE_FILTERS

_log = structlog.get_logger(__name__)

CLIENT_ID = "kerbwatch-centre"
SESSION_EXPIRY_S = 7 * 86400
"""How long the broker queues for a centre that is away; the nodes' spools keep everything beyond that."""
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10


class StartError(Exception):
    """The web server could not start, most often because the port is taken."""


class CentralService:
    """The centre.

    Args:
        config: What the file says.
        version: Shown by the API.
        clock: Injected by tests.
    """

    def __init__(self, config: CentralConfig, *, version: str = "0", clock: Clock | None = None) -> None:
        self.config = config
        self.version = version
        self.clock: Clock = clock or SystemClock()
        data_dir = config.centre.data_dir
        data_dir.mkdir(parents=True, exist_ok=True)
        self.database = Database(config.centre.database_url())
        self.cases = CaseService(self.database, self.clock)
        self.pictures = PictureStore(data_dir / "pictures", self.database, self.clock)
        self.intake = Intake(self.database, enrolment=Enrolment(config.keys()))
        self.link = MqttLink(
            config.mqtt,
            client_id=CLIENT_ID,
            subscriptions=INTAKE_FILTERS,
            session_expiry_s=SESSION_EXPIRY_S,
        )
        key = load_or_create_key(data_dir / "centre.key")
        self.public_key = public_key_of(key)
        self.worker = IntakeWorker(self.link, self.intake, self.clock, key)
        self.model_files = ModelFiles(data_dir / "models")
        self.fleet = FleetDesk(self.database, self.clock, self.model_files)
        self.sender = OrderSender(self.fleet, self.link, key, self.clock)
        self._endpoint = InfluxEndpoint(config.time_series) if config.time_series else None
        self.writer = TimeSeriesWriter(self.database, self._endpoint, self.clock) if self._endpoint else None
        outbox = Outbox(self.database, self.clock) if self.writer else None
        self.health = HealthCheck(self.database, self.link, self.worker, outbox)
        self.registry = registry_of(self._collector(outbox))
        self._server = uvicorn.Server(_server_config(create_app(self), config.http))
        self._thread: threading.Thread | None = None
        self._failure = "is the port taken?"

    @property
    def url(self) -> str:
        """Where the API and the console are."""
        http = self.config.http
        host = f"[{http.host}]" if ":" in http.host else http.host
        return f"{'https' if http.tls else 'http'}://{host}:{http.port}"

    @property
    def progress(self) -> dict[str, tuple[int, float]]:
        """Threads that must not hang: a number that grows while each works, and how long it may rest, in seconds.

        Intake that waits for a database is at work; health says so.
        """
        return {"intake": (self.worker.beats, 0.0), "orders": (self.sender.beats, 0.0)}

    def start(self) -> None:
        """Start everything; returns when the web server answers.

        Raises:
            StartError: It does not.
        """
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()
        deadline = self.clock.monotonic() + START_TIMEOUT_S
        pause = threading.Event()
        while not self._server.started:
            if not self._thread.is_alive() or self.clock.monotonic() > deadline:
                raise StartError(f"cannot listen on {self.url}: {self._failure}")
            pause.wait(0.02)
        self.worker.start()
        self.link.start()
        self.sender.start()
        if self.writer is not None:
            self.writer.start()
        _log.info("centre_started", url=self.url, public_key=self.public_key)

    def stop(self) -> None:
        """Stop everything in the order that loses nothing; safe to call twice."""
        self._server.should_exit = True
        self.sender.stop()
        self.worker.stop()
        self.link.stop()
        if self.writer is not None:
            self.writer.stop()
        if self._endpoint is not None:
            self._endpoint.close()
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT_S + 5)
        self.database.close()
        _log.info("centre_stopped")

    def _serve(self) -> None:
        try:
            self._server.run()
        except SystemExit:
            _log.error("http_not_started", url=self.url)
        except OSError as error:
            # A certificate or key that cannot be used.
            self._failure = f"{error}; look at [http] tls"
            _log.error("http_not_started", url=self.url, error=str(error))

    def _collector(self, outbox: Outbox | None) -> CentreCollector:
        groups = {
            "link_events": lambda: self.link.counters,
            "intake_events": lambda: self.worker.counters,
            "order_events": lambda: self.sender.counters,
        }
        writer = self.writer
        if writer is not None:
            groups["time_series_events"] = lambda: writer.counters
        gauges = {
            "link_connected": lambda: float(self.link.connected),
            "intake_waiting_seconds": lambda: self.worker.waiting_s,
            "intake_silent_seconds": lambda: self.worker.silent_s,
        }
        return CentreCollector(self.cases, self.database, outbox, lambda: self.intake.counters, groups, gauges)


def _server_config(app: object, http: HttpSection) -> uvicorn.Config:
    tls = http.tls
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn spells the ASGI types out differently from starlette
        host=http.host,
        port=http.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Addresses decide who is braked; a proxy's word for them is not taken.
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_TIMEOUT_S,
        ssl_certfile=str(tls.cert_file) if tls and tls.cert_file else None,
        ssl_keyfile=str(tls.key_file) if tls and tls.key_file else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
