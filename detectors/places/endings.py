"""When a visit is over, and who goes on with it (结束与延续)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from detectors.incidents import Closed, CloseReason
from detectors.places.firing import Firing
from detectors.places.following import Following
from detectors.places.matching import same_place
from detectors.places.place import Place
from detectors.places.returning import Departed
from detectors.places.rules import DEFAULT_CLEAR_S
from detectors.places.settings import MemorySettings
from ingest.taxonomy import Category

_LOOKS_TO_BE_KNOWN_AGAIN = 6


@dataclass(frozen=True)
class Endings:
    """Decides which places of one camera are over; ``departed`` remembers who may be back."""

    firing: Firing
    following: Following
    departed: Departed
    settings: MemorySettings
    look_interval_s: float
    counters: Counter[str]

    def end(
        self, places: Sequence[Place], at: datetime, expired: Collection[int], unasked: Collection[int]
    ) -> tuple[list[Place], list[Closed]]:
        """The places that stay, and the incidents closed. ``expired``: identities of places whose memory is too old
        for the object now seen on them; ``unasked``: of those at which the detector did not look this time."""
        over = [
            place
            for place in places
            if id(place) in expired or (id(place) not in unasked and self._is_over(place, places))
        ]
        gone = {id(place) for place in over}
        kept = [place for place in places if id(place) not in gone]
        self.firing.note_departures(over, kept)
        closed = []
        for place in over:
            if id(place) not in expired and self._goes_on(place, kept):
                continue
            if place.incident:
                reason = self._why(place, kept, id(place) in expired)
                closed.append(Closed(at, place.standing(), reason))
                if reason is CloseReason.LOOKED_AND_ABSENT:
                    self.departed.left(place)
        return kept, closed

    def established(self, place: Place) -> bool:
        """Whether enough was seen of it to be missed."""
        return place.incident is not None or place.sightings >= self.settings.anchor_sightings

    def _is_over(self, place: Place, places: Sequence[Place]) -> bool:
        if not self.established(place):
            return place.misses >= self.settings.candidate_misses
        if place.absent_looks < self.settings.clear_looks:
            return False
        rule = self.firing.rule_of(place)
        if place.absent_s < (rule.rule.clear_s if rule else DEFAULT_CLEAR_S):
            return False
        if place.category not in (Category.STREET_VENDOR, Category.GARBAGE):
            return True
        if self.following.heir(place, places) is not None:
            return True
        return not (self._may_be_on_the_way(place) or self.following.may_come(place, places))

    def _may_be_on_the_way(self, place: Place) -> bool:
        """A vendor who pushes a cart to the next pitch needs some time to get there and to be known again."""
        hold_s = self.settings.vendor_hold_s + _LOOKS_TO_BE_KNOWN_AGAIN * self.look_interval_s
        return place.category is Category.STREET_VENDOR and place.absent_s < hold_s

    def _goes_on(self, place: Place, kept: Sequence[Place]) -> bool:
        if not self.established(place):
            return False
        heir = self.following.heir(place, kept)
        if heir is None:
            return False
        heir.take_over(place, was_away=False)
        self.counters[f"followed_{heir.category}"] += 1
        return True

    def _why(self, place: Place, kept: Sequence[Place], expired: bool) -> CloseReason:
        successor = any(
            other.born_look > place.seen_look and same_place(place.anchor, other.anchor, self.settings)
            for other in kept
        )
        return CloseReason.REPLACED if expired or successor else CloseReason.LOOKED_AND_ABSENT
