"""What a mosaic leaves: nothing finer than its blocks, and too little to try numbers until one fits."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.privacy.mosaic import Region, on_the_grid, pixelate
from detectors.privacy.policy import RedactionPolicy
from detectors.privacy.regions import regions_to_cover
from detectors.types import Detections
from ingest.taxonomy import ObjectClass

WIDTH, HEIGHT = 150, 110
STEP = 16

sides = st.tuples(st.floats(-20, 170), st.floats(-20, 130), st.floats(1, 120), st.floats(1, 120))
boxes = sides.map(lambda s: (s[0], s[1], s[0] + s[2], s[1] + s[3]))


def noise(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


@given(boxes, st.floats(0.5, 60))
def test_a_region_is_never_smaller_than_its_box_nor_its_blocks_finer_than_asked(
    box: tuple[float, float, float, float], at_least: float
) -> None:
    region = on_the_grid(box, at_least, WIDTH, HEIGHT)
    inside = box[0] < WIDTH and box[1] < HEIGHT and box[2] > 0 and box[3] > 0
    assert (region is not None) == inside
    if region is None:
        return
    assert region.block >= at_least
    assert region.left <= max(0, box[0])
    assert region.top <= max(0, box[1])
    assert region.right >= min(WIDTH, box[2])
    assert region.bottom >= min(HEIGHT, box[3])


@settings(max_examples=80)
@given(st.lists(st.tuples(boxes, st.sampled_from([3, 8, 11, 20, 40])), min_size=1, max_size=6), st.integers(0, 99))
def test_every_covered_pixel_shows_one_colour_per_block_of_the_coarsest_region_over_it(
    asked: list[tuple[tuple[float, float, float, float], int]], seed: int
) -> None:
    regions = [r for box, block in asked if (r := on_the_grid(box, block, WIDTH, HEIGHT)) is not None]
    image = noise(seed)
    pixelate(image, regions, STEP)
    coarsest = np.zeros((HEIGHT, WIDTH), int)
    for region in regions:
        part = coarsest[region.top : region.bottom, region.left : region.right]
        np.maximum(part, region.block, out=part)
    for block in np.unique(coarsest[coarsest > 0]).tolist():
        for top in range(0, HEIGHT, block):
            for left in range(0, WIDTH, block):
                mine = coarsest[top : top + block, left : left + block] == block
                colours = image[top : top + block, left : left + block][mine]
                assert len(np.unique(colours, axis=0)) <= 1
                assert mine.all() or not mine.any()


@settings(max_examples=40)
@given(st.integers(0, 999))
def test_detail_finer_than_a_block_is_gone_whatever_is_shifted_within_it(seed: int) -> None:
    region = Region(32, 32, 96, 96, 16)
    image, shuffled = noise(seed), noise(seed)
    rng = np.random.default_rng(seed)
    for top in range(32, 96, 16):
        for left in range(32, 96, 16):
            block = shuffled[top : top + 16, left : left + 16]
            block[:] = rng.permutation(block.reshape(-1, 3)).reshape(block.shape)
    pixelate(image, [region], STEP)
    pixelate(shuffled, [region], STEP)
    np.testing.assert_array_equal(image[32:96, 32:96], shuffled[32:96, 32:96])


def plate(number: int, left: int) -> NDArray[np.uint8]:
    """A rear view of a car, 300 px high, with its number in characters some 26 px high."""
    scene = np.full((400, 480, 3), 120, np.uint8)
    cv2.rectangle(scene, (left, 270), (left + 150, 306), (235, 235, 235), -1)
    cv2.putText(scene, f"B {number:04d}", (left + 8, 300), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (20, 20, 20), 3)
    return scene


def test_trying_all_numbers_on_a_known_font_place_and_light_does_not_tell_which_it_was() -> None:
    """The strongest attacker: knows everything but the number, and repeats the covering for each guess."""
    box = np.array([[40 / 480, 40 / 400, 440 / 480, 340 / 400]], np.float32)
    car = Detections(box, np.array([0.9], np.float32), (ObjectClass.VEHICLE,))
    regions = regions_to_cover(car, 480, 400, RedactionPolicy())
    seen: dict[bytes, int] = {}
    for number in range(0, 10_000, 10):
        image = plate(number, 170)
        pixelate(image, regions, RedactionPolicy().colour_step)
        seen[image.tobytes()] = seen.get(image.tobytes(), 0) + 1
    expected_alike = sum(count * count for count in seen.values()) / 1000
    assert expected_alike >= 100, f"{len(seen)} different mosaics of 1000 numbers"
