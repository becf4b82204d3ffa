"""Hours of the day as rules are written in them (许可时段、禁停时段、收运时刻): civil time, any time zone.

Hours belong to the day on which they begin; ``to`` not later than ``from`` runs over midnight, and both equal is a
whole day. The end is excluded. On the nights on which clocks change, hours are what a clock on the wall shows: an hour
that is left out is missing from what lies around it, and one that comes twice counts both times where hours reach into
it: they end at its second pass.

Everything here is decided from a moment that is passed in; nothing reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from ingest.config import ConfigModel
from ingest.intervals import union, without
from ingest.taxonomy import SEEN_CATEGORIES, Category

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
"""ISO weekdays, Monday to Sunday."""
REACH_DAYS = 8
"""So far around a moment boundaries of weekly hours are looked for; dates that are written out: at any distance."""

_WRITTEN = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?(?:Z|[+-][0-9:]+)?")

Interval = tuple[datetime, datetime]
"""From and to, UTC, the end excluded."""


def known_time_zone(name: str) -> str:
    """``name`` where it is a time zone. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder, an endless name
        raise ValueError("unknown time zone; give an IANA name, for example Asia/Shanghai") from error
    return name


TimeZoneName = Annotated[str, Field(max_length=100), AfterValidator(known_time_zone)]
"""An IANA name such as ``Asia/Shanghai``."""


def _written(value: object) -> object:
    if isinstance(value, time) or (isinstance(value, str) and _WRITTEN.fullmatch(value.strip())):
        return value
    raise ValueError('not a time of day; give "HH:MM", 00:00 to 23:59; midnight is "00:00"')


