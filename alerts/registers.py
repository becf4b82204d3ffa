"""Registers beside the cases: node status, blindness, sensor readings, evictions. Safe to repeat and to reorder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from alerts.storage.tables import BlindnessRow, EvictionRow, NodeRow, ReadingRow
from ingest.messages import Blindness, Event, Eviction, NodeStatus, Reading
from ingest.topics import Topic


def note_status(session: Session, topic: Topic, event: Event, status: NodeStatus, now: datetime) -> None:
    """Keep a node's newest status. A death is believed only of the boot that is known: wills can arrive late."""
    row = session.get(NodeRow, (topic.site, topic.node))
    if row is None:
        row = NodeRow(site=topic.site, node=topic.node, status_at=event.time)
        session.add(row)
    elif not _supersedes(row, event, status):
        return
    row.state = status.state
    row.boot_id = event.bootid
    row.status_at = max(event.time, row.status_at)
    row.received_at = now
    row.status = status.model_dump(mode="json")


def _supersedes(row: NodeRow, event: Event, status: NodeStatus) -> bool:
    if status.state == "offline":
        # A will is written when the node connects, so its time is older than the heartbeats it ends.
        return row.boot_id == event.bootid
    return event.time > row.status_at or (event.time == row.status_at and row.state == "online")


def note_blindness(session: Session, topic: Topic, data: Blindness) -> None:
    """Keep a span of blindness; its end may arrive before its beginning."""
    key = (topic.site, topic.node, data.camera, data.zone, data.since)
    row = session.get(BlindnessRow, key)
    if row is None:
        row = BlindnessRow(
            site=topic.site,
            node=topic.node,
            camera=data.camera,
            zone=data.zone,
            since=data.since,
            until=None,
            reason_code=data.reason_code,
        )
        session.add(row)
    if data.state == "ended":
        row.until = data.until or data.since


def note_reading(session: Session, topic: Topic, data: Reading) -> None:
    """Keep one sensor value."""
    row = ReadingRow(
        site=topic.site,
        node=topic.node,
        sensor=data.sensor,
        quantity=data.quantity,
        unit=data.unit,
        value=data.value,
        at=data.at,
    )
    session.add(row)


def note_eviction(session: Session, topic: Topic, data: Eviction, at: datetime) -> None:
    """Keep what a spool gave up, so that every lost event is accounted for."""
    row = EvictionRow(
        site=topic.site,
        node=topic.node,
        spool_id=data.evicted_spool_id,
        first_seq=data.first_seq,
        last_seq=data.last_seq,
        count=data.count,
        reason_code=data.reason_code,
        at=at,
    )
    session.add(row)
