"""One look held against the remembered places: seen, looked and absent, or could not look (三值观测)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from detectors.places.geometry import grow, overlaps, share, visible_cells
from detectors.places.likeness import (
    ALL_VISIBLE,
    MARGIN,
    SIDE,
    Presence,
    Thumbnail,
    Visible,
    around,
    in_both,
    likeness,
    outside,
    presence,
)
from detectors.places.matching import assign, candidate_pairs, same_place
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting, View
from ingest.boxes import area, intersection, iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass

_SIGHTINGS_TO_TRUST_THE_PORTRAIT = 2
_GROWN_OVER = 0.8
_LOOKS_ARE_CONTINUOUS = 0.5
"""Of the short gap: two looks in a row, but not one over."""
_ENOUGH_TO_COMPARE = 0.15
"""Less of a thumbnail than this says nothing."""


_UNPROVEN_BRIDGE_S = 600.0
"""No longer gap is bridged for an object whose picture cannot be compared."""
_ANY_LIKENESS = 0.1
"""What is not even so alike is something else, however noisy the picture."""


class Verdict(StrEnum):
    """What one look says about one place."""

    SIGHTED = "sighted"
    SEEN_BY_APPEARANCE = "seen_by_appearance"
    ABSENT = "absent"
    COULD_NOT_LOOK = "could_not_look"
    UNCLEAR = "unclear"
    UNASKED = "unasked"
    """The picture does not show it, and the detector did not look: no proof, and no blindness either."""


@dataclass(frozen=True)
class Gaps:
    """Seconds since a place was last seen, and what its rule still bridges."""

    since_seen_s: float
    short_s: float
    bridge_s: float

    @property
    def expired(self) -> bool:
        """Unobserved for so long that a new visit begins."""
        return self.since_seen_s > max(self.bridge_s, self.short_s)


class Judgement:
    """All comparisons of one look; crops are taken once and only where something has to be compared."""

    def __init__(
        self,
        places: Sequence[Place],
        sightings: Sequence[Sighting],
        persons: Sequence[Box],
        view: View,
        gaps: Callable[[Place], Gaps],
        settings: MemorySettings,
        looked: Callable[[Place], bool] = lambda _: True,
    ) -> None:
        self._places, self._sightings, self._persons = places, sightings, persons
        self._looked_at = looked
        self._view, self._settings = view, settings
        self._gaps = [gaps(place) for place in places]
        self._unseen = [box for box, _ in view.unseen()]
        self._crops: dict[int, Thumbnail] = {}
        self._visible: dict[int, Visible] = {}
        self._own: dict[int, Visible] = {}
        self._asked: dict[int, bool] = {}
        self._standing = [
            place.anchor if place.sightings >= settings.anchor_sightings else None for place in places
        ]
        pairs = candidate_pairs(places, sightings, settings)
        self._of_place: dict[int, set[int]] = {}
        self._of_sighting: dict[int, set[int]] = {}
        for place, sighting in pairs:
            self._of_place.setdefault(place, set()).add(sighting)
            self._of_sighting.setdefault(sighting, set()).add(place)
        self._note_growth()
        self._undecided: set[int] = set()
        self.chosen = assign(pairs, self._agree)
        self._owner = {sighting: place for place, sighting in self.chosen.items()}
        self._undecided -= self._owner.keys()

    def _note_growth(self) -> None:
        """Rubbish that now covers the place of rubbish lies on it, not before it, however much larger it is."""
        for number, sighting in enumerate(self._sightings):
            if sighting.object_class is not ObjectClass.GARBAGE:
                continue
            for index, place in enumerate(self._places):
                anchor = place.anchor
                if (
                    overlaps(anchor, sighting.box)
                    and place.object_class is ObjectClass.GARBAGE
                    and intersection(anchor, sighting.box) >= _GROWN_OVER * area(anchor)
                ):
                    self._of_place.setdefault(index, set()).add(number)

    def crop(self, index: int) -> Thumbnail:
        """How the place's anchor looks now."""
        if index not in self._crops:
            self._crops[index] = self._view.crop(self._places[index].anchor)
        return self._crops[index]

    def visible(self, index: int) -> Visible:
        """The cells of the place's thumbnail that nothing else covers in this look."""
        if index not in self._visible:
            self._visible[index] = visible_cells(
                grow(self._places[index].anchor, MARGIN), self._covers(index), SIDE
            )
        return self._visible[index]

    def own_cells(self, index: int) -> Visible:
        """The cells that show the object itself for certain: no neighbour's box lies over them either."""
        if index not in self._own:
            mine = self._of_place.get(index, set())
            self._own[index] = self._uncovered(self._places[index].anchor, mine, index)
        return self._own[index]

    def _compared(self, index: int) -> Visible:
        """The cells in which the portrait can be held against the picture: a neighbour that came to stand before it
        since the portrait was taken says nothing of it, though it hides no more than the looks in between allow."""
        return in_both(self._places[index].known, in_both(self.visible(index), self.own_cells(index)))

    def own_cells_of(self, sighting: int) -> Visible:
        """The same for the place that a new find will make."""
        return self._uncovered(self._sightings[sighting].box, {sighting}, None)

    def _uncovered(self, anchor: Box, mine: Collection[int], index: int | None) -> Visible:
        shown = grow(anchor, MARGIN)
        near = [box for box in (*self._unseen, *self._persons) if overlaps(box, shown)]
        near += [
            item.box
            for number, item in enumerate(self._sightings)
            if overlaps(item.box, shown) and number not in mine
        ]
        near += [
            box
            for other, box in enumerate(self._standing)
            if box is not None and overlaps(box, shown) and other != index
        ]
        covers = [box for box in near if not same_place(anchor, box, self._settings)]
        cells = visible_cells(shown, covers, SIDE)
        return cells if not covers or share(cells) >= _ENOUGH_TO_COMPARE else ALL_VISIBLE

    def new_finds(self) -> list[int]:
        """Sightings that belong to no place; nor may they, hidden in part, belong to one that cannot be compared."""
        numbers = range(len(self._sightings))
        return [number for number in numbers if number not in self._owner and number not in self._undecided]

    def replaced(self, index: int) -> bool:
        """A sighting of this look lies on the place, but the memory of it has expired, or is of something else."""
        fresh = any(not self._sightings[number].carried for number in self._of_place.get(index, ()))
        return fresh and self._gaps[index].expired and index not in self.chosen

    def looked(self, index: int) -> bool:
        """Whether this look can show that nothing is there: the detector itself looked at the place."""
        if index not in self._asked:
            self._asked[index] = self._looked_at(self._places[index])
        return self._asked[index]

    def expired(self, index: int) -> bool:
        """Whether the place was not seen for longer than its rule bridges."""
        return self._gaps[index].expired

    def verdict(self, index: int) -> Verdict:
        """What the look says about place ``index``."""
        place = self._places[index]
        if index in self.chosen:
            return Verdict.SIGHTED
        if self._is_doubtful(place) and self._contradicted(index):
            return Verdict.ABSENT if self.looked(index) else Verdict.UNASKED
        if self._hidden(index):
            return Verdict.COULD_NOT_LOOK
        found = self._unhidden(index, place)
        return found if found is Verdict.SEEN_BY_APPEARANCE or self.looked(index) else Verdict.UNASKED

    def _unhidden(self, index: int, place: Place) -> Verdict:
        if (
            self._another_object(index)
            or place.sightings < _SIGHTINGS_TO_TRUST_THE_PORTRAIT
            or self._gaps[index].expired
        ):
            return Verdict.ABSENT
        return self._by_appearance(index)

    def _another_object(self, index: int) -> bool:
        """A sighting on the place that looks different is another object on it, not something in front of it; also
        one that by now has a place of its own, found after this one was last seen."""
        last = self._places[index].seen_look
        owners = (self._owner.get(number) for number in self._of_place.get(index, ()))
        return any(owner is None or self._places[owner].born_look > last for owner in owners)

    def _by_appearance(self, index: int) -> Verdict:
        place = self._places[index]
        scenery = None if place.present_at_start else self._view.scenery(place.anchor)
        compared = self._compared(index)
        match presence(place.portrait, self.crop(index), scenery, compared, self._settings):
            case Presence.PRESENT:
                return Verdict.SEEN_BY_APPEARANCE
            case Presence.UNCLEAR if place.unclear_looks < self._settings.unclear_looks:
                return Verdict.UNCLEAR
            case _:
                return Verdict.ABSENT

    def _agree(self, index: int, sighting: int) -> bool:
        place, gap = self._places[index], self._gaps[index]
        if gap.expired and place.incident is None:
            return False
        brief = gap.since_seen_s <= gap.short_s
        if self._continues(place, gap, self._sightings[sighting]):
            return True
        if self._hidden(index):
            if not brief:
                self._undecided.add(sighting)
            return brief
        compared, now = self._compared(index), self.crop(index)
        if brief and share(compared) < _ENOUGH_TO_COMPARE:
            return True
        alike = [likeness(remembered, now, compared) for remembered in (place.portrait, place.recent)]
        known = [value for value in alike if value is not None]
        if not known:
            # A flat portrait proves nothing: what was raised stands on, but hours are not bridged on its word.
            return place.incident is not None or gap.since_seen_s <= max(_UNPROVEN_BRIDGE_S, gap.short_s)
        if brief:
            settings = self._settings
            return max(known) >= settings.same_likeness or max(known) >= self._same_in_noise(index)
        return max(known) >= self._same_after_gap(index)

    def _same_in_noise(self, index: int) -> float:
        """The same a moment later: no more than what the noise of the night leaves of the street around it."""
        settings = self._settings
        surroundings = self._surroundings(index)
        if surroundings is None:
            return settings.same_likeness
        return min(settings.same_likeness, max(_ANY_LIKENESS, settings.same_as_surroundings * surroundings))

    def _same_after_gap(self, index: int) -> float:
        """How alike it must be at least: the light may have changed, but then its surroundings changed as well."""
        settings = self._settings
        return max(settings.same_after_gap, settings.same_as_surroundings * (self._surroundings(index) or 0.0))

    def _surroundings(self, index: int) -> float | None:
        """How alike the street around a place still is; None where too little of it is to be seen."""
        place = self._places[index]
        covers = [*self._unseen, *self._persons, *(item.box for item in self._sightings)]
        box = around(place.anchor)
        shown = outside(place.anchor) & visible_cells(grow(box, MARGIN), covers, SIDE)
        if share(shown) < _ENOUGH_TO_COMPARE:
            return None
        return likeness(place.context, self._view.crop(box), shown)

    def _is_doubtful(self, place: Place) -> bool:
        """What has been raised, or seen in nearly every look, is hidden by what lies exactly on it; it was no error."""
        settings = self._settings
        known = (
            place.sightings >= settings.anchor_sightings and place.sightings >= settings.sure_part * place.looks
        )
        return place.incident is None and not known

    def _contradicted(self, index: int) -> bool:
        """What lies exactly here is something else, say a person who was taken for a two-wheeler now and then."""
        anchor, mine = self._places[index].anchor, self._of_place.get(index, set())
        named = (
            sighting.box
            for number, sighting in enumerate(self._sightings)
            if number not in mine and sighting.object_class is not ObjectClass.UNKNOWN
        )
        return any(same_place(anchor, box, self._settings) for box in (*self._persons, *named))

    def _continues(self, place: Place, gap: Gaps, sighting: Sighting) -> bool:
        settings = self._settings
        next_look_s = min(_LOOKS_ARE_CONTINUOUS * gap.short_s, settings.continuous_looks_s)
        return (
            place.sightings >= settings.anchor_sightings
            and gap.since_seen_s <= max(settings.continuous_s, next_look_s)
            and iou(place.anchor, sighting.box) >= settings.continuous_iou
        )

    def _hidden(self, index: int) -> bool:
        visible = self.visible(index)
        return visible is not ALL_VISIBLE and share(visible) < self._settings.visible_part

    def _covers(self, index: int) -> list[Box]:
        mine = self._of_place.get(index, set())
        shown = grow(self._places[index].anchor, MARGIN)
        others = (
            sighting.box
            for number, sighting in enumerate(self._sightings)
            if number not in mine
            and sighting.object_class is not ObjectClass.UNKNOWN
            and overlaps(sighting.box, shown)
            and not self._is_neighbour(number, index)
        )
        return [*(box for box in (*self._unseen, *self._persons) if overlaps(box, shown)), *others]

    def _is_neighbour(self, sighting: int, index: int) -> bool:
        # What already stood there while the place could be seen hides no more of it than it did then.
        place, enough = self._places[index], self._settings.anchor_sightings
        return any(
            self._places[other].sightings >= enough and self._places[other].born_look <= place.seen_look
            for other in self._of_sighting.get(sighting, ())
            if other != index
        )
