"""Ground calibration: exact on its own points, honest about the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detectors.ground import METRES_PER_DEGREE, GroundError, GroundPlane, GroundPoint

SQUARE = ((0.1, 0.9), (0.9, 0.9), (0.55, 0.4), (0.45, 0.4))
"""A street seen from a camera: far points are closer together."""

PLACES = ((31.2000, 121.4000), (31.2000, 121.4002), (31.2004, 121.4002), (31.2004, 121.4000))


def points(extra: tuple[GroundPoint, ...] = ()) -> list[GroundPoint]:
    return [GroundPoint(*p, *q) for p, q in zip(SQUARE, PLACES, strict=True)] + list(extra)


def test_four_points_are_met_exactly() -> None:
    plane = GroundPlane.fit(points())
    assert plane.rms_m < 1e-6
    for (x, y), (latitude, longitude) in zip(SQUARE, PLACES, strict=True):
        found = plane.position(x, y)
        assert found is not None
        assert found.latitude == pytest.approx(latitude, abs=1e-9)
        assert found.longitude == pytest.approx(longitude, abs=1e-9)


def test_a_wrong_fifth_point_shows_in_the_reprojection_error() -> None:
    middle = GroundPlane.fit(points()).position(0.5, 0.6)
    assert middle is not None
    right = GroundPoint(0.5, 0.6, middle.latitude, middle.longitude)
    wrong = GroundPoint(0.5, 0.6, middle.latitude + 10 / METRES_PER_DEGREE, middle.longitude)
    assert GroundPlane.fit(points((right,))).rms_m < 1e-6
    assert 1 < GroundPlane.fit(points((wrong,))).rms_m < 10


def test_far_away_is_less_certain_and_above_the_horizon_is_nowhere() -> None:
    plane = GroundPlane.fit(points())
    near, far = plane.position(0.5, 0.9), plane.position(0.5, 0.4)
    assert near is not None
    assert far is not None
    assert near.uncertainty_m < far.uncertainty_m
    assert plane.position(0.5, 0.2) is None


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (points()[:3], "four"),
        ([GroundPoint(0.1 * i, 0.1 * i, 31.2 + 0.001 * i, 121.4 + 0.002 * i * i) for i in range(4)], "one line"),
        ([GroundPoint(*p, 31.2, 121.4) for p in SQUARE], "one line"),
        ([GroundPoint(*SQUARE[i], *PLACES[j]) for i, j in enumerate((1, 0, 2, 3))], "swapped"),
        ([points()[0], points()[0], *points()[2:]], "one line"),
    ],
)
def test_points_that_fix_no_plane_are_refused(bad: list[GroundPoint], what: str) -> None:
    with pytest.raises(GroundError, match=what):
        GroundPlane.fit(bad)


matrix_entry = st.floats(-0.4, 0.4)


@given(
    st.lists(matrix_entry, min_size=8, max_size=8),
    st.floats(-80, 80),
    st.floats(-170, 170),
)
def test_any_true_homography_is_found_again(entries: list[float], latitude: float, longitude: float) -> None:
    true = np.eye(3) + np.array([*entries, 0.0]).reshape(3, 3)
    grid = [(x, y) for x in (0.05, 0.5, 0.95) for y in (0.05, 0.5, 0.95)]
    mapped = np.array([true @ (x, y, 1.0) for x, y in grid])
    assume((mapped[:, 2] > 0.3).all())
    assume(abs(np.linalg.det(true)) > 0.05)
    ground = mapped[:, :2] / mapped[:, 2:] * 50 / METRES_PER_DEGREE
    known = [
        GroundPoint(x, y, latitude + float(n), longitude + float(e))
        for (x, y), (e, n) in zip(grid, ground, strict=True)
    ]
    plane = GroundPlane.fit(known)
    assert plane.rms_m < 0.01
    found = plane.position(0.3, 0.7)
    expected = true @ (0.3, 0.7, 1.0)
    assert found is not None
    assert (found.latitude - latitude) * METRES_PER_DEGREE == pytest.approx(
        expected[1] / expected[2] * 50, abs=0.05
    )
