"""Spans of time and permitted hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.hours import Permit, Timetable, calendars_of
from ingest.intervals import union, without
from ingest.taxonomy import Category
from scenarios.language.street import SceneZone
from scenarios.world.hours import permit_spans
from scenarios.world.spans import Span, longest, within
from tests.scenarios.world.streets import PAVEMENT, street

_SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def _has(spans: list[Span], t: float) -> bool:
    return any(begin < t < end for begin, end in spans)


@given(_SPANS, _SPANS, st.integers(0, 30), st.integers(0, 30))
def test_spans_are_sets_of_moments(one: list[Span], two: list[Span], begin: int, end: int) -> None:
    joined, cut, part = union(one), without(one, two), within(one, begin, end)
    for step in range(30):
        t = step + 0.5
        assert _has(joined, t) is _has(one, t)
        assert _has(cut, t) is (_has(one, t) and not _has(two, t))
        assert _has(part, t) is (_has(one, t) and begin < t < end)
    assert all(a[1] < b[0] for a, b in pairwise(joined))
    assert longest(joined) >= longest(part)


@given(
    st.integers(0, 23),
    st.integers(0, 23),
    st.sets(st.integers(1, 7), min_size=1),
    st.integers(0, 7 * 24 * 2),
    st.data(),
)
def test_a_permit_holds_in_its_civil_hours(
    begin: int, end: int, weekdays: set[int], shift: int, data: st.DataObject
) -> None:
    permit = Permit.model_validate(
        {
            "category": "street_vendor",
            "from": f"{begin:02}:00",
            "to": f"{end:02}:00",
            "weekdays": tuple(sorted(weekdays)),
        }
    )
    starts_at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=30 * shift)
    scenario = street(
        starts_at=starts_at,
        duration_s=100_000.0,
        zone=({**PAVEMENT, "permit": (permit.model_dump(by_alias=True),)},),
    )
    zone: SceneZone = scenario.zones[0]
    spans = permit_spans(scenario, zone, Category.STREET_VENDOR)
    t = data.draw(st.integers(0, 199)) * 500 + 0.25
    civil = (starts_at + timedelta(seconds=t)).astimezone(ZoneInfo("Asia/Shanghai"))
    today, yesterday = civil.isoweekday() in weekdays, (civil - timedelta(days=1)).isoweekday() in weekdays
    if begin < end:
        expected = today and begin <= civil.hour < end
    else:
        expected = (today and civil.hour >= begin) or (yesterday and civil.hour < end)
    assert _has(spans, t) is expected
    assert permit_spans(scenario, zone, Category.GARBAGE) == []


NIGHTS = st.sampled_from(
    [
        ("Asia/Shanghai", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("America/Havana", date(2026, 3, 8)),
        ("America/Havana", date(2026, 11, 1)),
        ("Africa/Cairo", date(2026, 4, 24)),
        ("Africa/Cairo", date(2026, 10, 30)),
    ]
)
"""Time zones and days on which, but for the first, their clocks change: in one by half an hour, in two at midnight."""
CLOCKS = st.tuples(st.sampled_from([0, 1, 2, 3, 5, 12, 22, 23]), st.sampled_from([0, 15, 30, 45])).map(
    lambda t: f"{t[0]:02}:{t[1]:02}"
)


@st.composite
def permits(draw: st.DrawFn, night: date) -> dict[str, Any]:
    table: dict[str, Any] = {"category": "garbage", "from": draw(CLOCKS), "to": draw(CLOCKS)}
    if draw(st.booleans()):
        offsets = draw(st.sets(st.integers(-2, 2), min_size=1))
        table["dates"] = tuple(night + timedelta(days=offset) for offset in sorted(offsets))
        table["allow"] = draw(st.booleans())
    else:
        table["weekdays"] = tuple(sorted(draw(st.sets(st.integers(1, 7), min_size=1))))
    return table


@st.composite
def collections(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "times": tuple(draw(st.lists(CLOCKS, min_size=1, max_size=2))),
        "weekdays": tuple(sorted(draw(st.sets(st.integers(1, 7), min_size=1)))),
        "set_out_s": draw(st.sampled_from([1800, 12 * 3600, 3 * 86400, 7 * 86400, 4321])),
        "grace_s": draw(st.sampled_from([0, 1800, 777])),
    }


@settings(max_examples=60)
@given(NIGHTS, st.integers(-30, 12), st.data())
def test_the_truth_of_permits_and_the_nodes_hours_agree_though_each_works_them_out_itself(
    where: tuple[str, date], hours: int, data: st.DataObject
) -> None:
    time_zone, night = where
    found = data.draw(st.lists(permits(night), max_size=3))
    emptied = data.draw(collections() if not found else st.none() | collections())
    starts_at = datetime(night.year, night.month, night.day, tzinfo=UTC) + timedelta(hours=hours, seconds=7)
    table = {**PAVEMENT, "purpose": "garbage_point", "permit": tuple(found), "collection": emptied}
    scenario = street(starts_at=starts_at, duration_s=90_000.0, time_zone=time_zone, zone=(table,))
    zone, civil = scenario.zones[0], ZoneInfo(time_zone)
    timetable = Timetable(tuple(calendars_of(zone.permits, zone.collection, Category.GARBAGE)), civil)
    first = starts_at.astimezone(civil).date()
    spans = timetable.intervals(first - timedelta(days=2), first + timedelta(days=3))
    seconds = [((a - starts_at).total_seconds(), (b - starts_at).total_seconds()) for a, b in spans]
    assert permit_spans(scenario, zone, Category.GARBAGE) == within(union(seconds), 0.0, 90_000.0)


def test_hours_to_the_second_are_found_to_the_second() -> None:
    permit = {"category": "garbage", "from": "08:00:20", "to": "08:01:05"}
    scenario = street(starts_at=datetime(2026, 3, 2, tzinfo=UTC), zone=({**PAVEMENT, "permit": (permit,)},))
    assert permit_spans(scenario, scenario.zones[0], Category.GARBAGE) == [(20.0, 65.0)]


@pytest.mark.parametrize("time_zone", ["Asia/Shanghai", "Europe/Berlin"])
def test_a_permit_for_the_whole_day_leaves_no_gap_at_midnight(time_zone: str) -> None:
    permit = {"category": "garbage", "from": "00:00", "to": "00:00"}
    starts_at = datetime(2026, 3, 28, 12, tzinfo=UTC)
    zone = {**PAVEMENT, "permit": (permit,)}
    scenario = street(starts_at=starts_at, duration_s=172_800.0, time_zone=time_zone, zone=(zone,))
    assert permit_spans(scenario, scenario.zones[0], Category.GARBAGE) == [(0.0, 172_800.0)]
