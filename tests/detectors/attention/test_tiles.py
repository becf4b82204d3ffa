"""Tiles stand where a zone's far end needs them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.attention.tiles import tiles_for
from detectors.ground import METRES_PER_DEGREE, GroundPlane, GroundPoint
from ingest.boxes import area, intersection
from ingest.messages import Box
from ingest.taxonomy import Category
from ingest.zones import Polygon, Zone
from tests.detectors.places.street import zone

FRAME, INPUT = (1920, 1080), (512, 288)


def plane(near_m: float, far_m: float) -> GroundPlane:
    """A street straight ahead: the picture's foot spans ``near_m`` metres, its middle ``far_m``."""
    wide_near, wide_far = near_m / METRES_PER_DEGREE / 2, far_m / METRES_PER_DEGREE / 2
    depth = 4 * far_m / METRES_PER_DEGREE
    return GroundPlane.fit(
        [
            GroundPoint(0.0, 1.0, 0.0, -wide_near),
            GroundPoint(1.0, 1.0, 0.0, wide_near),
            GroundPoint(1.0, 0.5, depth, wide_far),
            GroundPoint(0.0, 0.5, depth, -wide_far),
        ]
    )


def rectangle(x1: float, y1: float, x2: float, y2: float) -> Polygon:
    return (x1, y1), (x2, y1), (x2, y2), (x1, y2)


def auto(
    where: Zone, ground: GroundPlane | None = None, *, frame: tuple[int, int] = FRAME, most: int = 4
) -> tuple[Box, ...]:
    return tiles_for("auto", [where], frame, INPUT, ground, most)


FAR = zone(20, Category.GARBAGE, polygon=rectangle(0.3, 0.5, 0.7, 0.6))
NEAR = zone(20, Category.PARKED_VEHICLE, polygon=rectangle(0.1, 0.7, 0.9, 1.0))


def test_a_far_zone_gets_tiles_that_cover_it_and_a_near_one_none() -> None:
    ground = plane(8, 60)
    tiles = auto(FAR, ground)
    assert tiles
    assert _covered((0.3, 0.5, 0.7, 0.55), tiles)
    assert auto(NEAR, ground) == ()


def test_smaller_problems_need_tiles_where_larger_ones_do_not() -> None:
    ground = plane(8, 30)
    polygon = rectangle(0.3, 0.55, 0.7, 0.6)
    assert auto(zone(20, Category.GARBAGE, polygon=polygon), ground)
    assert auto(zone(20, Category.PARKED_VEHICLE, polygon=polygon), ground) == ()


def test_without_a_homography_a_low_zone_is_taken_for_a_far_one() -> None:
    assert auto(FAR)
    assert auto(NEAR) == ()


def test_a_zone_without_rules_and_a_small_picture_need_none() -> None:
    assert auto(FAR.model_copy(update={"rules": ()})) == ()
    assert auto(FAR, frame=(600, 338)) == ()


def test_off_is_off_and_chosen_boxes_are_taken_as_they_are() -> None:
    box: Box = (0.1, 0.2, 0.5, 0.6)
    assert tiles_for("off", [FAR], FRAME, INPUT, None, 4) == ()
    assert tiles_for((box,), [], FRAME, INPUT, None, 4) == (box,)


@given(
    left=st.floats(0.0, 0.5),
    top=st.floats(0.3, 0.8),
    wide=st.floats(0.05, 0.5),
    high=st.floats(0.02, 0.2),
    frame=st.sampled_from([(1280, 720), (1920, 1080), (2560, 1440)]),
)
def test_tiles_lie_in_the_frame_overlap_and_cover_the_zone(
    left: float, top: float, wide: float, high: float, frame: tuple[int, int]
) -> None:
    where = zone(20, polygon=rectangle(left, top, left + wide, min(1.0, top + high)))
    tiles = auto(where, frame=frame, most=99)
    assert tiles
    assert all(0 <= x1 < x2 <= 1 + 1e-9 and 0 <= y1 < y2 <= 1 + 1e-9 for x1, y1, x2, y2 in tiles)
    assert _covered((left, top, left + wide, min(1.0, top + high)), tiles)


def test_their_number_is_bounded() -> None:
    wide = zone(20, polygon=rectangle(0.0, 0.5, 1.0, 0.6))
    assert len(auto(wide, frame=(3840, 2160), most=3)) == 3


def _covered(box: Box, tiles: tuple[Box, ...]) -> bool:
    steps = 12
    cells = [
        (
            box[0] + (box[2] - box[0]) * i / steps,
            box[1] + (box[3] - box[1]) * j / steps,
            box[0] + (box[2] - box[0]) * (i + 1) / steps,
            box[1] + (box[3] - box[1]) * (j + 1) / steps,
        )
        for i in range(steps)
        for j in range(steps)
    ]
    return all(
        any(intersection(cell, tile) >= 0.999 * area(cell) - 1e-12 for tile in tiles) or _split(cell, tiles)
        for cell in cells
    )


def _split(cell: Box, tiles: tuple[Box, ...]) -> bool:
    """A cell on the edge of one tile lies in the overlap of two."""
    return sum(intersection(cell, tile) for tile in tiles) >= 0.999 * area(cell)


@pytest.mark.parametrize("choice", ["auto", "off"])
def test_no_zones_no_tiles(choice: str) -> None:
    assert tiles_for(choice, [], FRAME, INPUT, None, 4) == ()  # type: ignore[arg-type]  # the two words
