"""Traffic of a lane: nobody touches, nobody runs a red light, queues form and leave in order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.language.cast import Signal
from scenarios.world.course import SMOOTH_S, Course
from scenarios.world.lane import LINE_M, Driver, Hold, follow, green_from, is_red

_LENGTH, _LINE = 100.0, 70.0
_SIGNAL = Signal(stop_at_m=_LINE, red_s=60.0, green_s=30.0, first_red_s=20.0)
_ROWS = st.lists(
    st.tuples(st.floats(0.2, 12), st.floats(1.5, 15), st.floats(0.8, 6), st.booleans(), st.floats(0, 40)),
    min_size=2,
    max_size=14,
)
Row = tuple[float, float, float, bool, float]


def _drivers(rows: list[Row], signal: Signal | None) -> list[Driver]:
    t, drivers = 0.0, []
    for gap, speed, half, halts, for_s in rows:
        t += gap
        holds = [Hold(30.0, for_s=for_s)] if halts else []
        if signal is not None:
            holds.append(Hold(_LINE - half - LINE_M, signal=signal))
        drivers.append(Driver(t, speed, half, tuple(holds)))
    return drivers


def _there(course: Course, t: float) -> bool:
    return course.times[0] <= t < course.times[-1]


@given(_ROWS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_vehicles_of_a_lane_never_touch_and_keep_their_order(rows: list[Row], lights: bool) -> None:
    drivers = _drivers(rows, _SIGNAL if lights else None)
    courses = follow(drivers, _LENGTH)
    for step in range(1200):
        t = step * 0.5
        there = [(c.at(t), d.half) for c, d in zip(courses, drivers, strict=True) if _there(c, t)]
        for (ahead, one), (behind, other) in pairwise(there):
            assert ahead - behind > one + other + 1.0


@given(_ROWS)
@settings(max_examples=40, deadline=None)
def test_nobody_crosses_the_stop_line_at_red(rows: list[Row]) -> None:
    drivers = _drivers(rows, _SIGNAL)
    for driver, course in zip(drivers, follow(drivers, _LENGTH), strict=True):
        crosses = course.reaches(_LINE - driver.half - LINE_M + 1e-6)
        assert not is_red(_SIGNAL, crosses) or crosses - green_from(_SIGNAL, crosses) == pytest.approx(0, abs=1e-3)


@given(_ROWS)
@settings(max_examples=40, deadline=None)
def test_a_course_never_runs_back_and_never_jumps(rows: list[Row]) -> None:
    drivers = _drivers(rows, _SIGNAL)
    for driver, course in zip(drivers, follow(drivers, _LENGTH), strict=True):
        places = [course.at(course.times[0] + step * 0.1) for step in range(1500)]
        assert all(-1e-6 <= after - before <= driver.speed * 0.1 + 1e-6 for before, after in pairwise(places))


def test_all_of_a_queue_stands_at_red_and_leaves_on_green() -> None:
    drivers = _drivers([(3.0, 8.0, 2.2, False, 0.0)] * 8, _SIGNAL)
    courses = follow(drivers, _LENGTH)
    end_of_red = 80.0
    queue = [(c, d) for c, d in zip(courses, drivers, strict=True) if _there(c, end_of_red - 30)]
    assert len(queue) >= 4
    assert not any(course.moves(end_of_red - 0.1) for course, _ in queue)
    assert queue[0][0].at(end_of_red - 0.1) + queue[0][1].half == pytest.approx(_LINE - LINE_M)
    starts = [course.halts()[-1][1] for course, _ in queue]
    assert starts[0] == pytest.approx(end_of_red)
    assert starts == sorted(starts)
    assert all(0 < later - earlier < 3 for earlier, later in pairwise(starts))


def test_halts_are_when_a_member_does_not_move() -> None:
    (course,) = follow([Driver(0.0, 8.0, 2.0, (Hold(40.0, for_s=25.0),))], _LENGTH)
    ((begin, end),) = course.halts()
    assert end - begin == pytest.approx(25.0 - SMOOTH_S)
    for step in range(150):
        t = step * 0.3
        assert course.moves(t) is not (begin <= t <= end)


def test_a_bus_at_its_stop_holds_up_who_comes_behind() -> None:
    bus, car = Driver(0.0, 8.0, 5.5, (Hold(50.0, for_s=30.0),)), Driver(5.0, 8.0, 2.2)
    first, second = follow([bus, car], _LENGTH)
    assert second.at(30.0) < first.at(30.0) - 5.5 - 2.2
    assert not second.moves(30.0)
    assert second.times[-1] > first.times[-1]


def test_a_lane_without_room_lets_nobody_in() -> None:
    blocked = Signal(stop_at_m=20.0, red_s=200.0, green_s=10.0)
    drivers = [Driver(float(k), 8.0, 2.2, (Hold(17.3, signal=blocked),)) for k in range(6)]
    entries = [course.times[0] for course in follow(drivers, _LENGTH)]
    assert entries[1] < 10
    assert entries[3] > 200
