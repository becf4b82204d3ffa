"""What every open queue page looks at: one shared, short-lived snapshot instead of one query per browser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from alerts.cases import CaseService
from alerts.lifecycle import CaseState
from alerts.views import CaseView
from ingest.clock import Clock

FRESH_S = 0.9
"""How long a snapshot serves all pages, seconds. Just under the pages' own period of one second."""

QUEUE_LIMIT = 100
"""Cases listed at once: more than a person looks over, few enough for the browser to follow every key."""


@dataclass(frozen=True)
class Snapshot:
    """The queue at one moment.

    Attributes:
        queue: Pending cases in review order, at most ``QUEUE_LIMIT``.
        counts: Cases per state.
        at: When it was taken, UTC.
        error: Why the database could not be asked; the rest is then what was last known.
    """

    queue: tuple[CaseView, ...]
    counts: Mapping[CaseState, int]
    at: datetime
    error: str | None = None

    @property
    def pending(self) -> int:
        """All cases that wait for review, those beyond the limit included."""
        return self.counts.get(CaseState.PENDING_REVIEW, 0)


class Feed:
    """Takes snapshots on demand: nobody looks, nothing is asked; a hundred look, one asks.

    Attributes:
        failures: Snapshots the database did not answer.
    """

    def __init__(self, cases: CaseService, clock: Clock) -> None:
        self._cases = cases
        self._clock = clock
        self._taken_at: float | None = None
        self._decisions = 0
        self._last = Snapshot((), {}, clock.now())
        self._lock = asyncio.Lock()
        self.failures = 0

    async def snapshot(self) -> Snapshot:
        """The newest snapshot, at most ``FRESH_S`` old unless the database fails."""
        async with self._lock:
            now = self._clock.monotonic()
            if self._taken_at is None or now - self._taken_at >= FRESH_S:
                decisions = self._decisions
                self._last = await self._take()
                # A decision taken meanwhile may be missing from it.
                self._taken_at = now if decisions == self._decisions else None
            return self._last

    def invalidate(self) -> None:
        """Make the next snapshot a new one: somebody just decided."""
        self._decisions += 1
        self._taken_at = None

    async def _take(self) -> Snapshot:
        try:
            queue, counts = await asyncio.to_thread(self._ask)
        except (SQLAlchemyError, OSError) as error:
            self.failures += 1
            return Snapshot(self._last.queue, self._last.counts, self._last.at, type(error).__name__)
        return Snapshot(tuple(queue), counts, self._clock.now())

    def _ask(self) -> tuple[list[CaseView], Mapping[CaseState, int]]:
        return self._cases.queue(QUEUE_LIMIT), self._cases.counts()
