"""When a picture was taken: by time stamps, whatever holds it up, and never by a clock that cannot be right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras.presentation import PresentationClock, Stamp

WALL = 1_800_000_000.0
FRAME_S = 0.04


def taken(arrivals: list[float], pts: list[float], *, sender_less_pts: float | None = None) -> list[float]:
    """Monotonic times at which pictures were taken, for one arrival each."""
    clock = PresentationClock()
    found = []
    for arrived_s, pts_s in zip(arrivals, pts, strict=True):
        sender_s = None if sender_less_pts is None else pts_s + sender_less_pts
        found.append(arrived_s - clock.age_s(Stamp(pts_s, sender_s), steady_s=arrived_s, wall_s=WALL + arrived_s))
    return found


@given(delays=st.lists(st.floats(0.0, 5.0), min_size=2, max_size=200), start=st.floats(0, 1e6))
def test_pictures_keep_their_order_and_none_comes_from_the_future(delays: list[float], start: float) -> None:
    pts = [start + index * FRAME_S for index in range(len(delays))]
    arrivals: list[float] = []
    for index, delay in enumerate(delays):
        arrivals.append(max(index * FRAME_S + delay, arrivals[-1] if arrivals else 0.0))
    found = taken(arrivals, pts)
    assert all(a <= b + 1e-9 for a, b in pairwise(found))
    assert all(at <= arrived + 1e-9 for at, arrived in zip(found, arrivals, strict=True))


@given(st.lists(st.floats(0.0, 5.0), min_size=1, max_size=100))
def test_once_a_picture_came_undelayed_all_later_ones_have_their_true_time(delays: list[float]) -> None:
    delays = [0.0, *delays]
    pts = [100 + index * FRAME_S for index in range(len(delays))]
    arrivals: list[float] = []
    for index, delay in enumerate(delays):
        arrivals.append(max(index * FRAME_S + delay, arrivals[-1] if arrivals else 0.0))
    for index, at in enumerate(taken(arrivals, pts)):
        assert at == pytest.approx(index * FRAME_S, abs=1e-6)


def test_a_crystal_that_drifts_does_not_make_pictures_older_day_by_day() -> None:
    clock = PresentationClock()
    for second in range(0, 86_400, 5):
        age = clock.age_s(Stamp(second * 0.9999), steady_s=float(second), wall_s=WALL + second)
        assert age < 0.02


def test_sender_reports_tell_the_latency_that_arrival_cannot() -> None:
    arrivals = [0.3 + index * FRAME_S for index in range(50)]
    pts = [7 + index * FRAME_S for index in range(50)]
    found = taken(arrivals, pts, sender_less_pts=WALL - 7)
    assert [at + 1 for at in found] == pytest.approx([1 + index * FRAME_S for index in range(50)])


@pytest.mark.parametrize("sender_less_pts", [0.0, WALL - 3600, WALL + 3600])
def test_a_camera_that_lives_in_another_time_is_not_believed_but_told(sender_less_pts: float) -> None:
    clock = PresentationClock()
    age = clock.age_s(Stamp(0.0, sender_less_pts), steady_s=5.0, wall_s=WALL)
    assert age == 0
    assert not clock.sender_clock
    assert clock.sender_offset_s == pytest.approx(WALL - sender_less_pts)


def test_a_stepped_wall_clock_of_the_node_moves_no_picture() -> None:
    clock = PresentationClock()
    for index in range(200):
        wall_s = WALL + index * FRAME_S + (3600 if index > 100 else 0)
        stamp = Stamp(index * FRAME_S, WALL + index * FRAME_S)
        assert clock.age_s(stamp, steady_s=index * FRAME_S, wall_s=wall_s) == pytest.approx(0, abs=1e-6)


def test_time_stamps_that_begin_anew_are_anchored_anew() -> None:
    clock = PresentationClock()
    clock.age_s(Stamp(50_000.0), steady_s=0.0, wall_s=WALL)
    assert clock.age_s(Stamp(0.0), steady_s=1.0, wall_s=WALL + 1) == 0
    assert clock.reanchored == 1
    assert clock.age_s(Stamp(1.0), steady_s=2.5, wall_s=WALL + 2.5) == pytest.approx(0.5)


def test_a_new_connection_never_shows_what_is_older_than_the_last_one_showed() -> None:
    clock = PresentationClock(after_s=100.0)
    assert clock.age_s(Stamp(sender_s=WALL - 5), steady_s=101.0, wall_s=WALL) == 1.0
