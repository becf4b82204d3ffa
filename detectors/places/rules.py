"""Which rules speak for a place, and when (区域规则的适用)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from detectors.places.geometry import ground_point
from ingest.hours import Calendar, OutsideOf, Permits, Phase, Timetable, calendars_of
from ingest.messages import Box
from ingest.taxonomy import CLASSES_OF_CATEGORY, Category, ObjectClass, ZonePurpose
from ingest.zones import LONGEST_WAIT_S, VEHICLES, Rule, Zone

ALLOWED_BY_PURPOSE: dict[ZonePurpose, frozenset[Category]] = {
    ZonePurpose.PARKING_BAY: VEHICLES,
    ZonePurpose.RELIEF_POINT: frozenset(
        {Category.STREET_VENDOR, Category.STATIC_OBJECT, Category.PARKED_TWO_WHEELER}
    ),
    ZonePurpose.GARBAGE_POINT: frozenset({Category.GARBAGE}),
}
"""What a purpose allows against other zones; a rule of the zone's own limits it, and still no other zone's rule speaks.
A vendor's goods and cart (二轮、三轮) belong to the pitch; rubbish left at one does not."""

READ_AS: dict[ZonePurpose, Category] = {
    ZonePurpose.SHOP_FRONT: Category.STREET_VENDOR,
    ZonePurpose.GARBAGE_POINT: Category.GARBAGE,
}
"""What a thing that no model names is taken for where the zone has no rule of its own against such things. On a
pavement it stays an unknown object: rubbish is only one of the many things that are left there."""

CATEGORY_OF_CLASS: dict[ObjectClass, Category] = {
    kind: category for category, kinds in CLASSES_OF_CATEGORY.items() for kind in kinds
}

DEFAULT_CLEAR_S = 5.0
UNRULED_BRIDGE_S = 600.0
"""Unobserved time that may count of what belongs to no category."""
DEFAULT_TIME_ZONE = ZoneInfo("Asia/Shanghai")
COUNTED_AFTER_S = 60.0
"""A stay that is allowed and that no rule would limit is counted after so long."""

LONGEST_TRADE = 120
"""Characters of all trades whose permits hold at one moment."""

BAY_SHARE = 0.45
"""A vehicle stands in a bay when so much of its footprint does. Measured on 240 vehicles in marked bays of drawn
streets (least share 0.58) and 116 beside them (most 0.27)."""
_FOOTPRINT_ROWS = (0.0, 0.1, 0.2)
_FOOTPRINT_COLUMNS = 11


class Clock:
    """A timetable that remembers the phase it is in; the answers are the timetable's."""

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable
        self._phase: Phase | None = None

    @property
    def has_hours(self) -> bool:
        """Whether the time of day matters."""
        return bool(self._timetable.calendars)

    @property
    def time_zone(self) -> ZoneInfo:
        """What its hours are meant in."""
        return self._timetable.zone

    def phase(self, at: datetime) -> Phase:
        """What holds at ``at`` (UTC)."""
        if not self._timetable.calendars:
            return Phase(False, None, None)
        if self._phase is None or not self._phase.covers(at):
            self._phase = self._timetable.phase(at)
        return self._phase


@dataclass(frozen=True)
class Granted:
    """By which zone something is allowed, and whom the permit is for (``trade``, in words; empty: not said)."""

    zone: str
    trade: str = ""


@dataclass(frozen=True, eq=False)
class Grant:
    """Times at which a zone allows something, against the rules of all zones."""

    zone: str
    calendar: Calendar

    def granted(self, at: datetime, time_zone: ZoneInfo) -> Granted | None:
        """What it allows at ``at`` (UTC); None: nothing."""
        if not Timetable((self.calendar,), time_zone).phase(at).allowed:
            return None
        permits = self.calendar.in_force(at, time_zone) if isinstance(self.calendar, Permits) else []
        trades = dict.fromkeys(permit.trade for permit in permits if permit.trade)
        return Granted(self.zone, " / ".join(trades)[:LONGEST_TRADE])


@dataclass(frozen=True, eq=False)
class Governing:
    """A rule together with its zone and what it depends on.

    Attributes:
        zone: The zone it belongs to.
        rule: The rule.
        category: What is raised: goods in front of a shop are its keeper's trade, whatever they are.
        clock: When what the rule forbids is allowed.
        waits: Zones around the place in which vehicles may wait.
        grants: What allows it at times; ``clock`` joins them.
    """

    zone: Zone
    rule: Rule
    category: Category
    clock: Clock
    waits: tuple[Zone, ...] = ()
    grants: tuple[Grant, ...] = ()

    def granted(self, at: datetime) -> Granted:
        """By what it is allowed at ``at`` (UTC), a moment at which it is."""
        found = (grant.granted(at, self.clock.time_zone) for grant in self.grants)
        return next((one for one in found if one is not None), Granted(self.zone.name))


@dataclass(frozen=True, eq=False)
class Ruling:
    """What holds at a place: ``rules``, the one that fires first in front. ``counted_after_s`` is set where a purpose
    allows it against other zones: a stay that long is counted as allowed by ``free_in``, and only rules of the zones
    that allow it may raise it. ``overflow`` speaks for rubbish at a point that may hold only so much, whatever allows
    it."""

    rules: tuple[Governing, ...]
    counted_after_s: float | None = None
    free_in: str = ""
    overflow: Governing | None = None


