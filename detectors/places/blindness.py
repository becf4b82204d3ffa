"""When a zone counts as blind (失明): what one must see of it could not be seen for longer than a grace time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from detectors.incidents import BlindReason, SeesAgain, WentBlind

FROZEN_AFTER_S = 20.0
"""A picture that stands still is told no earlier: a quiet street may decode alike for seconds."""


@dataclass
class ZoneBlindness:
    """Since when and why a zone cannot be looked at, and whether that has been told."""

    since: datetime
    reason: BlindReason
    told: bool = False

    def tell(self, at: datetime, zone: str, after_s: float) -> list[WentBlind]:
        """The news, once, when it has lasted for ``after_s`` seconds."""
        wait_s = max(after_s, FROZEN_AFTER_S) if self.reason is BlindReason.FROZEN else after_s
        if self.told or (at - self.since).total_seconds() <= wait_s:
            return []
        self.told = True
        return [WentBlind(at, zone, self.since, self.reason)]


@dataclass
class Blindness:
    """The zones of one camera that cannot be looked at now. The first cause of a blindness stays its reason."""

    zones: dict[str, ZoneBlindness] = field(default_factory=dict)

    def is_blind(self, zone: str) -> bool:
        """Whether a zone was told blind and not yet seen again: no threshold fires in it."""
        known = self.zones.get(zone)
        return known is not None and known.told

    def could_not_look(
        self,
        at: datetime,
        reason: BlindReason,
        zones: Sequence[str],
        after_s: float,
        *,
        since: datetime | None = None,
    ) -> list[WentBlind]:
        """Nobody could look at ``at`` at any of ``zones``, and at none since ``since``, where that is known."""
        return self._hidden(at, dict.fromkeys(zones, reason), after_s, since)

    def looked(
        self, at: datetime, hidden: Mapping[str, BlindReason], after_s: float
    ) -> list[WentBlind | SeesAgain]:
        """A look succeeded but for the zones ``hidden``; also ends the blindness of zones that have left the
        configuration."""
        ended = [zone for zone in self.zones if zone not in hidden]
        over = [(zone, self.zones.pop(zone)) for zone in ended]
        regained = [SeesAgain(at, zone, one.since, one.reason) for zone, one in over if one.told]
        return [*regained, *self._hidden(at, hidden, after_s, None)]

    def clock_set(self, step: timedelta) -> None:
        """The clock was set: what lasts began as long ago as before."""
        for one in self.zones.values():
            one.since += step

    def _hidden(
        self, at: datetime, hidden: Mapping[str, BlindReason], after_s: float, since: datetime | None
    ) -> list[WentBlind]:
        news: list[WentBlind] = []
        for zone, reason in hidden.items():
            one = self.zones.setdefault(zone, ZoneBlindness(since or at, reason))
            news += one.tell(at, zone, after_s)
        return news
