"""Spans of time and permitted hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ingest.hours import Permit
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
