"""The pure parts of the queue: selection, keys, times, the overlay, the operator's name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle import DismissalReason
from central.console.civil import CivilTime, ago, span
from central.console.keys import Command, command_for
from central.console.operator import COOKIE, name_from, remember_script, valid_name
from central.console.overlay import draw
from central.console.selection import kept, moved

IDS = st.lists(st.integers(0, 12), unique=True)
NOW = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)


@given(IDS, IDS, st.none() | st.integers(0, 12))
def test_a_selection_is_lost_only_with_its_case(before: list[int], after: list[int], chosen: int | None) -> None:
    now = kept(before, after, chosen)
    assert (now in after) if after else (now is None)
    if chosen in after:
        assert now == chosen


@given(IDS, st.data())
def test_after_a_decision_the_next_case_below_takes_over(ids: list[int], data: st.DataObject) -> None:
    if len(ids) < 2:
        return
    place = data.draw(st.integers(0, len(ids) - 1))
    rest = ids[:place] + ids[place + 1 :]
    assert kept(ids, rest, ids[place]) == (rest[place] if place < len(rest) else rest[-1])


@given(IDS, st.none() | st.integers(0, 12), st.integers(-3, 3))
def test_moving_never_leaves_the_queue(ids: list[int], chosen: int | None, step: int) -> None:
    assert (moved(ids, chosen, step) in ids) if ids else (moved(ids, chosen, step) is None)


@pytest.mark.parametrize("key", ["f", "F", "Enter"])
def test_confirming_is_off_while_a_reason_is_asked_for(key: str) -> None:
    assert command_for(key, choosing=False) is Command.CONFIRM
    assert command_for(key, choosing=True) is None


@given(st.sampled_from(["f", "d", "Enter", "1", "2", "3", "4", "u", "?"]), st.booleans())
def test_a_held_key_never_decides(key: str, choosing: bool) -> None:
    assert command_for(key, choosing=choosing, repeat=True) is None


@given(st.sampled_from(["f", "d", "j", "1", "Enter"]), st.booleans())
def test_the_browsers_own_shortcuts_stay_its_own(key: str, choosing: bool) -> None:
    assert command_for(key, choosing=choosing, modified=True) is None


def test_digits_mean_a_reason_only_while_one_is_asked_for() -> None:
    assert command_for("4", choosing=True) is DismissalReason.FALSE_DETECTION
    assert command_for("4", choosing=False) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3900, "1 h 05 min"), (100_000, "1 d 3 h")],
)
def test_spans_read_like_people_say_them(seconds: float, said: str) -> None:
    assert span(seconds) == span(timedelta(seconds=seconds)) == said


def test_a_time_is_shown_in_the_duty_rooms_zone_with_as_much_date_as_it_needs() -> None:
    shanghai = CivilTime()
    assert shanghai.moment(NOW, NOW) == "16:00:00"
    assert shanghai.moment(NOW - timedelta(hours=17), NOW) == "30 Jan 23:00"
    assert shanghai.moment(NOW - timedelta(days=60), NOW) == "2025-12-02 16:00"
    assert shanghai.full(NOW) == "2026-01-31 16:00:00 CST"
    assert CivilTime("Europe/Berlin").moment(NOW, NOW) == "09:00:00"
    beyond = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert shanghai.moment(beyond, NOW) == "9999-12-31 23:00"
    assert shanghai.full(beyond) == "9999-12-31 23:00:00 UTC"


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="time zone 'Mars/Olympus'"):
        CivilTime("Mars/Olympus")


def test_a_page_at_rest_does_not_change_every_second() -> None:
    assert ago(NOW, NOW + timedelta(seconds=1)) == ago(NOW, NOW + timedelta(seconds=59)) == "just now"
    assert ago(NOW, NOW + timedelta(minutes=5)) == "5 min ago"


FRACTION = st.floats(0, 1)


@given(
    st.integers(1, 8000),
    st.integers(1, 8000),
    st.lists(st.tuples(FRACTION, FRACTION), max_size=8),
    st.none() | st.tuples(FRACTION, FRACTION, FRACTION, FRACTION),
)
def test_an_overlay_holds_nothing_but_shapes_inside_the_picture(
    width: int, height: int, polygon: list[tuple[float, float]], box: tuple[float, float, float, float] | None
) -> None:
    svg = draw(width, height, polygon, box)
    assert set(re.findall(r"</?([a-z]+)", svg)) <= {"polygon", "rect"}
    for corners in re.findall(r'points="([^"]*)"', svg):
        for corner in corners.split():
            x, y = map(float, corner.split(","))
            assert -0.1 <= x <= width + 0.1
            assert -0.1 <= y <= height + 0.1


@given(st.text(max_size=80))
def test_a_name_comes_back_from_its_cookie_as_it_was_typed(text: str) -> None:
    name = valid_name(text)
    if name is None:
        return
    script = remember_script(name)
    found = re.fullmatch(
        rf'document\.cookie = "{COOKIE}=([^;"\\<]*); path=/; max-age=\d+; SameSite=Strict"', script
    )
    assert found
    assert name_from({COOKIE: found[1]}) == name


@pytest.mark.parametrize("text", ["", "   ", "x" * 61, "a\x00b"])
def test_no_name_is_no_operator(text: str) -> None:
    assert valid_name(text) is None
