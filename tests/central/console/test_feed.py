"""The shared snapshot: one question per second however many look, and the last known state while none answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError

from alerts.cases import CaseService
from alerts.intake import Intake
from alerts.lifecycle import CaseState, DismissalReason
from alerts.storage.database import Database
from alerts.views import CaseView
from central.console.civil import CivilTime
from central.console.decide import Decisions, Result
from central.console.feed import Feed
from ingest.clock import ManualClock
from tests.alerts.reports import Node, Problem


class CountingService(CaseService):
    """Counts questions and can be made to fail like a database that went away."""

    asked = 0
    down = False

    def queue(self, limit: int = 100) -> list[CaseView]:
        self.asked += 1
        if self.down:
            raise OperationalError("SELECT", {}, OSError("gone"))
        return super().queue(limit)


def service(folder: Path) -> tuple[CountingService, ManualClock]:
    """A case database with one case, on a clock of its own."""
    database = Database(f"sqlite:///{folder / 'centre.db'}")
    node = Node()
    Intake(database).process([node.received(Problem(node, "van").opened())])
    clock = ManualClock(datetime(2026, 1, 31, 9, 0, tzinfo=UTC))
    return CountingService(database, clock), clock


def test_many_pages_ask_the_database_once_a_second(tmp_path: Path) -> None:
    cases, clock = service(tmp_path)
    feed = Feed(cases, clock)

    async def look() -> None:
        await asyncio.gather(*(feed.snapshot() for _ in range(50)))
        clock.advance(1.0)
        await asyncio.gather(*(feed.snapshot() for _ in range(50)))
        feed.invalidate()
        await feed.snapshot()

    asyncio.run(look())
    assert cases.asked == 3


def test_a_snapshot_begun_before_a_decision_is_not_shown_after_it(tmp_path: Path) -> None:
    cases, clock = service(tmp_path)
    feed = Feed(cases, clock)
    (case,) = cases.queue()

    class Interrupted(CountingService):
        def counts(self) -> dict[CaseState, int]:
            found = super().counts()
            if not self.asked > 1:
                cases.decide_file(case.id, "Li Na", case.version)
                feed.invalidate()
            return found

    feed._cases = Interrupted(cases._database, clock)
    asyncio.run(feed.snapshot())
    assert asyncio.run(feed.snapshot()).queue == ()


def test_a_dead_database_leaves_the_last_known_queue_and_says_so_until_it_answers(tmp_path: Path) -> None:
    cases, clock = service(tmp_path)
    feed = Feed(cases, clock)

    async def look() -> None:
        good = await feed.snapshot()
        assert good.error is None
        assert good.counts[CaseState.PENDING_REVIEW] == len(good.queue) == 1
        cases.down = True
        clock.advance(5.0)
        bad = await feed.snapshot()
        assert bad.error == "OperationalError"
        assert (bad.queue, bad.at) == (good.queue, good.at)
        cases.down = False
        clock.advance(5.0)
        assert (await feed.snapshot()).error is None

    asyncio.run(look())
    assert feed.failures == 1


def test_a_decision_on_what_somebody_else_decided_names_them_and_their_reason(tmp_path: Path) -> None:
    cases, clock = service(tmp_path)
    seen = cases.queue()[0]
    cases.dismiss(seen.id, "Li Wei", DismissalReason.OUT_OF_SCOPE, "", seen.version)
    outcome = asyncio.run(Decisions(cases, CivilTime(), clock.now).file(seen, "王芳"))
    assert outcome.result is Result.CONFLICT
    assert outcome.text == (
        f"#{seen.number}: Li Wei was first: dismissed 作废 (Out of scope 不属于管理范围), 17:00:00. "
        "Your decision was not applied."
    )
