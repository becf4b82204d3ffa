"""Who left and may be back soon (返回): the same car in the same bay minutes later was never really gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from detectors.places.following import Following
from detectors.places.likeness import alike
from detectors.places.matching import same_place
from detectors.places.place import Place
from detectors.places.settings import MemorySettings
from detectors.places.sighting import may_be_one
from ingest.taxonomy import Category

LIMIT = 64


@dataclass
class Departed:
    """Places whose incident ended because they were seen bare, the latest at the end; bounded."""

    settings: MemorySettings
    places: list[Place] = field(default_factory=list)

    def left(self, place: Place) -> None:
        """Its incident has ended: looked and absent."""
        if self._window_s(place) > 0:
            self.places = [*self.places, place][-LIMIT:]

    def forget(self, at: datetime) -> None:
        """Drop those who have been away for too long."""
        if self.places:
            self.places = [place for place in self.places if place.dwell.gap_s(at) <= self._window_s(place)]

    def back(self, place: Place, following: Following) -> Place | None:
        """Whose return ``place`` is; it is taken off the list."""
        for old in reversed(self.places):
            if self._returns(old, place, following):
                self.places.remove(old)
                return old
        return None

    def clock_set(self, step: timedelta) -> None:
        """The clock was set by ``step``."""
        for place in self.places:
            place.clock_set(step)

    def _returns(self, old: Place, new: Place, following: Following) -> bool:
        if new.category is not old.category or not may_be_one(old.object_class, new.object_class):
            return False
        if following.heir(old, [new]) is not None:
            return True
        here = same_place(old.anchor, new.anchor, self.settings)
        return here and alike(old.portrait, old.recent, new.portrait) >= self.settings.returned_likeness

    def _window_s(self, place: Place) -> float:
        match place.category:
            case Category.STREET_VENDOR:
                return self.settings.vendor_returns_s
            case Category.PARKED_VEHICLE | Category.PARKED_TWO_WHEELER:
                return self.settings.vehicle_returns_s
            case _:
                return 0.0