def _civil(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("hours are meant in the configured time_zone; give HH:MM without an offset")
    return value


def _in_reach(value: date) -> date:
    if not 2000 <= value.year <= 2199:
        raise ValueError("not a day that a permit can be meant for; give one from 2000 to 2199")
    return value


def _rising(weekdays: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(weekdays)) < len(weekdays):
        raise ValueError("a weekday is named twice; name each once, 1 (Monday) to 7 (Sunday)")
    return weekdays


CivilTime = Annotated[time, BeforeValidator(_written), AfterValidator(_civil)]
CivilDate = Annotated[date, AfterValidator(_in_reach)]
"""Far enough from the ends of the calendar that its neighbours exist."""
Weekdays = Annotated[
    tuple[Annotated[int, Field(ge=1, le=7)], ...], Field(min_length=1, max_length=7), AfterValidator(_rising)
]


class Hours(ConfigModel):
    """Hours on certain weekdays, or on certain ``dates`` whatever weekday they are."""

    from_civil: CivilTime = Field(alias="from")
    to_civil: CivilTime = Field(alias="to")
    weekdays: Weekdays = EVERY_DAY
    dates: Annotated[tuple[CivilDate, ...], Field(max_length=400)] = ()

    @model_validator(mode="after")
    def _one_calendar(self) -> Hours:
        if self.dates and "weekdays" in self.model_fields_set and self.weekdays != EVERY_DAY:
            raise ValueError(
                "weekdays and dates exclude each other; write the weekly hours and the dated ones apart"
            )
        return self

    def holds_on(self, day: date) -> bool:
        """Whether the hours begin on that civil day."""
        return day in self.dates if self.dates else day.isoweekday() in self.weekdays

    def on(self, day: date, zone: ZoneInfo) -> Interval:
        """The hours that begin on ``day``, as UTC; never of negative length."""
        last = day + timedelta(days=1) if self.to_civil <= self.from_civil else day
        begin = first_shown(datetime.combine(day, self.from_civil), zone)
        end = last_shown(datetime.combine(last, self.to_civil), zone)
        return begin, max(begin, end)


def check_seen(category: Category) -> Category:
    """``category`` where a camera can notice it. Raises ValueError."""
    if category not in SEEN_CATEGORIES:
        able = ", ".join(SEEN_CATEGORIES)
        raise ValueError(f"{category} is not seen by cameras; give one of {able}, or write a [[sensor.rule]]")
    return category


class Permit(Hours):
    """When a zone allows a category (许可时段), and to whom.

    A permit with ``dates`` is an override: on those dates the weekly permits of the category are set aside, and what
    the dated ones allow holds instead. With ``allow = false`` it takes its hours away (a clean-up campaign).
    ``trade`` says in words whom it is for; a camera cannot tell trades apart: it is counted and shown, not decided on.
    """

    category: Annotated[Category, AfterValidator(check_seen)]
    allow: bool = True
    trade: Annotated[str, Field(max_length=120)] = ""

    @field_validator("dates")
    @classmethod
    def _differ(cls, dates: tuple[date, ...]) -> tuple[date, ...]:
        if len(set(dates)) < len(dates):
            raise ValueError("a date is named twice; name each once")
        return dates

    @model_validator(mode="after")
    def _denied_by_date(self) -> Permit:
        if not self.allow and not self.dates:
            raise ValueError("allow = false takes back permitted hours on certain days; give its dates")
        return self

    @classmethod
    def between(cls, category: Category, begin: str, end: str) -> Permit:
        """A permit for every day, ``begin`` and ``end`` as ``HH:MM`` civil time."""
        return cls.model_validate(
            {"category": category, "from": time.fromisoformat(begin), "to": time.fromisoformat(end)}
        )


class Collection(ConfigModel):
    """When a garbage point is emptied (定时收运).

    Bags may be set out from ``set_out_s`` before each of ``times``; what stands longer than ``grace_s`` after it was
    left behind by the collection, and the rule's dwell begins there.
    """

    times: Annotated[tuple[CivilTime, ...], Field(min_length=1, max_length=24)]
    weekdays: Weekdays = EVERY_DAY
    set_out_s: Annotated[float, Field(gt=0, le=7 * 86400)] = 12 * 3600.0
    grace_s: Annotated[float, Field(ge=0, le=86400)] = 1800.0

    def on(self, day: date, zone: ZoneInfo) -> list[Interval]:
        """When bags may stand for the collections of ``day``, UTC."""
        if day.isoweekday() not in self.weekdays:
            return []
        moments = [first_shown(datetime.combine(day, clock), zone) for clock in self.times]
        before, after = timedelta(seconds=self.set_out_s), timedelta(seconds=self.grace_s)
        return [(moment - before, moment + after) for moment in moments]


def first_shown(civil: datetime, zone: ZoneInfo) -> datetime:
    """From when clocks in a zone show ``civil`` (naive) or later, as UTC."""
    early, late = _showings(civil, zone)
    return early if _shows(early, zone) == civil else _skipped(civil, early, late, zone)


def last_shown(civil: datetime, zone: ZoneInfo) -> datetime:
    """From when clocks in a zone show nothing earlier than ``civil`` (naive) any more, as UTC: where they are set back
    into the time before it, the second time that they show it."""
    early, late = _showings(civil, zone)
    if _shows(late, zone) != civil:
        return _skipped(civil, early, late, zone)
    return late if _shows(late - timedelta(seconds=1), zone) < civil else early


def _showings(civil: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments at which it would be that time by either offset of the night; equal on all others."""
    early, late = sorted(civil.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return early, late


def _shows(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _skipped(civil: datetime, early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """When clocks leave out ``civil``: a whole second after ``early`` and not after ``late``."""
    before, after = 0, int((late - early).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        reached = _shows(early + timedelta(seconds=middle), zone) >= civil
        before, after = (before, middle) if reached else (middle, after)
    return early + timedelta(seconds=after)


class Calendar(Protocol):
    """Intervals that begin on, or belong to, a civil day."""

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Interval]: ...

    def dated(self) -> Iterable[date]:
        """Days written out by date."""
        ...


@dataclass(frozen=True)
class Permits:
    """What the permits of one zone for one category allow, day by day."""

    permits: tuple[Permit, ...]

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Interval]:
        return without([permit.on(day, zone) for permit in self._given(day)], self._denied(day, zone))

    def in_force(self, at: datetime, zone: ZoneInfo) -> list[Permit]:
        """The permits by which the category is allowed at ``at`` (UTC), in the order they were written."""
        today = at.astimezone(zone).date()
        found = [
            permit
            for day in (today - timedelta(days=1), today)
            for permit in self._given(day)
            if any(begin <= at < end for begin, end in without([permit.on(day, zone)], self._denied(day, zone)))
        ]
        return [permit for permit in self.permits if permit in found]

    def _given(self, day: date) -> list[Permit]:
        held = [permit for permit in self.permits if permit.allow and permit.holds_on(day)]
        dated = [permit for permit in held if permit.dates]
        return dated or held

    def _denied(self, day: date, zone: ZoneInfo) -> list[Interval]:
        return [permit.on(day, zone) for permit in self.permits if not permit.allow and permit.holds_on(day)]

    def dated(self) -> Iterable[date]:
        return (day for permit in self.permits for day in permit.dates)


@dataclass(frozen=True)
class OutsideOf:
    """The time outside a rule's hours."""

    hours: tuple[Hours, ...]

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Interval]:
        midnight = time(0)
        begin = datetime.combine(day, midnight, tzinfo=zone).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), midnight, tzinfo=zone).astimezone(UTC)
        days = (day - timedelta(days=1), day)
        return without([(begin, end)], [one.on(d, zone) for one in self.hours for d in days if one.holds_on(d)])

    def dated(self) -> Iterable[date]:
        return (day for one in self.hours for day in one.dates)


