"""Civil hours: what is allowed when, over midnight, by date, and on the nights on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.hours import Collection, Hours, OutsideOf, Permit, Permits, SetOut, Timetable
from ingest.intervals import union, without
from ingest.taxonomy import Category

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
VENDOR = Category.STREET_VENDOR
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
WEEKDAYS = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
MOMENTS = st.integers(0, 3 * 366 * 86400).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


def permit(begin: str, end: str, **fields: Any) -> Permit:
    return Permit.model_validate({"category": "street_vendor", "from": begin, "to": end, **fields})


def table(*permits: Permit, zone: ZoneInfo = SHANGHAI) -> Timetable:
    return Timetable((Permits(permits),), zone)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@st.composite
def permits(draw: st.DrawFn) -> Permit:
    return permit(draw(CLOCKS).isoformat(), draw(CLOCKS).isoformat(), weekdays=draw(WEEKDAYS))


def on_the_wall(one: Hours, moment: datetime) -> bool:
    """The definition, read off a clock on the wall of a town that never changes its clocks."""
    civil = moment.astimezone(SHANGHAI)
    clock, begin, end = civil.time(), one.from_civil, one.to_civil
    today, yesterday = one.holds_on(civil.date()), one.holds_on(civil.date() - timedelta(days=1))
    if begin < end:
        return today and begin <= clock < end
    return (today and clock >= begin) or (yesterday and clock < end)


@given(st.lists(permits(), min_size=1, max_size=4), MOMENTS)
def test_what_is_allowed_is_what_a_clock_on_the_wall_says(weekly: list[Permit], moment: datetime) -> None:
    assert table(*weekly).phase(moment).allowed is any(on_the_wall(one, moment) for one in weekly)


@given(st.lists(permits(), min_size=1, max_size=3), MOMENTS, st.sampled_from([SHANGHAI, BERLIN]))
def test_a_phase_holds_from_its_beginning_to_its_end(
    weekly: list[Permit], moment: datetime, zone: ZoneInfo
) -> None:
    timetable = table(*weekly, zone=zone)
    phase = timetable.phase(moment)
    assert phase.covers(moment)
    tick = timedelta(milliseconds=1)
    for inside in (phase.since, None if phase.until is None else phase.until - tick):
        if inside is not None:
            assert timetable.phase(inside).allowed is phase.allowed
    if phase.since is not None and not phase.allowed:
        assert timetable.phase(phase.since - tick).allowed


@given(permits(), st.dates(date(2024, 1, 1), date(2026, 12, 31)))
def test_hours_are_their_nominal_length_but_for_the_hour_that_clocks_change_by(one: Permit, day: date) -> None:
    begin, end = one.on(day, BERLIN)
    nominal = datetime.combine(day, one.to_civil) - datetime.combine(day, one.from_civil)
    nominal += timedelta(days=1) if one.to_civil <= one.from_civil else timedelta()
    assert begin <= end
    assert abs((end - begin) - nominal) <= timedelta(hours=1)


def test_an_hour_that_comes_twice_is_allowed_twice_and_one_left_out_shortens_the_permit() -> None:
    night = permit("01:00", "02:30")
    begin, end = night.on(date(2026, 10, 25), BERLIN)
    assert end - begin == timedelta(hours=2.5)
    begin, end = permit("01:00", "03:30").on(date(2026, 3, 29), BERLIN)
    assert end - begin == timedelta(hours=1.5)
    begin, end = permit("02:10", "02:50").on(date(2026, 3, 29), BERLIN)
    assert begin <= end


@pytest.mark.parametrize(
    ("begin", "end", "lasts"),
    [("01:00", "02:30", ("01:00", "03:00")), ("02:30", "04:00", ("03:00", "04:00")), ("02:10", "02:50", None)],
)
def test_what_clocks_leave_out_is_all_that_is_missing(begin: str, end: str, lasts: tuple[str, str] | None) -> None:
    """In Berlin clocks go from 02:00 to 03:00: at 01:45 a permit to 02:30 holds, and at 03:15 one from 02:30."""
    found = permit(begin, end).on(date(2026, 3, 29), BERLIN)
    if lasts is None:
        assert found[0] == found[1]
    else:
        assert found == tuple(at(f"2026-03-29T{clock}", BERLIN) for clock in lasts)


@pytest.mark.parametrize(("end", "lasts_h"), [("02:00", 4), ("02:15", 5.25), ("03:00", 6)])
def test_hours_end_before_an_hour_that_comes_twice_unless_they_reach_into_it(end: str, lasts_h: float) -> None:
    """In Berlin 02:00 to 03:00 comes twice that night; neither pass shows anything earlier than 02:00."""
    found = permit("22:00", end).on(date(2026, 10, 24), BERLIN)
    assert found[1] - found[0] == timedelta(hours=lasts_h)


def test_over_midnight_the_weekday_is_that_of_the_evening() -> None:
    friday = table(permit("20:00", "02:00", weekdays=(5,)))
    assert friday.phase(at("2026-03-07T01:59")).allowed  # Saturday, before two
    assert not friday.phase(at("2026-03-07T02:00")).allowed
    assert not friday.phase(at("2026-03-06T01:00")).allowed


def test_a_date_sets_the_weekly_hours_aside() -> None:
    fair = table(permit("08:00", "12:00"), permit("18:00", "22:00", dates=("2026-05-01",)))
    assert not fair.phase(at("2026-05-01T09:00")).allowed
    assert fair.phase(at("2026-05-01T19:00")).allowed
    assert fair.phase(at("2026-05-02T09:00")).allowed


def test_a_campaign_takes_permitted_hours_away() -> None:
    campaign = permit("00:00", "00:00", dates=("2026-05-01",), allow=False)
    cleaned = table(permit("08:00", "12:00"), campaign)
    assert not cleaned.phase(at("2026-05-01T09:00")).allowed
    assert cleaned.phase(at("2026-04-30T09:00")).allowed
    part = table(permit("08:00", "12:00"), permit("10:00", "11:00", dates=("2026-05-01",), allow=False))
    allowed = [part.phase(at(f"2026-05-01T{hour:02}:30")).allowed for hour in (8, 9, 10, 11)]
    assert allowed == [True, True, False, True]


def test_what_ended_long_ago_by_date_is_still_known() -> None:
    once = table(permit("08:00", "12:00", dates=("2026-01-10",)))
    assert once.phase(at("2026-06-01T09:00")).since == at("2026-01-10T12:00")


@given(weekly=st.lists(permits(), max_size=4), moment=MOMENTS)
def test_a_permit_is_in_force_exactly_while_something_is_allowed(weekly: list[Permit], moment: datetime) -> None:
    held = Permits(tuple(weekly)).in_force(moment, SHANGHAI)
    assert bool(held) is table(*weekly).phase(moment).allowed
    assert held == [one for one in weekly if one in held]


def test_the_permit_of_a_date_is_in_force_instead_of_the_weekly_one() -> None:
    weekly, fair = (
        permit("08:00", "20:00", trade="fruit"),
        permit("10:00", "22:00", dates=["2026-05-01"], trade="x"),
    )
    both = Permits((weekly, fair))
    assert [one.trade for one in both.in_force(at("2026-05-01 12:00"), SHANGHAI)] == ["x"]
    assert [one.trade for one in both.in_force(at("2026-05-02 12:00"), SHANGHAI)] == ["fruit"]
    assert both.in_force(at("2026-05-01 09:00"), SHANGHAI) == []


def test_rules_apply_in_their_hours_alone() -> None:
    hours = Hours.model_validate({"from": "22:00", "to": "06:00", "weekdays": (1, 2, 3, 4, 5)})
    free = Timetable((OutsideOf((hours,)),), SHANGHAI)
    assert free.phase(at("2026-03-02T12:00")).allowed
    assert not free.phase(at("2026-03-02T23:00")).allowed
    assert not free.phase(at("2026-03-07T05:59")).allowed  # Saturday morning belongs to Friday
    assert free.phase(at("2026-03-07T23:00")).allowed


def test_bags_may_stand_before_the_collection_and_its_grace_and_no_longer() -> None:
    collection = Collection.model_validate({"times": ["06:00"], "set_out_s": 7200, "grace_s": 600})
    point = Timetable((SetOut(collection),), SHANGHAI)
    allowed = [point.phase(at(f"2026-03-02T{clock}")).allowed for clock in ("03:59", "04:00", "06:09", "06:10")]
    assert allowed == [False, True, True, False]


@given(st.integers(0, 6), st.integers(1, 6 * 86400), MOMENTS)
def test_a_collection_days_ahead_is_known(day: int, set_out_s: int, moment: datetime) -> None:
    collection = Collection(times=(time(6),), weekdays=(day + 1,), set_out_s=set_out_s, grace_s=0)
    civil = moment.astimezone(SHANGHAI)
    ahead = [datetime.combine(civil.date() + timedelta(days=step), time(6), tzinfo=SHANGHAI) for step in range(8)]
    coming = min(one for one in ahead if one.isoweekday() == day + 1 and one > civil)
    expected = (coming - civil).total_seconds() <= set_out_s
    assert Timetable((SetOut(collection),), SHANGHAI).phase(moment).allowed is expected


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"from": "08:00+08:00"}, "without an offset"),
        ({"weekdays": (1, 1)}, "named twice"),
        ({"weekdays": (8,)}, "less than or equal to 7"),
        ({"weekdays": (1,), "dates": ("2026-05-01",)}, "exclude each other"),
        ({"dates": ("2026-05-01", "2026-05-01")}, "named twice"),
        ({"allow": False}, "give its dates"),
        ({"to": "24:00"}, "midnight is"),
        ({"from": 18}, "HH:MM"),
        ({"dates": ("0001-01-01",)}, "from 2000 to 2199"),
        ({"dates": ("9999-12-31",)}, "from 2000 to 2199"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_fix(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Permit.model_validate({"category": "street_vendor", "from": "08:00", "to": "10:00", **fields})


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


@given(SPANS, SPANS)
def test_intervals_are_sets_of_moments(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    zero = datetime(2026, 1, 1, tzinfo=UTC)

    def spans(pairs: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
        return [(zero + timedelta(hours=a), zero + timedelta(hours=b)) for a, b in pairs]

    def has(pairs: list[tuple[datetime, datetime]], moment: datetime) -> bool:
        return any(begin <= moment < end for begin, end in pairs)

    joined, cut = union(spans(one)), without(spans(one), spans(two))
    for step in range(30):
        moment = zero + timedelta(hours=step, minutes=30)
        assert has(joined, moment) is has(spans(one), moment)
        assert has(cut, moment) is (has(spans(one), moment) and not has(spans(two), moment))
