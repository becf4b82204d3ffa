"""Whether the centre is well (健康检查), and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from alerts.storage.database import Database
from central.metrics import Outbox

MAX_SILENCE_S = 60.0
"""An intake thread without life for this long is stuck."""
MAX_OUTBOX_AGE_S = 600.0
"""A point that waits longer means that the time-series endpoint needs somebody."""


class Worker(Protocol):
    """The intake thread, as far as health cares."""

    @property
    def alive(self) -> bool: ...
    @property
    def silent_s(self) -> float: ...
    @property
    def waiting_s(self) -> float: ...


class Connected(Protocol):
    """The link, as far as health cares."""

    @property
    def connected(self) -> bool: ...


@dataclass(frozen=True)
class Health:
    """``checks``: name -> "ok" or the reason why not."""

    checks: dict[str, str]

    @property
    def ok(self) -> bool:
        """Whether every check is."""
        return all(value == "ok" for value in self.checks.values())


class HealthCheck:
    """Asks every part."""

    def __init__(self, database: Database, link: Connected, worker: Worker, outbox: Outbox | None) -> None:
        self._database = database
        self._link = link
        self._worker = worker
        self._outbox = outbox

    def __call__(self) -> Health:
        checks = {
            "database": self._check_database(),
            "broker": "ok" if self._link.connected else "not connected",
            "intake": self._check_intake(),
        }
        if self._outbox is not None:
            checks["time_series"] = self._check_outbox(self._outbox)
        return Health(checks)

    def _check_database(self) -> str:
        try:
            with self._database.read() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return f"unreachable: {type(error).__name__}"
        return "ok"

    def _check_intake(self) -> str:
        if not self._worker.alive:
            return "the thread has ended"
        if self._worker.waiting_s > MAX_SILENCE_S:
            return f"a batch has waited {self._worker.waiting_s:.0f} s for the database"
        if self._worker.silent_s > MAX_SILENCE_S:
            return f"no life for {self._worker.silent_s:.0f} s"
        return "ok"

    def _check_outbox(self, outbox: Outbox) -> str:
        try:
            depth, age = outbox.depth_and_age()
        except SQLAlchemyError as error:
            return f"unknown: {type(error).__name__}"
        return "ok" if age <= MAX_OUTBOX_AGE_S else f"{depth} points wait, the oldest for {age:.0f} s"
