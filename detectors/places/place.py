"""One remembered place: something that stood still long enough to be looked for again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

import numpy as np

from detectors.incidents import Standing
from detectors.places.dwell import Dwell
from detectors.places.geometry import ground_point, median_box
from detectors.places.likeness import ALL_VISIBLE, Thumbnail, Visible, blend, unit_vector
from detectors.places.rules import CATEGORY_OF_CLASS
from detectors.places.sighting import Sighting
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from ingest.zones import Point

SCORES_KEPT = 31
EXTENTS_KEPT = 5
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
    has_moved: bool = False
    """Since the last report it went on to another place."""
    abandoned_at: datetime | None = None
    """When it was told as abandoned."""
    overflow: bool = False
    """It is about how much a garbage point holds, not about how long."""
    since: datetime | None = None
    """When it became a problem, where that is later than when it came: it was allowed until then."""
    excused_s: float = 0.0
    """Seconds of the dwell before that."""


@dataclass(frozen=True)
class LeftBehind:
    """The moment another vehicle of the queue had left, and what had been counted by then. ``stays``: whether the
    detector went on seeing this one, decided once, when the queue has had time to drive on."""

    at: datetime
    sightings: int
    looks: int
    stays: bool | None = None


@dataclass
class Place:
    """A place and what is known of the object on it; ``memory`` decides, this keeps count.

    ``anchor`` is the median of the first few boxes and then fixed: never chained, so what creeps leaves it.
    """

    place_id: UUID
    first_seen: datetime
    arrived: datetime
    """``first_seen`` by the clock as it goes now."""
    present_at_start: bool
    bare_seen: bool
    """Whether the camera had seen the place without anything before this came."""
    anchor: Box
    dwell: Dwell
    portrait: Thumbnail
    recent: Thumbnail
    context: Thumbnail
    """The surroundings, as they looked when it was last seen whole."""
    known: Visible = field(default_factory=lambda: ALL_VISIBLE)
    """The cells of the portrait that were taken while nothing lay over them."""
    born_look: int = 0
    """Number of the look that found it; unlike times, numbers never step back."""
    seen_look: int = 0
    """Number of the last look that saw it."""
    like_bare: float = -1.0
    """The most that it looked like the bare street in a look that took it for something, -1..1."""
    anchor_fixed: bool = False
    boxes: list[Box] = field(default_factory=list)
    extents: list[Box] = field(default_factory=list)
    """The last few boxes: rubbish grows where it lies."""
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
    close_hits: int = 0
    close_misses: int = 0
    close_look: int = 0
    """``looks`` when it was last looked at closely."""
    confirmed: bool | None = None
    """What close looks say of something that nobody saw arrive; None: undecided, or not asked."""
    unasked: bool = False
    """In the last look the picture spoke against it and the detector had not been asked."""
    left_behind: LeftBehind | None = None
    """When another vehicle that stood with it in a queue had left."""
    excused: bool = False
    """This visit has been counted as allowed."""
    left_out: bool = False
    """This visit has been counted as left out by the sizes of a rule."""
    attend_looks: int = 0
    """Looks at it, of which in ``attended_looks`` a person stood there."""
    attended_looks: int = 0
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
    def extent(self) -> Box:
        """Where it lies by the last few looks; the anchor stays where it was found."""
        return median_box(self.extents) if self.extents else self.anchor

    @property
    def attended(self) -> float | None:
        """Of a vendor's stall: the share of the looks at it, 0..1, in which a person stood there; None: not looked."""
        if self.category is not Category.STREET_VENDOR or not self.attend_looks:
            return None
        return round(self.attended_looks / self.attend_looks, 3)

    @property
    def score(self) -> float:
        """Median of the last scores."""
        return median(self.scores) if self.scores else 0.0

    def sighted(self, sighting: Sighting, anchor_sightings: int) -> bool:
        """Count a sighting; True when it moved the anchor (so that the portrait must be taken anew)."""
        if sighting.carried:
            return False
        self.sightings += 1
        kind = sighting.object_class
        self.recognised += kind is not ObjectClass.UNKNOWN
        self.votes[kind] = self.votes.get(kind, 0.0) + max(sighting.score, 1e-3)
        self.scores = [*self.scores, sighting.score][-SCORES_KEPT:]
        self.extents = [*self.extents, sighting.box][-EXTENTS_KEPT:]
        if self.anchor_fixed or len(self.boxes) >= anchor_sightings:
            return False
        self.boxes.append(sighting.box)
        before, self.anchor = self.anchor, median_box(self.boxes)
        return self.anchor != before

    def fix_anchor(self) -> None:
        """An incident was raised for this box: it stays, whatever the next sightings say."""
        self.anchor_fixed = True

    def seen(self, at: datetime, look: int, short_gap: float, *, carried: bool = False) -> None:
        """The object was there at ``at``, in look number ``look``; a ``carried`` answer is no look of its own."""
        self.dwell.seen(at, short_gap)
        self.seen_look = look
        self.looks += not carried
        self.seen_looks += not carried
        self.misses = self.absent_looks = self.unclear_looks = 0
        self.absent_s = 0.0

    def pictured(self, now: Thumbnail, own: Visible) -> None:
        """Take a new portrait: the anchor has moved. ``own``: the cells that show the object itself."""
        self.portrait = self.recent = now
        self.known = own

    def looks_like(self, now: Thumbnail, own: Visible) -> None:
        """Follow its looks, cell by cell, and learn those that were covered so far."""
        follows = blend(self.portrait, now)
        if own is ALL_VISIBLE and self.known is ALL_VISIBLE:
            self.portrait, self.recent = follows, now
            return
        self.portrait = np.where(own, np.where(self.known, follows, now), self.portrait)
        self.recent = np.where(own, now, self.recent)
        self.known = ALL_VISIBLE if own is ALL_VISIBLE or (both := self.known | own).all() else both

    def take_over(self, old: Place, *, was_away: bool) -> None:
        """Go on with the visit that ended at ``old``: the same problem, which now stands here.

        Time on the way counts as unobserved; time away (``was_away``) does not count.
        """
        gap_s = 0.0 if was_away else max(0.0, (self.arrived - old.dwell.last_seen).total_seconds())
        both_s = max(0.0, (old.dwell.last_seen - self.arrived).total_seconds())
        self.dwell.observed_s = old.dwell.observed_s + max(0.0, self.dwell.observed_s - both_s)
        self.dwell.bridged_s += old.dwell.bridged_s + gap_s
        self.attend_looks += old.attend_looks
        self.attended_looks += old.attended_looks
        self.place_id = old.place_id
        self.first_seen, self.present_at_start = old.first_seen, old.present_at_start
        self.incident, old.incident = old.incident, None
        if self.incident:
            self.incident.has_moved = True
            self.fix_anchor()

    def clock_set(self, step: timedelta, *, told_too: bool = False) -> None:
        """The clock was set by ``step``: what is measured from goes with it, what has been told stays.

        ``told_too``: until now nobody knew the time. The centre puts right what was told then, so that goes along as
        well.
        """
        self.arrived += step
        self.dwell.last_seen += step
        if self.incident:
            self.incident.last_report += step
        if not told_too:
            return
        self.first_seen += step
        if self.left_behind:
            self.left_behind = replace(self.left_behind, at=self.left_behind.at + step)
        if self.incident and self.incident.since:
            self.incident.since += step
        if self.incident and self.incident.abandoned_at:
            self.incident.abandoned_at += step

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
            first_seen=incident.since or self.first_seen,
            last_seen=self.dwell.last_seen,
            present_at_start=self.present_at_start,
            observed_s=max(0.0, self.dwell.observed_s - incident.excused_s),
            bridged_s=self.dwell.bridged_s,
            threshold_s=incident.threshold_s,
            score=min(1.0, max(0.0, self.score)),
            appearance=unit_vector(self.portrait),
            abandoned_at=incident.abandoned_at,
            attended=self.attended,
        )
