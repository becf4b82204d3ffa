"""What nodes say about themselves beside cases: reports, command results, clocks. Safe to repeat and to reorder."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from alerts.storage.fleet_tables import BootClockRow, CommandRow, ReportedRow
from ingest.fleet import CommandResult, ConfigReported, ModelReported
from ingest.messages import Event
from ingest.time_shift import shift_ms, zero_of
from ingest.topics import Topic

BOOT_CLOCKS_KEPT = timedelta(days=90)
"""Longer than any spool keeps an event: then nothing of that boot comes any more."""


def note_report(
    session: Session, topic: Topic, event: Event, report: ConfigReported | ModelReported, now: datetime
) -> None:
    """Keep the newest report of its kind. Where the node's clock was set back between two reports, the revision tells
    which one is newer."""
    kind = "config" if isinstance(report, ConfigReported) else "model"
    row = session.get(ReportedRow, (topic.site, topic.node, kind))
    if row is None:
        row = ReportedRow(site=topic.site, node=topic.node, kind=kind, said_at=event.time)
        session.add(row)
    elif event.time < row.said_at and report.revision <= int(row.report["revision"]):
        return
    row.report = report.model_dump(mode="json")
    row.said_at = event.time
    row.received_at = now


def note_result(session: Session, topic: Topic, result: CommandResult, now: datetime) -> bool:
    """Keep what a command came to; ``False`` for one that was never given to this node, or has its result already."""
    row = session.get(CommandRow, result.command_id)
    if row is None or (row.site, row.node) != (topic.site, topic.node) or row.outcome not in ("waiting", "lost"):
        return False
    row.outcome = result.outcome
    row.result = result.model_dump(mode="json")
    row.result_at = now
    return True


def note_clock(session: Session, topic: Topic, event: Event, now: datetime) -> None:
    """Keep when the boot's steady clock stood at zero, where a status says so."""
    zero_ms = zero_of(event)
    if zero_ms is None or event.bootid is None:
        return
    row = session.get(BootClockRow, event.bootid)
    if row is None:
        session.execute(delete(BootClockRow).where(BootClockRow.said_at < now - BOOT_CLOCKS_KEPT))
        row = BootClockRow(boot_id=event.bootid, site=topic.site, node=topic.node)
        session.add(row)
    elif (row.site, row.node) != (topic.site, topic.node):
        return
    row.zero_ms = zero_ms
    row.said_at = now


def shift_of(session: Session, topic: Topic, event: Event) -> int:
    """Milliseconds to be added to the event's times: 0 unless it was written before the node knew the time."""
    if event.clocktrusted is not False or event.bootid is None:
        return 0
    row = session.get(BootClockRow, event.bootid)
    if row is None or (row.site, row.node) != (topic.site, topic.node):
        return 0
    return shift_ms(event, row.zero_ms)
