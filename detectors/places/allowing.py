"""What is not raised although it stands there: counted once a visit, never silent (许可与排除计数)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from detectors.places.firing import Firing
from detectors.places.place import Place
from ingest.taxonomy import Category

KINDS_KEPT = 64
"""So many different permitted stays of one camera are counted apart; further kinds count as one another."""


@dataclass(frozen=True)
class PermittedKind:
    """What was allowed, where, and whom the permit is for (``trade``, in words; empty: not said)."""

    zone: str
    category: Category
    trade: str = ""


@dataclass
class Allowances:
    """The counts of one camera, since its first start.

    ``counters``: ``permitted_<category>``, ``waiting_...`` and ``selling_...`` of stays that may be; ``too_small_...``,
    ``too_large_...`` and ``size_unknown_...`` of what the sizes of a rule leave out; ``permitted_kinds_dropped`` of
    permitted visits of more kinds than are counted apart.
    """

    firing: Firing
    counters: Counter[str]
    permitted: Counter[PermittedKind] = field(default_factory=Counter)

    def note(self, place: Place, places: Sequence[Place]) -> None:
        """Count a place that is not raised at this look."""
        left_out = self.firing.left_out(place)
        if left_out is not None:
            place.left_out = True
            self.counters[left_out] += 1
        excuse = self.firing.excuse(place, places)
        if excuse is None:
            return
        place.excused = True
        self.counters[excuse.counter] += 1
        if excuse.granted is not None:
            self._permitted(PermittedKind(excuse.granted.zone, excuse.category, excuse.granted.trade))

    def _permitted(self, kind: PermittedKind) -> None:
        if kind in self.permitted or len(self.permitted) < KINDS_KEPT:
            self.permitted[kind] += 1
        else:
            self.counters["permitted_kinds_dropped"] += 1
