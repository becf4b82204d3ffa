"""When a zone's permits hold (许可时段), in seconds of the scenario."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.taxonomy import Category
from scenarios.language.scenario import Scenario
from scenarios.language.street import Permit, SceneZone
from scenarios.world.spans import Span, union, within


def permit_spans(scenario: Scenario, zone: SceneZone, category: Category) -> list[Span]:
    """When the zone allows the category, clipped to the scenario. A permit belongs to the day on which it begins."""
    local = scenario.starts_at.astimezone(ZoneInfo(scenario.time_zone))
    days = range(-1, int(scenario.duration_s // 86400) + 2)
    spans = [
        _span(scenario, permit, local + timedelta(days=day))
        for permit in zone.permits
        if permit.category is category
        for day in days
        if (local + timedelta(days=day)).isoweekday() in permit.weekdays
    ]
    return within(union(spans), 0.0, scenario.duration_s)


def _span(scenario: Scenario, permit: Permit, day: datetime) -> Span:
    begin, end = _at(day, permit.from_civil), _at(day, permit.to_civil)
    if permit.to_civil <= permit.from_civil:
        end = _at(day + timedelta(days=1), permit.to_civil)
    start = scenario.starts_at
    return (begin - start).total_seconds(), (end - start).total_seconds()


def _at(day: datetime, clock: time) -> datetime:
    return datetime.combine(day.date(), clock, tzinfo=day.tzinfo)