@dataclass(frozen=True)
class SetOut:
    """When bags may stand at a point that is emptied."""

    collection: Collection

    def on(self, day: date, zone: ZoneInfo) -> Sequence[Interval]:
        # A week ahead: bags set out today may be meant for a collection days later.
        ahead = range(int(self.collection.set_out_s // 86400) + 2)
        return [span for step in ahead for span in self.collection.on(day + timedelta(days=step), zone)]

    def dated(self) -> Iterable[date]:
        return ()


def calendars_of(permits: Sequence[Permit], collection: Collection | None, category: Category) -> list[Calendar]:
    """When a zone with these permits and this collection allows ``category``, against the rules of all zones."""
    found: list[Calendar] = []
    own = tuple(permit for permit in permits if permit.category is category)
    if own:
        found.append(Permits(own))
    if collection is not None and category is Category.GARBAGE:
        found.append(SetOut(collection))
    return found


@dataclass(frozen=True)
class Phase:
    """Whether something is allowed at a moment, since when and until when; None: for as long as was looked.

    ``since`` of what is forbidden is the end of the last permit.
    """

    allowed: bool
    since: datetime | None
    until: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether the same phase holds at another moment."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Timetable:
    """Everything that allows one category at one place. Allowed is what any of ``calendars`` allows."""

    calendars: tuple[Calendar, ...]
    zone: ZoneInfo

    def intervals(self, first: date, last: date) -> list[Interval]:
        """What is allowed by days ``first`` to ``last``, joined, in order."""
        days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
        return union(span for calendar in self.calendars for day in days for span in calendar.on(day, self.zone))

    def phase(self, at: datetime) -> Phase:
        """What holds at ``at`` (UTC). Weekly hours are known for a week around it, dates at any distance.

        A phase without an end within that week ends at the week's edge, so that one who remembers it asks again.
        """
        today = at.astimezone(self.zone).date()
        first, last = today - timedelta(days=REACH_DAYS), today + timedelta(days=REACH_DAYS)
        spans = self.intervals(first, last)
        far = {day for calendar in self.calendars for day in calendar.dated() if day < first}
        spans = union([*spans, *(span for day in far for span in self.intervals(day, day))])
        edge = datetime.combine(last - timedelta(days=1), time(0), tzinfo=self.zone).astimezone(UTC)
        for begin, end in spans:
            if begin <= at < end:
                return Phase(True, begin, min(end, max(edge, at + timedelta(hours=1))))
        since = max((end for _, end in spans if end <= at), default=None)
        until = min((begin for begin, _ in spans if begin > at), default=edge)
        return Phase(False, since, min(until, edge))
