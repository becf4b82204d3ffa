"""Place memory of one camera (位置记忆): looks in, transitions out.

Not thread-safe. Given the same calls it gives the same answers, also when it is saved and restored anywhere in
between (`detectors.places.state`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from detectors.incidents import BlindReason, Closed, CloseReason, Opened, OpenReason, Transition, Updated
from detectors.places.blindness import Blindness
from detectors.places.dwell import Dwell, short_gap_s
from detectors.places.judgement import Gaps, Judgement, Verdict
from detectors.places.likeness import blend, unchanged
from detectors.places.matching import one_per_object, same_place
from detectors.places.place import Incident, Place
from detectors.places.rules import DEFAULT_BRIDGE_S, DEFAULT_CLEAR_S, RuleBook
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting, View, may_be_one
from ingest.boxes import area, intersection, iou
from ingest.messages import Box
from ingest.taxonomy import Category, ObjectClass
from ingest.zones import Rule, Zone

_SAME_OBJECT_IOU = 0.4
_OTHER_KIND_IOU = 0.5
_PART_OF_OBJECT = 0.8


class PlaceMemory:
    """The places of one camera and the incidents open on them.

    ``counters`` names what was left out: ``clock_backwards``, ``places_evicted``, ``sightings_dropped``.
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        *,
        look_interval_s: float,
        new_id: Callable[[datetime], UUID],
        settings: MemorySettings,
    ) -> None:
        self.places: list[Place] = []
        self.blindness = Blindness()
        self.looks = 0
        self.last_call: datetime | None = None
        self.last_look: datetime | None = None
        self.counters: Counter[str] = Counter()
        self._rules = RuleBook(zones)
        self._short_gap = short_gap_s(look_interval_s)
        self._new_id = new_id
        self._settings = settings

    def accepts(self, at: datetime) -> bool:
        """Whether time has moved on since the last call; counts the calls that it refuses."""
        if self.last_call is not None and at <= self.last_call:
            self.counters["clock_backwards"] += 1
            return False
        return True

    def could_not_look(self, at: datetime, reason: BlindReason) -> list[Transition]:
        """Nobody could look at the whole picture at ``at``. No threshold fires and nothing ends."""
        if not self.accepts(at):
            return []
        self.last_call = at
        names = [zone.name for zone in self._rules.zones]
        blind = self.blindness.could_not_look(at, reason, names, self._settings.blind_after_s)
        if self.blindness.reported:
            for place in self.places:
                if place.incident:
                    place.incident.was_blind = True
        return [*blind]

    def look(
        self, at: datetime, sightings: Sequence[Sighting], persons: Sequence[Box], view: View
    ) -> list[Transition]:
        """One look. ``persons`` hide places but are never remembered.

        Transitions come in the order: sight regained, closed, opened, updated; each in order of the places' age.
        """
        if not self.accepts(at):
            return []
        regained = self.blindness.looked(at)
        elapsed = self._elapsed(at)
        distinct = one_per_object(sightings)
        judgement = Judgement(
            self.places, distinct, persons, view, lambda place: self._gaps(place, at), self._settings
        )
        seen = self._apply(judgement, distinct, at, elapsed, view)
        replaced = {id(place) for index, place in enumerate(self.places) if judgement.replaced(index)}
        taken = set(judgement.chosen.values())
        for number, sighting in enumerate(distinct):
            if number not in taken:
                self._remember(sighting, at, view)
        closed = [*self._end(at, replaced), *self._leave_zones(at)]
        standing = [place for place in self.places if id(place) in seen]
        opened = [event for place in standing if (event := self._fire(place, at))]
        updated = [news for place in standing if (news := self._update(place, at))]
        self.looks += 1
        self.last_call = self.last_look = at
        return [*regained, *closed, *opened, *updated]

    def _elapsed(self, at: datetime) -> float:
        if self.last_look is None:
            return 0.0
        return min(self._short_gap, (at - self.last_look).total_seconds())

    def _gaps(self, place: Place, at: datetime) -> Gaps:
        rule = self._rule_of(place)
        bridge = rule.max_bridge_s if rule else DEFAULT_BRIDGE_S
        return Gaps(place.dwell.gap_s(at), self._short_gap, bridge)

    def _rule_of(self, place: Place) -> Rule | None:
        found = self._rules.at(place.ground_point, place.category)
        if place.incident:
            found = [item for item in found if item.zone.name == place.incident.zone]
        return found[0].rule if found else None

    def _apply(
        self, judgement: Judgement, sightings: Sequence[Sighting], at: datetime, elapsed: float, view: View
    ) -> set[int]:
        """Count the verdicts; returns the identities of the places where the object was seen."""
        seen: set[int] = set()
        for index, place in enumerate(self.places):
            match judgement.verdict(index):
                case Verdict.SIGHTED:
                    self._sighted(place, sightings[judgement.chosen[index]], judgement, index, view)
                case Verdict.SEEN_BY_APPEARANCE:
                    if judgement.visible(index).all():
                        place.portrait = blend(place.portrait, judgement.crop(index))
                case Verdict.ABSENT:
                    place.absent(elapsed)
                    continue
                case Verdict.UNCLEAR:
                    place.unclear_looks += 1
                    continue
                case Verdict.COULD_NOT_LOOK:
                    continue
            place.seen(at, self._short_gap)
            seen.add(id(place))
        return seen

    def _sighted(self, place: Place, sighting: Sighting, judgement: Judgement, index: int, view: View) -> None:
        if place.sighted(sighting, self._settings.anchor_sightings):
            place.portrait = place.recent = view.crop(place.anchor)
        elif judgement.visible(index).all():
            place.recent = judgement.crop(index)
            place.portrait = blend(place.portrait, place.recent)

    def _remember(self, sighting: Sighting, at: datetime, view: View) -> None:
        if len(self.places) >= self._settings.max_places and not self._evict():
            self.counters["sightings_dropped"] += 1
            return
        portrait = view.crop(sighting.box)
        place = Place(
            place_id=self._new_id(at),
            first_seen=at,
            present_at_start=self.looks < self._settings.start_looks or _was_always_there(view, sighting.box),
            anchor=sighting.box,
            dwell=Dwell(at),
            portrait=portrait,
            recent=portrait,
            looks=1,
            seen_looks=1,
        )
        place.sighted(sighting, self._settings.anchor_sightings)
        self.places.append(place)

    def _evict(self) -> bool:
        spare = [place for place in self.places if place.incident is None]
        if not spare:
            return False
        oldest = min(spare, key=lambda place: (self._established(place), place.dwell.last_seen))
        self.places.remove(oldest)
        self.counters["places_evicted"] += 1
        return True

    def _established(self, place: Place) -> bool:
        return place.incident is not None or place.sightings >= self._settings.anchor_sightings

    def _end(self, at: datetime, replaced: set[int]) -> list[Closed]:
        """Forget the places whose visit is over and close their incidents."""
        over = [place for place in self.places if id(place) in replaced or self._is_over(place)]
        closed = [
            Closed(at, place.standing(), self._why_over(place, id(place) in replaced))
            for place in over
            if place.incident
        ]
        gone = {id(place) for place in over}
        self.places = [place for place in self.places if id(place) not in gone]
        return closed

    def _is_over(self, place: Place) -> bool:
        if not self._established(place):
            return place.misses >= self._settings.candidate_misses
        rule = self._rule_of(place)
        clear_s = rule.clear_s if rule else DEFAULT_CLEAR_S
        return place.absent_s >= clear_s and place.absent_looks >= self._settings.clear_looks

    def _why_over(self, place: Place, expired: bool) -> CloseReason:
        successor = any(
            other.first_seen > place.dwell.last_seen and same_place(place.anchor, other.anchor, self._settings)
            for other in self.places
        )
        return CloseReason.REPLACED if expired or successor else CloseReason.LOOKED_AND_ABSENT

    def _leave_zones(self, at: datetime) -> list[Closed]:
        """Close what no zone of the present configuration is about any more."""
        closed = []
        for place in self.places:
            if place.incident and self._rule_of(place) is None:
                closed.append(Closed(at, place.standing(), CloseReason.LEFT_ZONE))
                place.incident = None
        return closed

    def _fire(self, place: Place, at: datetime) -> Opened | None:
        if place.incident or not self._trusted(place):
            return None
        due = [
            item
            for item in self._rules.at(place.ground_point, place.category)
            if place.dwell.total_s >= item.rule.dwell_s and place.score >= item.rule.min_score
        ]
        if not due or place.category is None or self._already_raised(place):
            return None
        place.fix_anchor()
        place.incident = Incident(
            incident_id=self._new_id(at),
            zone=due[0].zone.name,
            category=place.category,
            threshold_s=due[0].rule.dwell_s,
            last_report=at,
        )
        return Opened(at, place.standing(), OpenReason.DWELL_EXCEEDED)

    def _trusted(self, place: Place) -> bool:
        return (
            place.sightings >= self._settings.min_sightings
            and place.sightings >= self._settings.min_detected_part * place.looks
            and place.seen_looks >= self._settings.min_seen_part * place.looks
            and not (self._could_be_furniture(place) and place.score < self._settings.start_score)
        )

    def _could_be_furniture(self, place: Place) -> bool:
        return place.present_at_start and place.category in (Category.GARBAGE, Category.STREET_VENDOR)

    def _already_raised(self, place: Place) -> bool:
        return any(
            other.incident is not None and other is not place and _one_object(other, place)
            for other in self.places
        )

    def _update(self, place: Place, at: datetime) -> Updated | None:
        incident = place.incident
        if incident is None:
            return None
        since_report = (at - incident.last_report).total_seconds()
        if not incident.was_blind and since_report < self._settings.update_interval_s:
            return None
        incident.was_blind, incident.last_report = False, at
        return Updated(at, place.standing())


def _was_always_there(view: View, box: Box) -> bool:
    """Whether a late find belongs to the street as the camera first learnt it: the detector had missed it so far."""
    scenery = view.scenery(box)
    return scenery is not None and unchanged(scenery)


def _one_object(raised: Place, place: Place) -> bool:
    """Whether ``place`` is another view of the object that ``raised`` stands for, or a part of it."""
    overlap = iou(raised.anchor, place.anchor)
    if not may_be_one(raised.object_class, place.object_class):
        return overlap >= _OTHER_KIND_IOU
    smaller = min(area(raised.anchor), area(place.anchor))
    part = intersection(raised.anchor, place.anchor) / smaller if smaller > 0 else 0.0
    # A bag beside a stall lies within the stall's box and is a problem of its own; two boxes of one kind are not.
    one_kind = raised.object_class is place.object_class
    unnamed = ObjectClass.UNKNOWN in (raised.object_class, place.object_class)
    return overlap >= _SAME_OBJECT_IOU or (part >= _PART_OF_OBJECT and (one_kind or unnamed))
