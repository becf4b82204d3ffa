"""Metres through the homography."""

from __future__ import annotations

import pytest

from detectors.ground import METRES_PER_DEGREE, GroundPlane, GroundPoint
from detectors.sizes import GroundSizes


def straight_down(width_m: float, height_m: float) -> GroundPlane:
    """A camera that looks straight down on so many metres at the equator."""
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    return GroundPlane.fit(
        [GroundPoint(x, y, -y * height_m / METRES_PER_DEGREE, x * width_m / METRES_PER_DEGREE) for x, y in corners]
    )


def test_a_box_has_the_metres_of_the_ground_it_stands_on() -> None:
    sizes = GroundSizes(straight_down(32.0, 18.0), 16 / 9)
    assert sizes.size_m((0.25, 0.5, 0.5, 0.75)) == pytest.approx((8.0, 4.5), rel=1e-3)


def test_a_box_without_width_has_no_size() -> None:
    assert GroundSizes(straight_down(32.0, 18.0)).size_m((0.5, 0.2, 0.5, 0.4)) is None
