"""When a zone counts as blind (失明): the whole camera could not look for longer than a grace time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from detectors.incidents import BlindReason, SeesAgain, WentBlind


@dataclass
class Blindness:
    """Since when and why the camera cannot look, and which zones have been reported blind."""

    since: datetime | None = None
    reason: BlindReason = BlindReason.OFFLINE
    reported: list[str] = field(default_factory=list)

    def could_not_look(
        self, at: datetime, reason: BlindReason, zones: Sequence[str], after_s: float
    ) -> list[WentBlind]:
        """One failed look. The first cause of a blindness stays its reason."""
        if self.since is None:
            self.since, self.reason = at, reason
        if (at - self.since).total_seconds() <= after_s:
            return []
        new = [zone for zone in zones if zone not in self.reported]
        self.reported += new
        return [WentBlind(at, zone, self.since, self.reason) for zone in new]

    def looked(self, at: datetime) -> list[SeesAgain]:
        """A look succeeded; also ends the blindness of zones that have left the configuration."""
        since, zones = self.since, self.reported
        self.since, self.reported = None, []
        return [SeesAgain(at, zone, since, self.reason) for zone in zones] if since is not None else []
