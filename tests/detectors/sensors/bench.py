"""A sensor at a test's bench: a noise meter read every ten seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from detectors.sensors.decisions import AlarmEnded, AlarmOpened, Condition, Decision
from detectors.sensors.observer import SensorObserver
from detectors.sensors.settings import LimitRule, SensorSettings, place_of
from ingest.clock import uuid7
from ingest.sensors.gauge import Gauge, NoData
from ingest.sensors.quantities import Quantity

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
LOUD, QUIET, BAND = 70.0, 40.0, 54.0
NIGHT = LimitRule("night", Condition.ABOVE, 55.0, for_s=30.0, hysteresis=2.0)


def numbered(at: datetime) -> UUID:
    """The same identifier for the same moment."""
    return uuid7(at, bytes(10))


def settings(*rules: LimitRule, **changes: Any) -> SensorSettings:
    return SensorSettings(
        gauge=Gauge(Quantity.NOISE, "dB(A)"),
        place=lambda rule: place_of("xuhui", "j17", "noise-1", rule),
        rules=rules or (NIGHT,),
        **{"silent_after_s": 30.0, **changes},
    )


class Bench:
    """Feeds an observer by seconds since :data:`START`; ``told`` is all it decided, ``off_s`` the clock's error."""

    def __init__(self, given: SensorSettings | None = None) -> None:
        self.settings = given or settings()
        self.observer = SensorObserver(self.settings, new_id=numbered)
        self.told: list[Decision] = []
        self.windows: list[Any] = []
        self.off_s = 0.0

    def read(self, second: float, value: float | NoData) -> list[Decision]:
        observed = self.observer.reading(self._at(second), value, second)
        self.windows += observed.windows
        self.told += observed.decisions
        return list(observed.decisions)

    def tick(self, second: float) -> list[Decision]:
        observed = self.observer.passed(self._at(second), second)
        self.windows += observed.windows
        self.told += observed.decisions
        return list(observed.decisions)

    def run(self, values: Iterable[float | NoData | None], *, from_s: float = 0.0, every_s: float = 10.0) -> Bench:
        """One value every ``every_s``; None: nothing comes, but somebody asks."""
        for number, value in enumerate(values):
            second = from_s + number * every_s
            if value is None:
                self.tick(second)
            else:
                self.read(second, value)
        return self

    def restart(self, given: SensorSettings | None = None, *, live: bool = False) -> None:
        """What a power cut leaves: the snapshot."""
        self.settings = given or self.settings
        self.observer = SensorObserver(self.settings, new_id=numbered, snapshot=self.observer.snapshot())
        if live:
            self.observer.resumed()

    def _at(self, second: float) -> datetime:
        return START + timedelta(seconds=second + self.off_s)

    @property
    def names(self) -> list[str]:
        """What was decided, in words: rule, second, reason."""
        return [name_of(decision) for decision in self.told]

    @property
    def opened(self) -> list[AlarmOpened]:
        return [one for one in self.told if isinstance(one, AlarmOpened)]

    @property
    def ended(self) -> list[AlarmEnded]:
        return [one for one in self.told if isinstance(one, AlarmEnded)]


def name_of(decision: Decision) -> str:
    second = (decision.at - START).total_seconds()
    reason = getattr(decision, "reason", "stands")
    return f"{second:g} {reason}"