def ruling(zones: Sequence[Zone], box: Box, category: Category, time_zone: ZoneInfo = DEFAULT_TIME_ZONE) -> Ruling:
    """What holds for something of ``category`` in ``box`` (fractions of the frame)."""
    point = ground_point(box)
    here = [zone for zone in zones if zone.purpose is not ZonePurpose.PARKING_BAY and zone.contains(point)]
    bays = [zone for zone in zones if zone.purpose is ZonePurpose.PARKING_BAY]
    here += standing_in(bays, box) if category in VEHICLES else [bay for bay in bays if bay.contains(point)]
    waits = tuple(_waiting_zones(zones, box)) if category in VEHICLES else ()
    found = [(zone, rule) for zone in here if (rule := zone.rule_against(read_as(zone, category)))]
    free = [zone for zone in here if _always_allows(zone, category)]
    counted_after_s = None
    if free:
        counted_after_s = min((rule.dwell_s for zone, rule in found if zone not in free), default=COUNTED_AFTER_S)
        found = [(zone, rule) for zone, rule in found if zone in free]
    grants = [Grant(zone.name, calendar) for zone in here for calendar in _calendars(zone, category)]
    rules = [_governing(zone, rule, grants, waits, time_zone) for zone, rule in found]
    return Ruling(
        rules=tuple(sorted(rules, key=lambda item: item.rule.dwell_s)),
        counted_after_s=counted_after_s,
        free_in=free[0].name if free else "",
        overflow=_overflow(here, category, time_zone),
    )


def read_as(zone: Zone, category: Category) -> Category:
    """What something of ``category`` is in a zone, see :data:`READ_AS`."""
    if category is Category.STATIC_OBJECT and zone.rule_against(category) is None:
        return READ_AS.get(zone.purpose, category)
    return category


def _overflow(here: Sequence[Zone], category: Category, time_zone: ZoneInfo) -> Governing | None:
    for zone in here:
        if zone.overflow is not None and read_as(zone, category) is Category.GARBAGE:
            rule = Rule(category=Category.GARBAGE, dwell_s=zone.overflow.after_s)
            return _governing(zone, rule, (), (), time_zone)
    return None


def standing_in(bays: Sequence[Zone], box: Box) -> list[Zone]:
    """The bays (or waiting places) that a vehicle stands in: none unless :data:`BAY_SHARE` of its footprint lies in
    them together.

    The footprint is the lowest fifth of its box; what is above it is bodywork, before another piece of ground.
    """
    points = _footprint(box)
    inside = [[bay.contains(point) for point in points] for bay in bays]
    covered = sum(any(column) for column in zip(*inside, strict=True))
    if covered < BAY_SHARE * len(points):
        return []
    return [bay for bay, hits in zip(bays, inside, strict=True) if any(hits)]


def _waiting_zones(zones: Sequence[Zone], box: Box) -> list[Zone]:
    found: list[Zone] = []
    for purpose in LONGEST_WAIT_S:
        found += standing_in([zone for zone in zones if zone.purpose is purpose], box)
    return found


def _footprint(box: Box) -> list[tuple[float, float]]:
    x1, y1, x2, y2 = box
    columns = [x1 + (x2 - x1) * (index + 0.5) / _FOOTPRINT_COLUMNS for index in range(_FOOTPRINT_COLUMNS)]
    return [(x, y2 - (y2 - y1) * row) for row in _FOOTPRINT_ROWS for x in columns]


def _always_allows(zone: Zone, category: Category) -> bool:
    """Whether its purpose allows the category at all times, or for as long as its own rule says."""
    able = read_as(zone, category) in ALLOWED_BY_PURPOSE.get(zone.purpose, ())
    return able and not _calendars(zone, category)


def _calendars(zone: Zone, category: Category) -> list[Calendar]:
    return calendars_of(zone.permits, zone.collection, read_as(zone, category))


def _governing(
    zone: Zone, rule: Rule, allowing: Sequence[Grant], waits: tuple[Zone, ...], time_zone: ZoneInfo
) -> Governing:
    own = (Grant(zone.name, OutsideOf(rule.hours)),) if rule.hours else ()
    grants = (*allowing, *own)
    clock = Clock(Timetable(tuple(grant.calendar for grant in grants), time_zone))
    return Governing(zone, rule, rule.category, clock, waits, grants)


class RuleBook:
    """The zones of one camera, with the answers remembered: anchors hardly ever move."""

    _LIMIT = 4096

    def __init__(self, zones: Sequence[Zone], time_zone: ZoneInfo = DEFAULT_TIME_ZONE) -> None:
        self.zones = tuple(zones)
        self._time_zone = time_zone
        self._answers: dict[tuple[Box, Category], Ruling] = {}

    def at(self, box: Box, category: Category | None) -> Ruling:
        """See :func:`ruling`; a class that belongs to no category is ruled by nothing."""
        if category is None:
            return Ruling(())
        answer = self._answers.get((box, category))
        if answer is None:
            if len(self._answers) >= self._LIMIT:
                self._answers.clear()
            answer = self._answers[box, category] = ruling(self.zones, box, category, self._time_zone)
        return answer
