"""A sensor that gives no data (数据缺失): told as blindness, and as an alarm where that is configured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from detectors.sensors.decisions import (
    Alarm,
    AlarmEnded,
    AlarmOpened,
    AlarmReason,
    Condition,
    Decision,
    EndReason,
    FellSilent,
    SpeaksAgain,
)
from detectors.sensors.excess import NewId
from detectors.sensors.settings import MISSING
from detectors.sensors.times import time_in, time_out
from ingest.sensors.gauge import NoData


@dataclass
class Quiet:
    """The time without data: since when, whether it was told, and the alarm about it.

    ``since`` is the last valid reading, or the beginning of the watch. ``attended`` is since when this program has been
    there to listen: while it did not run, the sensor may well have spoken.
    """

    since: datetime
    attended: datetime
    reason: NoData = NoData.SILENT
    told: bool = False
    incident_id: UUID | None = None


class SilenceWatch:
    """Watches for data; everything is stamped with the moment it was due, whoever asks when."""

    def __init__(
        self, place_id: UUID, new_id: NewId, *, silent_after_s: float, missing_after_s: float | None
    ) -> None:
        self.quiet: Quiet | None = None
        self._place_id = place_id
        self._new_id = new_id
        self._silent_after = timedelta(seconds=silent_after_s)
        self._missing_after = None if missing_after_s is None else timedelta(seconds=missing_after_s)

    @property
    def alarmed(self) -> bool:
        """Whether the alarm about missing data stands."""
        return self.quiet is not None and self.quiet.incident_id is not None

    @property
    def silent(self) -> bool:
        """Whether a silence was told."""
        return self.quiet is not None and self.quiet.told

    def passed(self, at: datetime) -> list[Decision]:
        """Time went on to ``at``."""
        quiet = self.quiet
        if quiet is None:
            self.quiet = Quiet(at, at)
            return []
        found: list[Decision] = []
        due = quiet.since + self._silent_after
        if not quiet.told and at >= due:
            quiet.told = True
            found.append(FellSilent(due, quiet.since, quiet.reason))
        if self._missing_after is not None and quiet.incident_id is None:
            due = max(quiet.since, quiet.attended) + self._missing_after
            if at >= due:
                quiet.incident_id = self._new_id(due)
                found.append(
                    AlarmOpened(due, self._alarm(quiet, quiet.incident_id, due), AlarmReason.DATA_MISSING)
                )
        return found

    def no_data(self, reason: NoData) -> None:
        """A reading came that is none: if the silence is told, it is told why."""
        if self.quiet is not None:
            self.quiet.reason = reason

    def heard(self, at: datetime) -> list[Decision]:
        """A valid reading; :meth:`passed` was called."""
        quiet, self.quiet = self.quiet, Quiet(at, at)
        if quiet is None:
            return []
        found: list[Decision] = []
        if quiet.told:
            found.append(SpeaksAgain(at, quiet.since, quiet.reason))
        if quiet.incident_id is not None:
            found.append(AlarmEnded(at, self._alarm(quiet, quiet.incident_id, at), EndReason.DATA_AGAIN))
        return found

    def resumed(self, at: datetime) -> None:
        """The program runs again: it has not listened until now."""
        if self.quiet is not None:
            self.quiet.attended = max(self.quiet.attended, at)

    def removed(self, at: datetime) -> list[Decision]:
        """The rule about missing data is gone from the configuration."""
        quiet = self.quiet
        if quiet is None or quiet.incident_id is None or self._missing_after is not None:
            return []
        incident_id, quiet.incident_id = quiet.incident_id, None
        return [AlarmEnded(at, self._alarm(quiet, incident_id, at), EndReason.RULE_REMOVED)]

    def _alarm(self, quiet: Quiet, incident_id: UUID, at: datetime) -> Alarm:
        return Alarm(
            incident_id=incident_id,
            place_id=self._place_id,
            rule=MISSING,
            condition=Condition.MISSING,
            limit=None,
            value=None,
            extreme=None,
            first_seen=quiet.since,
            last_seen=at,
            observed_s=max(0.0, (at - max(quiet.since, quiet.attended)).total_seconds()),
            bridged_s=max(0.0, (quiet.attended - quiet.since).total_seconds()),
            threshold_s=0.0 if self._missing_after is None else self._missing_after.total_seconds(),
        )

    def clock_set(self, step: timedelta) -> None:
        """The clock was set: the silence lasts as long as if it had not been."""
        if self.quiet is not None:
            self.quiet.since += step
            self.quiet.attended += step

    def dump(self) -> dict[str, Any]:
        """Its state, JSON types."""
        quiet = self.quiet
        if quiet is None:
            return {}
        return {
            "since": time_out(quiet.since),
            "attended": time_out(quiet.attended),
            "reason": quiet.reason.value,
            "told": quiet.told,
            "incident_id": None if quiet.incident_id is None else str(quiet.incident_id),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Take :meth:`dump`'s state. Raises KeyError, TypeError or ValueError for anything else."""
        if not state:
            self.quiet = None
            return
        since, attended, incident = time_in(state["since"]), time_in(state["attended"]), state["incident_id"]
        if since is None or attended is None:
            raise ValueError("a silence without a beginning")
        self.quiet = Quiet(
            since,
            attended,
            NoData(state["reason"]),
            bool(state["told"]),
            None if incident is None else UUID(incident),
        )
