"""Dead letters: what could not be taken in is kept, with the reason, and bounded."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from alerts.storage.tables import DeadLetterRow
from ingest.messages import MAX_MESSAGE_BYTES

OVERSIZE_KEPT_BYTES = 4096
"""Of a message over the limit only this much is kept, beside its length and hash."""

MAX_DEAD_LETTERS = 10_000
"""Oldest ones go beyond this, so that a babbling node cannot fill the disk."""


def bury(session: Session, topic: str, payload: bytes, reason: str, detail: str, at: datetime) -> None:
    """Keep a refused message. The same message again only raises its count.

    Args:
        session: In a writing transaction.
        topic: As received; cut at 400 characters.
        payload: As received.
        reason: Machine-readable.
        detail: For a person.
        at: When it was received, UTC.
    """
    digest = hashlib.sha256(payload).hexdigest()
    short_topic = topic[:400].replace("\0", "�")
    known = session.scalars(
        select(DeadLetterRow).where(
            DeadLetterRow.topic == short_topic, DeadLetterRow.reason == reason, DeadLetterRow.sha256 == digest
        )
    ).one_or_none()
    if known is not None:
        known.times += 1
        known.last_at = max(known.last_at, at)
        return
    row = DeadLetterRow(
        topic=short_topic,
        reason=reason,
        detail=detail[:1000].replace("\0", "�"),
        size=len(payload),
        sha256=digest,
        payload=payload if len(payload) <= MAX_MESSAGE_BYTES else payload[:OVERSIZE_KEPT_BYTES],
        first_at=at,
        last_at=at,
        times=1,
    )
    session.add(row)
    session.flush()
    if (session.scalar(select(func.count()).select_from(DeadLetterRow)) or 0) > MAX_DEAD_LETTERS:
        session.execute(delete(DeadLetterRow).where(DeadLetterRow.id <= row.id - MAX_DEAD_LETTERS))
