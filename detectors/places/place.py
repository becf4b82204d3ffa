"""One remembered place: something that stood still long enough to be looked for again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from uuid import UUID

from detectors.incidents import Standing
from detectors.places.dwell import Dwell
from detectors.places.geometry import ground_point, median_box
from detectors.places.likeness import Thumbnail, unit_vector
from detectors.places.rules import CATEGORY_OF_CLASS
from detectors.places.sighting import Sighting
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from ingest.zones import Point

SCORES_KEPT = 31
_RECOGNISED_AFTER = 2


@dataclass
class Incident:
    """The open incident of a place. Zone and category never change, though the object may get a better name."""

    incident_id: UUID
    zone: str
    category: Category
    threshold_s: float
    last_report: datetime
    was_blind: bool = False


@dataclass
class Place:
    """A place and what is known of the object on it; ``memory`` decides, this keeps count.

    ``anchor`` is the median of the first few boxes and then fixed: never chained, so what creeps leaves it.
    """

    place_id: UUID
    first_seen: datetime
    present_at_start: bool
    anchor: Box
    dwell: Dwell
    portrait: Thumbnail
    recent: Thumbnail
    anchor_fixed: bool = False
    boxes: list[Box] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    votes: dict[ObjectClass, float] = field(default_factory=dict)
    sightings: int = 0
    recognised: int = 0
    seen_looks: int = 0
    looks: int = 0
    misses: int = 0
    absent_looks: int = 0
    absent_s: float = 0.0
    unclear_looks: int = 0
    incident: Incident | None = None

    @property
    def object_class(self) -> ObjectClass:
        """The class with most votes by score; ``UNKNOWN`` only while too few looks recognised anything."""
        named = {kind: vote for kind, vote in self.votes.items() if kind is not ObjectClass.UNKNOWN}
        if named and (self.recognised >= _RECOGNISED_AFTER or ObjectClass.UNKNOWN not in self.votes):
            return max(named, key=lambda kind: (named[kind], kind))
        return ObjectClass.UNKNOWN

    @property
    def category(self) -> Category | None:
        """What it would be raised as, or stands raised as."""
        return self.incident.category if self.incident else CATEGORY_OF_CLASS.get(self.object_class)

    @property
    def ground_point(self) -> Point:
        """Bottom centre of the anchor."""
        return ground_point(self.anchor)

    @property
    def score(self) -> float:
        """Median of the last scores."""
        return median(self.scores) if self.scores else 0.0

    def sighted(self, sighting: Sighting, anchor_sightings: int) -> bool:
        """Count a sighting; True when it moved the anchor (so that the portrait must be taken anew)."""
        self.sightings += 1
        kind = sighting.object_class
        self.recognised += kind is not ObjectClass.UNKNOWN
        self.votes[kind] = self.votes.get(kind, 0.0) + max(sighting.score, 1e-3)
        self.scores = [*self.scores, sighting.score][-SCORES_KEPT:]
        if self.anchor_fixed or len(self.boxes) >= anchor_sightings:
            return False
        self.boxes.append(sighting.box)
        before, self.anchor = self.anchor, median_box(self.boxes)
        return self.anchor != before

    def fix_anchor(self) -> None:
        """An incident was raised for this box: it stays, whatever the next sightings say."""
        self.anchor_fixed = True

    def seen(self, at: datetime, short_gap: float) -> None:
        """The object was there at ``at``."""
        self.dwell.seen(at, short_gap)
        self.looks += 1
        self.seen_looks += 1
        self.misses = self.absent_looks = self.unclear_looks = 0
        self.absent_s = 0.0

    def absent(self, elapsed_s: float) -> None:
        """Looked at and bare; ``elapsed_s`` since the look before."""
        self.looks += 1
        self.misses += 1
        if self.absent_looks:
            self.absent_s += elapsed_s
        self.absent_looks += 1
        self.unclear_looks = 0
        self.dwell.absent(elapsed_s)

    def standing(self) -> Standing:
        """The record of the open incident; only call while there is one."""
        incident = self.incident
        if incident is None:
            raise ValueError("no incident is open at this place")
        return Standing(
            incident_id=incident.incident_id,
            place_id=self.place_id,
            zone=incident.zone,
            category=incident.category,
            object_class=self.object_class,
            box=self.anchor,
            first_seen=self.first_seen,
            last_seen=self.dwell.last_seen,
            present_at_start=self.present_at_start,
            observed_s=self.dwell.observed_s,
            bridged_s=self.dwell.bridged_s,
            threshold_s=incident.threshold_s,
            score=min(1.0, max(0.0, self.score)),
            appearance=unit_vector(self.portrait),
        )
