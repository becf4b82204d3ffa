"""Carries out commands: each once, each with a result (远程指令).

A command is written down before the broker is told that it has come, and it is marked as done in the transaction
that spools its result. A power cut in between has it carried out once more, which all three kinds bear: a look, a
picture under its own hash, a reading of the log. Its result is spooled once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import structlog

from edge.database import Database
from edge.errands import Brought, Errand
from edge.fleet.host import Failpoint, Host, no_failpoint
from edge.fleet.store import FleetStore
from edge.pictures import PictureStore
from edge.spool import Draft, Spool
from ingest.clock import Clock
from ingest.fleet import CommandKind, CommandResult, NodeCommand
from ingest.log_ring import LogRing

log = structlog.get_logger(__name__)

LOG_BYTES = 64 * 1024
KEPT_FOR = timedelta(days=1)
"""An identity is remembered so long after its command's time was over: then it is refused as late anyhow."""
ERRAND_S = 30.0
"""A camera that has not looked within so long is told as not done; the others are not waited for any longer."""

Act = Literal["run", "expired", "wait"]


def decide(not_after: datetime, now: datetime, *, trusted: bool) -> Act:
    """What to do with a command that is not done. Without a clock that is trusted nobody knows whether it is late."""
    if not trusted:
        return "wait"
    return "expired" if now > not_after else "run"


class Commands:
    """The commands of one node. ``take`` may be called by any thread, ``step`` by one.

    Args:
        host: The node.
        store: Remembers identities.
        spool: Takes results.
        pictures: Takes pictures.
        database: Where all of these are kept, for one transaction.
        log_ring: The newest log lines; without it "collect log" fails with a reason.
        clock: Decides what is late.
        trusted: Whether the clock may decide it.
        source: The node's CloudEvents source.
        failpoint: Called with the name of each step.
    """

    def __init__(
        self,
        host: Host,
        store: FleetStore,
        *,
        spool: Spool,
        pictures: PictureStore,
        database: Database,
        log_ring: LogRing | None,
        clock: Clock,
        trusted: Callable[[], bool],
        source: str,
        failpoint: Failpoint = no_failpoint,
    ) -> None:
        self._host = host
        self._store = store
        self._spool = spool
        self._pictures = pictures
        self._database = database
        self._log_ring = log_ring
        self._clock = clock
        self._trusted = trusted
        self._source = source
        self._failpoint = failpoint
        self.counters: Counter[str] = Counter()

    def take(self, command: NodeCommand) -> None:
        """Remember a command durably; what is known already counts as come twice."""
        answer = self._store.take(command.command_id, command.not_after, command.model_dump_json())
        self.counters[f"commands_{answer}"] += 1

    def step(self) -> bool:
        """Carry out what waits; whether there was anything."""
        kept = self._store.waiting()
        for item in kept:
            command = NodeCommand.model_validate_json(item.order_json)
            act = decide(command.not_after, self._clock.now(), trusted=self._trusted())
            if act == "wait":
                continue
            self._failpoint("command_begun")
            if act == "expired":
                late = CommandResult(
                    command_id=command.command_id, kind=command.kind, outcome="expired", reason_code="too_late"
                )
                self._settle(late, [])
            else:
                self._run(command)
        if self._trusted():
            self._store.forget(self._clock.now() - KEPT_FOR)
        return bool(kept)

    def _run(self, command: NodeCommand) -> None:
        if command.kind is CommandKind.COLLECT_LOG:
            self._settle(self._collect(command), [])
            return
        wants_picture = command.kind is CommandKind.SNAPSHOT
        errands = self._host.send_errand(command.camera, wants_picture=wants_picture)
        until_s = self._clock.monotonic() + ERRAND_S
        brought = [(errand, errand.wait(max(0.0, until_s - self._clock.monotonic()))) for errand in errands]
        self._settle(_result(command, brought), [found for _, found in brought if found is not None])

    def _collect(self, command: NodeCommand) -> CommandResult:
        if self._log_ring is None:
            return CommandResult(
                command_id=command.command_id, kind=command.kind, outcome="failed", reason_code="no_log_kept"
            )
        lines = self._log_ring.newest(LOG_BYTES)
        return CommandResult(command_id=command.command_id, kind=command.kind, outcome="done", log=lines)

    def _settle(self, result: CommandResult, brought: list[Brought]) -> None:
        """Result, pictures and the mark that it is done: all or nothing."""
        self._failpoint("command_carried_out")
        with self._database.transaction() as connection:
            if not self._store.settle(connection, result.command_id):
                return
            self._pictures.enqueue(connection, [found.stored for found in brought if found.stored is not None])
            self._spool.append(connection, Draft(result, self._source, self._clock.now(), str(result.command_id)))
        self._failpoint("command_settled")
        self.counters[f"commands_{result.outcome}"] += 1
        log.info("fleet.command", kind=result.kind.value, outcome=result.outcome, reason=result.reason_code)


def _result(command: NodeCommand, brought: list[tuple[Errand, Brought | None]]) -> CommandResult:
    failed = [
        (errand.camera, "timed_out" if found is None else found.reason, "" if found is None else found.detail)
        for errand, found in brought
        if found is None or found.reason
    ]
    outcome: Literal["done", "partly", "failed"] = (
        "failed" if len(failed) == len(brought) else "partly" if failed else "done"
    )
    reason = "no_such_camera" if not brought else failed[0][1] if failed else ""
    return CommandResult(
        command_id=command.command_id,
        kind=command.kind,
        outcome=outcome,
        reason_code=reason[:64],
        detail="; ".join(f"{camera}: {why} {detail}".strip() for camera, why, detail in failed)[:500],
        pictures=tuple(found.picture for _, found in brought if found is not None and found.picture is not None),
    )
