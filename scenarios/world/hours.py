"""When a zone allows what it forbids (许可时段、收运时刻), in seconds of the scenario.

Worked out apart from ``ingest.hours``, which the nodes use, or a fault there would hide from the scorer: a clock on the
wall is read minute by minute, and hours are what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from ingest.hours import Collection, Permit
from ingest.taxonomy import Category
from scenarios.language.scenario import Scenario
from scenarios.language.street import SceneZone
from scenarios.world.spans import Span

_DAY = timedelta(days=1)
_AHEAD_DAYS = 8
"""Bags may be set out for a collection so many days later at most."""


def permit_spans(scenario: Scenario, zone: SceneZone, category: Category) -> list[Span]:
    """When the zone allows the category, clipped to the scenario. A permit belongs to the day on which it begins."""
    permits = [permit for permit in zone.permits if permit.category is category]
    collection = zone.collection if category is Category.GARBAGE else None
    if not permits and collection is None:
        return []
    allowances = [*_allowances(scenario, permits), *_collections(scenario, collection)]
    end = scenario.starts_at + timedelta(seconds=scenario.duration_s)
    moments = {moment for one in allowances for moment in one.edges if scenario.starts_at < moment < end}
    spans: list[Span] = []
    for begin, until in pairwise(sorted(moments | {scenario.starts_at, end})):
        if any(one.holds(begin) for one in allowances):
            first, last = _second(scenario, begin), _second(scenario, until)
            if spans and spans[-1][1] == first:
                first = spans.pop()[0]
            spans.append((first, last))
    return spans


@dataclass(frozen=True)
class _Allowance:
    """What is allowed by one day: inside any of ``given`` and none of ``taken``; each from one moment to another."""

    given: Sequence[tuple[datetime, datetime]]
    taken: Sequence[tuple[datetime, datetime]] = ()

    @property
    def edges(self) -> list[datetime]:
        return [moment for span in (*self.given, *self.taken) for moment in span]

    def holds(self, moment: datetime) -> bool:
        given, taken = (any(a <= moment < b for a, b in spans) for spans in (self.given, self.taken))
        return given and not taken


def _allowances(scenario: Scenario, permits: Sequence[Permit]) -> Iterator[_Allowance]:
    """What the permits of each day allow; one that is written for the date sets the weekly ones aside."""
    wall = _Wall(ZoneInfo(scenario.time_zone), any(p.from_civil.second or p.to_civil.second for p in permits))
    for day in _days(scenario, before=2, after=1):
        held = [p for p in permits if (day in p.dates if p.dates else day.isoweekday() in p.weekdays)]
        by_date = [p for p in held if p.dates and p.allow]
        given = by_date or [p for p in held if p.allow]
        taken = [p for p in held if not p.allow]
        if given:
            yield _Allowance([wall.hours(day, p) for p in given], [wall.hours(day, p) for p in taken])


def _collections(scenario: Scenario, collection: Collection | None) -> Iterator[_Allowance]:
    """When bags may stand for the collections of each day."""
    if collection is None:
        return
    wall = _Wall(ZoneInfo(scenario.time_zone), any(clock.second for clock in collection.times))
    before, after = timedelta(seconds=collection.set_out_s), timedelta(seconds=collection.grace_s)
    for day in _days(scenario, before=2, after=_AHEAD_DAYS):
        if day.isoweekday() in collection.weekdays:
            emptied = (wall.first_at(datetime.combine(day, clock)) for clock in collection.times)
            yield _Allowance([(moment - before, moment + after) for moment in emptied])


def _days(scenario: Scenario, *, before: int, after: int) -> list[date]:
    first = scenario.starts_at.date() - before * _DAY
    last = (scenario.starts_at + timedelta(seconds=scenario.duration_s)).date() + after * _DAY
    return [first + step * _DAY for step in range((last - first).days + 1)]


class _Wall:
    """A clock on the wall of a town: minute after minute, whatever is done to its clocks, it shows some civil time."""

    def __init__(self, zone: ZoneInfo, to_the_second: bool) -> None:
        self._zone = zone
        self._tick = timedelta(seconds=1 if to_the_second else 60)

    def hours(self, day: date, permit: Permit) -> tuple[datetime, datetime]:
        """From when the clock first shows the beginning, or later, to when it last shows less than the end."""
        over_midnight = permit.to_civil <= permit.from_civil
        begin = self.first_at(datetime.combine(day, permit.from_civil))
        end = self._last_before(datetime.combine(day + _DAY if over_midnight else day, permit.to_civil))
        return begin, max(begin, end)

    def first_at(self, civil: datetime) -> datetime:
        """When the clock first shows that time or a later one."""
        return next(moment for moment, shown in self._around(civil) if shown >= civil)

    def _last_before(self, civil: datetime) -> datetime:
        """The end of the last minute in which the clock shows less than that time."""
        return max(moment for moment, shown in self._around(civil) if shown < civil) + self._tick

    def _around(self, civil: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What the clock shows, tick by tick, for more than a day before and after it should be that time."""
        middle = datetime.combine(civil.date(), time(civil.hour, civil.minute, tzinfo=self._zone)).astimezone(UTC)
        moment, end = middle - timedelta(hours=26), middle + timedelta(hours=26)
        while moment < end:
            yield moment, moment.astimezone(self._zone).replace(tzinfo=None)
            moment += self._tick


def _second(scenario: Scenario, moment: datetime) -> float:
    return (moment - scenario.starts_at).total_seconds()
