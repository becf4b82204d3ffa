"""How things move: no collisions within a lane, halts where they were planned."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scenarios.motion import LaneCar, Path, drive, lane, standing, walk
from scenarios.scene.raster import Pose

_PATH = Path(np.array([(1.6, -9.0), (1.6, 84.0)]))
_CARS = st.lists(
    st.tuples(st.floats(2.5, 9.0), st.floats(3.8, 11.0), st.floats(5.0, 10.0), st.booleans(), st.floats(3.0, 6.0)),
    min_size=2,
    max_size=7,
)

# The last but one, long and fast, waits for more room than the one behind it needs, which must not slip in before it.
_IMPATIENT = [
    (3.0, 4.0, 5.0, False, 3.0),
    (3.0, 4.0, 5.0, True, 3.0),
    (2.5, 8.0, 5.0, False, 3.0),
    (2.5, 10.0, 5.0, False, 3.0),
    (3.0, 4.0, 5.0, False, 3.0),
    (2.5, 5.0, 10.0, False, 3.0),
    (3.0, 4.0, 5.0, False, 3.0),
]


@given(_CARS)
@example(_IMPATIENT)
@settings(max_examples=25, deadline=None)
def test_cars_of_a_lane_never_touch(rows: list[tuple[float, float, float, bool, float]]) -> None:
    enter = 0.0
    cars = []
    for headway, long, speed, waits, wait_s in rows:
        cars.append(LaneCar(enter, long, speed, 45.0 if waits else None, wait_s if waits else 0.0))
        enter += headway
    tracks = lane(_PATH, cars, [], 500)
    for frame in range(500):
        here = [(t.row(frame), c.long) for t, c in zip(tracks, cars, strict=True)]
        spans = sorted((float(r[3]) - long / 2, float(r[3]) + long / 2) for r, long in here if r is not None)
        assert all(second[0] > first[1] for first, second in itertools.pairwise(spans))


def test_a_car_with_a_wait_stands_for_that_long_and_goes_on() -> None:
    (track,) = lane(_PATH, [LaneCar(0.0, 4.5, 8.0, 40.0, 5.0)], [], 400)
    still = [f for f in range(1, 400) if track.row(f) is not None and not track.moves(f)]
    assert 4.5 <= len(still) / 10 <= 5.5
    assert float(track.rows[-1, 3]) > 90.0


def test_a_parked_car_stays_where_it_stopped() -> None:
    track, stopped = drive(_PATH, 2.0, 8.0, 30.0, None)
    frame = round(stopped * 10) + 1
    assert track.pose(frame) == track.pose(frame + 5000)
    assert track.row(frame) is not None
    assert float(track.rows[-1, 3]) == pytest.approx(30.0)


def test_a_walker_pauses_at_the_point_named_and_is_gone_at_the_end() -> None:
    track = walk([(0, 0), (0, 5), (0, 10)], 1.0, 1.25, {1: 3.0})
    still = sum(1 for f in range(11, 10 + len(track.rows)) if not track.moves(f))
    assert 29 <= still <= 31
    assert track.pose(10 + len(track.rows)) is None


def test_a_standing_thing_with_an_end_disappears() -> None:
    track = standing(Pose(1.0, 2.0), 5, 9)
    assert track.pose(4) is None
    assert track.pose(8) == Pose(1.0, 2.0, 0.0)
    assert track.pose(9) is None
