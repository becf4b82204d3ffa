"""One look held against the remembered places: seen, looked and absent, or could not look (三值观测)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from detectors.places.geometry import grow, visible_cells
from detectors.places.likeness import MARGIN, SIDE, Presence, Thumbnail, Visible, likeness, presence
from detectors.places.matching import assign, candidate_pairs, same_place
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import Sighting, View
from ingest.boxes import iou
from ingest.messages import Box
from ingest.taxonomy import ObjectClass

_SIGHTINGS_TO_TRUST_THE_PORTRAIT = 2


class Verdict(StrEnum):
    """What one look says about one place."""

    SIGHTED = "sighted"
    SEEN_BY_APPEARANCE = "seen_by_appearance"
    ABSENT = "absent"
    COULD_NOT_LOOK = "could_not_look"
    UNCLEAR = "unclear"


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
    ) -> None:
        self._places, self._sightings, self._persons = places, sightings, persons
        self._view, self._settings = view, settings
        self._gaps = [gaps(place) for place in places]
        self._crops: dict[int, Thumbnail] = {}
        self._visible: dict[int, Visible] = {}
        pairs = candidate_pairs(places, sightings, settings)
        self._of_place: dict[int, set[int]] = {}
        self._of_sighting: dict[int, set[int]] = {}
        for place, sighting in pairs:
            self._of_place.setdefault(place, set()).add(sighting)
            self._of_sighting.setdefault(sighting, set()).add(place)
        self.chosen = assign(pairs, self._agree)
        self._taken = set(self.chosen.values())

    def crop(self, index: int) -> Thumbnail:
        """How the place's anchor looks now."""
        if index not in self._crops:
            self._crops[index] = self._view.crop(self._places[index].anchor)
        return self._crops[index]

    def visible(self, index: int) -> Visible:
        """The cells of the place's thumbnail that nothing else covers in this look."""
        if index not in self._visible:
            shown = grow(self._places[index].anchor, MARGIN)
            self._visible[index] = visible_cells(shown, self._covers(index), SIDE)
        return self._visible[index]

    def replaced(self, index: int) -> bool:
        """A sighting lies on the place, but the memory of it has expired."""
        return self._gaps[index].expired and index in self._of_place

    def verdict(self, index: int) -> Verdict:
        """What the look says about place ``index``."""
        place = self._places[index]
        if index in self.chosen:
            return Verdict.SIGHTED
        if place.incident is None and self._contradicted(index):
            return Verdict.ABSENT
        if self._hidden(index):
            return Verdict.COULD_NOT_LOOK
        # A sighting on the place that looks different is another object on it, not something in front of it.
        another_object = self._of_place.get(index, set()) - self._taken
        if another_object or place.sightings < _SIGHTINGS_TO_TRUST_THE_PORTRAIT or self._gaps[index].expired:
            return Verdict.ABSENT
        return self._by_appearance(index)

    def _by_appearance(self, index: int) -> Verdict:
        place = self._places[index]
        scenery = None if place.present_at_start else self._view.scenery(place.anchor)
        match presence(place.portrait, self.crop(index), scenery, self.visible(index), self._settings):
            case Presence.PRESENT:
                return Verdict.SEEN_BY_APPEARANCE
            case Presence.UNCLEAR if place.unclear_looks < self._settings.unclear_looks:
                return Verdict.UNCLEAR
            case _:
                return Verdict.ABSENT

    def _agree(self, index: int, sighting: int) -> bool:
        place, gap = self._places[index], self._gaps[index]
        if gap.expired:
            return False
        if self._continues(place, gap, self._sightings[sighting]) or self._hidden(index):
            return True
        visible, now = self.visible(index), self.crop(index)
        alike = [likeness(remembered, now, visible) for remembered in (place.portrait, place.recent)]
        known = [value for value in alike if value is not None]
        brief = gap.since_seen_s <= gap.short_s
        limit = self._settings.same_likeness if brief else self._settings.same_after_gap
        return not known or max(known) >= limit

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
        return (
            place.sightings >= self._settings.anchor_sightings
            and gap.since_seen_s <= self._settings.continuous_s
            and iou(place.anchor, sighting.box) >= self._settings.continuous_iou
        )

    def _hidden(self, index: int) -> bool:
        return float(self.visible(index).mean()) < self._settings.visible_part

    def _covers(self, index: int) -> list[Box]:
        mine = self._of_place.get(index, set())
        others = (
            sighting.box
            for number, sighting in enumerate(self._sightings)
            if number not in mine
            and sighting.object_class is not ObjectClass.UNKNOWN
            and not self._is_neighbour(number, index)
        )
        return [*self._persons, *others]

    def _is_neighbour(self, sighting: int, index: int) -> bool:
        # What already stood there while the place could be seen hides no more of it than it did then.
        place, enough = self._places[index], self._settings.anchor_sightings
        return any(
            self._places[other].sightings >= enough and self._places[other].first_seen <= place.dwell.last_seen
            for other in self._of_sighting.get(sighting, ())
            if other != index
        )
