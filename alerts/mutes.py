"""Mutes: what was dismissed as a false detection stays silent for a time (误报屏蔽).

A mute covers a camera, a category, a place in the picture and how the thing there looks: something that looks
different in the same place is raised. It ends after its term or when revoked; what it silenced and still stands then
becomes a case with its next report.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from alerts.geometry import overlap, similarity
from ingest.messages import Box
from ingest.taxonomy import Category

MUTE_TERM = timedelta(days=30)

BY_PLACE_ALONE = frozenset({Category.SENSOR_ALARM})
"""Categories without a picture: only the same place (a sensor's rule) is the same place, whatever boxes and distances
say. Two sensors on one pole are two problems, and so are two rules of one sensor."""


@dataclass(frozen=True)
class MutePolicy:
    """``min_overlap``: intersection over union that still is the same place; ``min_similarity``: cosine."""

    min_overlap: float = 0.5
    min_similarity: float = 0.8


@dataclass(frozen=True)
class Mute:
    """A muted place. ``camera`` is ``site/node/camera``; empty ``appearance`` matches any look."""

    id: UUID
    camera: str
    category: Category
    place_id: UUID
    box: Box
    appearance: tuple[float, ...]
    created_at: datetime
    until: datetime
    revoked_at: datetime | None = None

    def active(self, at: datetime) -> bool:
        """Whether it silences what arrives at ``at`` (UTC)."""
        return self.created_at <= at < self.until and (self.revoked_at is None or at < self.revoked_at)


@dataclass(frozen=True)
class MuteSubject:
    """What a mute is asked about."""

    camera: str
    category: Category
    place_id: UUID
    box: Box
    appearance: tuple[float, ...]


def match_mute(
    subject: MuteSubject, mutes: Iterable[Mute], at: datetime, policy: MutePolicy | None = None
) -> Mute | None:
    """The mute that silences ``subject`` arriving at ``at``; the oldest when several do."""
    chosen = policy or MutePolicy()
    matching = [mute for mute in mutes if mute.active(at) and _covers(mute, subject, chosen)]
    return min(matching, key=lambda mute: (mute.created_at, str(mute.id)), default=None)


def _covers(mute: Mute, subject: MuteSubject, policy: MutePolicy) -> bool:
    if mute.camera != subject.camera or mute.category != subject.category:
        return False
    elsewhere = mute.place_id != subject.place_id
    if elsewhere and (mute.category in BY_PLACE_ALONE or overlap(mute.box, subject.box) < policy.min_overlap):
        return False
    alike = similarity(mute.appearance, subject.appearance)
    return alike is None or alike >= policy.min_similarity
