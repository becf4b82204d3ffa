"""Place memory of one camera (位置记忆): looks in, transitions out.

Not thread-safe. Given the same calls it gives the same answers, also when it is saved and restored anywhere in
between (`detectors.places.state`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from detectors.incidents import (
    BlindReason,
    Closed,
    CloseReason,
    Opened,
    OpenReason,
    SeesAgain,
    Transition,
    Updated,
    UpdateReason,
    WentBlind,
)
from detectors.places import doubt
from detectors.places.allowing import Allowances
from detectors.places.attendance import note_attendance
from detectors.places.bareness import bare_likeness, is_bare_street, note_bare, note_bare_anew
from detectors.places.blindness import Blindness
from detectors.places.clock import LookClock
from detectors.places.doubt import Closely
from detectors.places.dwell import Dwell, short_gap_s
from detectors.places.endings import Endings
from detectors.places.firing import Firing, GroundSize
from detectors.places.following import Following
from detectors.places.geometry import share
from detectors.places.judgement import Gaps, Judgement, Verdict
from detectors.places.likeness import ALL_VISIBLE, UNCHANGED, Visible, around, blend
from detectors.places.matching import one_per_object
from detectors.places.place import Incident, Place
from detectors.places.returning import Departed
from detectors.places.rules import CATEGORY_OF_CLASS, DEFAULT_TIME_ZONE, UNRULED_BRIDGE_S, RuleBook
from detectors.places.settings import MemorySettings
from detectors.places.sight import ZoneSight
from detectors.places.sighting import Looked, Sighting, View, everywhere
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from ingest.zones import DEFAULT_BRIDGE_S, Rule, Zone

_SIGHTINGS_PER_CONTEXT = 8


class PlaceMemory:
    """The places of one camera and the incidents open on them.

    ``counters`` names what was ignored: ``clock_backwards``, ``places_evicted``, ``sightings_dropped``; and what was
    allowed or left out, once a visit (``allowances``). Hours in rules are meant in ``time_zone``; without ``ground``
    nothing is known in metres.
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        *,
        look_interval_s: float,
        new_id: Callable[[datetime], UUID],
        settings: MemorySettings,
        time_zone: ZoneInfo = DEFAULT_TIME_ZONE,
        ground: GroundSize | None = None,
    ) -> None:
        self.places: list[Place] = []
        self.blindness = Blindness()
        self.looks = 0
        self.last_call: datetime | None = None
        self.last_look: datetime | None = None
        self.hours_known = True
        self._learnt_time = False
        self.counters: Counter[str] = Counter()
        self._rules = RuleBook(zones, time_zone)
        self._firing = Firing(self._rules, settings, ground)
        self.allowances = Allowances(self._firing, self.counters)
        self._following = Following(settings, ground)
        self.departed = Departed(settings)
        self._endings = Endings(
            self._firing, self._following, self.departed, settings, look_interval_s, self.counters
        )
        self.clock = LookClock(look_interval_s)
        self._sight = ZoneSight(zones)
        self._short_gap = short_gap_s(look_interval_s)
        self._unattended_after_s = max(2 * settings.blind_after_s, 5 * look_interval_s)
        self._new_id = new_id
        self._settings = settings

    def trust_hours(self, trusted: bool) -> None:
        """Whether the time of day is known, from the next call on."""
        self._learnt_time = self._learnt_time or (trusted and not self.hours_known)
        self.hours_known = trusted

    def accepts(self, at: datetime, steady_s: float | None = None) -> bool:
        """Whether a call at ``at`` can be taken; refusals are counted (``clock_backwards``).

        A clock that was set (``clock_stepped``) shifts the memory, so that dwell goes on as if it had not been.
        ``steady_s`` (seconds, any origin) is the reading of a clock that nobody can set; without it a step forward
        is time that passed, and a step back is believed when several looks in a row say so.
        """
        if self.last_call is None:
            self.clock.read(at, steady_s)
            return True
        step = self.clock.step(self.last_call, at, steady_s)
        if step is None:
            self.counters["clock_backwards"] += 1
            return False
        if step:
            self._clock_set(step)
        self._learnt_time = False
        self.clock.read(at, steady_s)
        return True

    def _clock_set(self, step: timedelta) -> None:
        self.counters["clock_stepped"] += 1
        for place in self.places:
            place.clock_set(step, told_too=self._learnt_time or not self.hours_known)
        self.departed.clock_set(step)
        self.blindness.clock_set(step)
        self.last_call = None if self.last_call is None else self.last_call + step
        self.last_look = None if self.last_look is None else self.last_look + step

    def could_not_look(
        self,
        at: datetime,
        reason: BlindReason,
        *,
        steady_s: float | None = None,
        since: datetime | None = None,
    ) -> list[Transition]:
        """Nobody could look at the whole picture at ``at``, nor since ``since``, where that is known to be earlier.

        No threshold fires and nothing ends.
        """
        if not self.accepts(at, steady_s):
            return []
        unattended = self._unattended(at)
        self.last_call = at
        self.clock.called(at)
        names = [zone.name for zone in self._rules.zones]
        blind = self.blindness.could_not_look(at, reason, names, self._settings.blind_after_s, since=since)
        return [*unattended, *blind]

    def _unattended(self, at: datetime) -> list[WentBlind]:
        """Nobody called for so long that it must be told: the node had no power, or did not run."""
        last, limit_s = self.last_call, self._unattended_after_s
        if last is None or (at - last).total_seconds() <= limit_s:
            return []
        names = [zone.name for zone in self._rules.zones]
        return self.blindness.could_not_look(
            at, BlindReason.OFFLINE, names, self._settings.blind_after_s, since=last
        )

    def _note_regained(self, sight: Sequence[Transition]) -> None:
        """What stands in a zone that is seen again is reported as soon as it is seen itself."""
        zones = {event.zone for event in sight if isinstance(event, SeesAgain)}
        for place in self.places:
            if place.incident and place.incident.zone in zones:
                place.incident.was_blind = True

    def look(
        self,
        at: datetime,
        sightings: Sequence[Sighting],
        persons: Sequence[Box],
        view: View,
        *,
        looked: Looked = everywhere,
        closely: Sequence[Closely] | None = None,
        steady_s: float | None = None,
    ) -> list[Transition]:
        """One look. ``persons`` hide places but are never remembered; ``steady_s`` as in :meth:`accepts`. ``looked``:
        at which boxes the detector itself looked; a place elsewhere can go on in this look, but not end. ``closely``:
        the close looks that were asked for; None: nobody looks closely here, scores alone decide.

        Transitions come in the order: sight lost or regained, closed, opened, updated; each in order of age.
        """
        if not self.accepts(at, steady_s):
            return []
        unattended = self._unattended(at)
        hidden = self._sight.hidden(view.unseen(), sightings, persons)
        sight = self.blindness.looked(at, hidden, self._settings.blind_after_s)
        self._note_regained(sight)
        elapsed = self._elapsed(at)
        distinct = one_per_object(sightings)
        judgement = Judgement(
            self.places,
            distinct,
            persons,
            view,
            lambda place: self._gaps(place, at),
            self._settings,
            lambda place: self._looked_at(place, looked),
        )
        seen = self._apply(judgement, distinct, at, elapsed, view)
        note_attendance(self.places, seen, persons)
        replaced = {id(place) for index, place in enumerate(self.places) if judgement.replaced(index)}
        unasked = {id(place) for index, place in enumerate(self.places) if not judgement.looked(index)}
        for number in judgement.new_finds():
            self._remember(distinct[number], at, view, judgement.own_cells_of(number))
        doubt.note(self.places, closely or (), self._settings, self.counters)
        self.departed.forget(at)
        self.places, ended = self._endings.end(self.places, at, replaced, unasked)
        closed = [*ended, *self._leave_zones(at)]
        standing = [place for place in self.places if id(place) in seen]
        ready = [place for place in standing if closely is None or not self.asks_closely(place)]
        opened = [event for place in ready if (event := self._fire(place, at, view))]
        updated = [news for place in standing if (news := self._update(place, at))]
        self.looks += 1
        self.last_call = self.last_look = at
        self.clock.called(at)
        return [*unattended, *sight, *closed, *opened, *updated]

    def _elapsed(self, at: datetime) -> float:
        if self.last_look is None:
            return 0.0
        return min(self._short_gap, (at - self.last_look).total_seconds())

    def _gaps(self, place: Place, at: datetime) -> Gaps:
        rule = self._rule_of(place)
        if rule is not None:
            bridge_s = rule.max_bridge_s
        else:
            bridge_s = DEFAULT_BRIDGE_S[place.category] if place.category else UNRULED_BRIDGE_S
        return Gaps(place.dwell.gap_s(at), self._short_gap, bridge_s)

    def _looked_at(self, place: Place, looked: Looked) -> bool:
        """Whether this look can show that a place is bare: the detector must have looked there itself.

        What has no name is found by the picture's change, in every look. What no rule speaks for goes by the picture
        alone: nothing hangs on it, so nobody asks the detector about it.
        """
        unnamed = place.object_class is ObjectClass.UNKNOWN
        return unnamed or looked(place.anchor) or not self.has_rule_for(place)

    def asks_closely(self, place: Place) -> bool:
        """Whether nothing can be raised there before a close look has decided."""
        may_be = (CATEGORY_OF_CLASS.get(kind) for kind in place.votes)
        ruled = any(self._rules.at(place.anchor, category).rules for category in may_be if category)
        return ruled and doubt.asks(place, self._settings)

    def has_rule_for(self, place: Place) -> bool:
        """Whether a rule speaks for what stands at ``place``."""
        return self._firing.rule_of(place) is not None

    def _rule_of(self, place: Place) -> Rule | None:
        found = self._firing.rule_of(place)
        return found.rule if found else None

    def _apply(
        self, judgement: Judgement, sightings: Sequence[Sighting], at: datetime, elapsed: float, view: View
    ) -> set[int]:
        """Count the verdicts; returns the identities of the places where the object was seen."""
        seen: set[int] = set()
        for index, place in enumerate(self.places):
            verdict = judgement.verdict(index)
            place.unasked = verdict is Verdict.UNASKED
            match verdict:
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
                case Verdict.COULD_NOT_LOOK | Verdict.UNASKED:
                    continue
            if judgement.expired(index):
                place.dwell.absent(place.dwell.gap_s(at))
            chosen = judgement.chosen.get(index)
            carried = not judgement.looked(index) if chosen is None else sightings[chosen].carried
            place.seen(at, self.looks, self._short_gap, carried=carried)
            seen.add(id(place))
        return seen

    def _sighted(self, place: Place, sighting: Sighting, judgement: Judgement, index: int, view: View) -> None:
        if place.sighted(sighting, self._settings.anchor_sightings):
            place.pictured(view.crop(place.anchor), judgement.own_cells(index))
            place.context = view.crop(around(place.anchor))
            note_bare_anew(place, view, self._settings)
        elif not sighting.carried:
            own = judgement.own_cells(index)
            if own is ALL_VISIBLE or (
                share(own) >= self._settings.visible_part and judgement.visible(index).all()
            ):
                place.looks_like(judgement.crop(index), own)
                if place.sightings % _SIGHTINGS_PER_CONTEXT == 0:
                    place.context = view.crop(around(place.anchor))
                    note_bare(place, view, self._settings)

    def _remember(self, sighting: Sighting, at: datetime, view: View, own: Visible) -> None:
        if sighting.carried:
            self.counters["carried_without_place"] += 1
            return
        if len(self.places) >= self._settings.max_places and not self._evict():
            self.counters["sightings_dropped"] += 1
            return
        portrait, like_bare = view.crop(sighting.box), bare_likeness(view, sighting.box, own)
        place = Place(
            place_id=self._new_id(at),
            first_seen=at,
            arrived=at,
            present_at_start=self.looks < self._settings.start_looks or (like_bare or 0.0) >= UNCHANGED,
            bare_seen=like_bare is not None,
            anchor=sighting.box,
            dwell=Dwell(at),
            portrait=portrait,
            recent=portrait,
            context=view.crop(around(sighting.box)),
            known=own,
            like_bare=-1.0 if like_bare is None else like_bare,
            born_look=self.looks,
            seen_look=self.looks,
            looks=1,
            seen_looks=1,
        )
        place.sighted(sighting, self._settings.anchor_sightings)
        self.places.append(place)

    def _evict(self) -> bool:
        spare = [place for place in self.places if place.incident is None]
        if not spare:
            return False
        oldest = min(spare, key=lambda place: (self._endings.established(place), place.dwell.last_seen))
        self.places.remove(oldest)
        self.counters["places_evicted"] += 1
        return True

    def _leave_zones(self, at: datetime) -> list[Closed]:
        """Close what no zone of the present configuration is about any more, and what is allowed from now on."""
        closed = []
        for place in self.places:
            if place.incident is None:
                continue
            ruled = self._rule_of(place) is not None
            if not ruled or (self.hours_known and self._firing.now_allowed(place, self.places, at)):
                reason = CloseReason.PERMITTED if ruled else CloseReason.LEFT_ZONE
                closed.append(Closed(at, place.standing(), reason))
                place.incident = None
        return closed

    def _fire(self, place: Place, at: datetime, view: View) -> Opened | None:
        due = self._firing.due(place, self.places, hours_known=self.hours_known)
        if due is None:
            if self.hours_known:
                self.allowances.note(place, self.places)
            return None
        if self.blindness.is_blind(due.governing.zone.name):
            return None
        if is_bare_street(place, view, self._settings):
            self.counters[f"bare_{place.category}"] += 1
            return None
        if self._goes_on(place):
            return None
        place.fix_anchor()
        place.incident = Incident(
            incident_id=self._new_id(at),
            zone=due.governing.zone.name,
            category=due.governing.category,
            threshold_s=due.governing.rule.dwell_s,
            last_report=at,
            since=due.since,
            excused_s=due.excused_s,
            overflow=due.reason is OpenReason.OVERFLOW,
        )
        return Opened(at, place.standing(), due.reason, due.trade)

    def _goes_on(self, place: Place) -> bool:
        """Whether ``place`` only continues a problem that has been raised already."""
        if self._following.stood_for(place, self.places):
            self.counters[f"joined_{place.category}"] += 1
            return True
        old = self.departed.back(place, self._following)
        if old is None:
            return False
        place.take_over(old, was_away=True)
        self.counters[f"returned_{place.category}"] += 1
        return True

    def _update(self, place: Place, at: datetime) -> Updated | None:
        incident = place.incident
        if incident is None:
            return None
        if incident.abandoned_at is None and self._firing.is_abandoned(place):
            incident.abandoned_at, incident.was_blind, incident.last_report = at, False, at
            return Updated(at, place.standing(), UpdateReason.ABANDONED)
        since_report = (at - incident.last_report).total_seconds()
        if not (incident.was_blind or incident.has_moved) and since_report < self._settings.update_interval_s:
            return None
        incident.was_blind, incident.has_moved, incident.last_report = False, False, at
        return Updated(at, place.standing())
