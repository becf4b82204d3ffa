"""When a zone allows what it forbids (许可时段、收运时刻), in seconds of the scenario."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.hours import Timetable, calendars_of
from ingest.intervals import union
from ingest.taxonomy import Category
from scenarios.language.scenario import Scenario
from scenarios.language.street import SceneZone
from scenarios.world.spans import Span, within


def permit_spans(scenario: Scenario, zone: SceneZone, category: Category) -> list[Span]:
    """When the zone allows the category, clipped to the scenario. A permit belongs to the day on which it begins."""
    civil = ZoneInfo(scenario.time_zone)
    timetable = Timetable(tuple(calendars_of(zone.permits, zone.collection, category)), civil)
    first = scenario.starts_at.astimezone(civil) - timedelta(days=1)
    last = scenario.starts_at.astimezone(civil) + timedelta(seconds=scenario.duration_s)
    spans = timetable.intervals(first.date(), last.date())
    return within(union((_second(scenario, a), _second(scenario, b)) for a, b in spans), 0.0, scenario.duration_s)


def _second(scenario: Scenario, moment: datetime) -> float:
    return (moment - scenario.starts_at).total_seconds()
