"""Which rule speaks for a place (区域规则的适用)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.taxonomy import CLASSES_OF_CATEGORY, Category, ObjectClass, ZonePurpose
from ingest.zones import Point, Rule, Zone

PERMITTING = frozenset({ZonePurpose.PARKING_BAY, ZonePurpose.RELIEF_POINT})
"""Purposes that allow what other zones forbid, unless the zone itself has a rule against it."""

CATEGORY_OF_CLASS: dict[ObjectClass, Category] = {
    kind: category for category, kinds in CLASSES_OF_CATEGORY.items() for kind in kinds
}

DEFAULT_CLEAR_S = 5.0
DEFAULT_BRIDGE_S = 600.0


@dataclass(frozen=True)
class Governing:
    """A rule together with the zone it belongs to."""

    zone: Zone
    rule: Rule


def governing(zones: Sequence[Zone], point: Point, category: Category) -> list[Governing]:
    """The rules against ``category`` at ``point``, the one that fires first in front; empty where it may stand."""
    here = [zone for zone in zones if zone.contains(point)]
    found = [Governing(zone, rule) for zone in here for rule in zone.rules if rule.category is category]
    against = {item.zone.name for item in found}
    if any(zone.purpose in PERMITTING and zone.name not in against for zone in here):
        return []
    return sorted(found, key=lambda item: item.rule.dwell_s)


class RuleBook:
    """The zones of one camera, with the answers remembered: anchors hardly ever move."""

    _LIMIT = 4096

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.zones = tuple(zones)
        self._answers: dict[tuple[Point, Category], list[Governing]] = {}

    def at(self, point: Point, category: Category | None) -> list[Governing]:
        """See :func:`governing`; a class that belongs to no category is ruled by nothing."""
        if category is None:
            return []
        answer = self._answers.get((point, category))
        if answer is None:
            if len(self._answers) >= self._LIMIT:
                self._answers.clear()
            answer = self._answers[point, category] = governing(self.zones, point, category)
        return answer
