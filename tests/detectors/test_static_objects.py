"""Unknown standing things as the small picture shows them: whole, of any colour, and apart from one another."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.reference import LEARNING_LOOKS, Reference, SmallFrame, paint, smooth_grey
from detectors.static_objects import StaticObjects, StaticRegion
from ingest.boxes import iou
from ingest.messages import Box

SHAPE = (180, 320)
NOTHING = np.zeros(SHAPE, bool)
GROUND = (120, 120, 120)
Paint = tuple[tuple[int, int, int, int], tuple[int, int, int]]


def _picture(*things: Paint, gain: float = 1.0) -> SmallFrame:
    colour = np.full((*SHAPE, 3), GROUND, np.uint8)
    colour[:40] = (60, 90, 160)
    for (left, top, right, bottom), shade in things:
        colour[top:bottom, left:right] = shade
    colour = np.asarray(np.clip(colour * gain, 0, 255), np.uint8)
    return SmallFrame(colour, smooth_grey(colour))


def _found(*looks: SmallFrame) -> list[StaticRegion]:
    reference, static = Reference(), StaticObjects()
    for _ in range(LEARNING_LOOKS):
        reference.learn(_picture(), NOTHING)
    found: list[StaticRegion] = []
    for small in looks:
        difference = reference.difference(small, NOTHING)
        found = static.look(small, reference, difference, NOTHING, NOTHING) or []
        remembered = paint([region.box for region in found], SHAPE, extra_px=2)
        reference.adapt(small, difference, remembered)
    return found


def _box(left: int, top: int, right: int, bottom: int) -> Box:
    height, width = SHAPE
    return left / width, top / height, right / width, bottom / height


def test_a_thing_with_a_side_as_bright_as_the_ground_is_told_whole() -> None:
    thing = _picture(((100, 100, 124, 112), (200, 200, 200)), ((100, 112, 124, 130), (138, 138, 138)))
    (region,) = _found(*[thing] * 8)
    assert iou(region.box, _box(100, 100, 124, 130)) > 0.8


def test_two_pieces_above_one_another_with_camouflage_between_them_are_one_thing() -> None:
    thing = _picture(((100, 100, 120, 108), (200, 200, 200)), ((100, 118, 120, 130), (60, 60, 60)))
    (region,) = _found(*[thing] * 8)
    assert iou(region.box, _box(100, 100, 120, 130)) > 0.8


def test_two_things_side_by_side_stay_two() -> None:
    things = _picture(((100, 100, 120, 120), (200, 200, 200)), ((126, 100, 146, 120), (200, 200, 200)))
    assert len(_found(*[things] * 8)) == 2


def test_a_thing_that_differs_by_its_colour_alone_is_found() -> None:
    brown = _picture(((100, 100, 130, 120), (75, 126, 132)))
    assert np.abs(brown.grey.astype(int)[105, 110] - _picture().grey[105, 110]) < 5
    assert len(_found(*[brown] * 8)) == 1


@pytest.mark.parametrize("gain", [0.9, 1.1])
def test_a_light_that_changes_evenly_changes_no_hue(gain: float) -> None:
    assert not _found(*[_picture(gain=gain)] * 8)


def test_a_camera_that_turns_to_infra_red_sees_no_colours_and_no_things() -> None:
    small = _picture()
    grey = SmallFrame(np.repeat(small.grey[..., None], 3, axis=2), small.grey)
    assert not _found(*[grey] * 8)


def test_a_thing_is_not_told_by_the_piece_that_shows_first() -> None:
    half, whole = ((100, 100, 130, 110), (200, 60, 60)), ((100, 100, 130, 130), (200, 60, 60))
    looks = [_picture(half)] * 3 + [_picture(whole)] * 4
    for seen in range(1, len(looks) + 1):
        for region in _found(*looks[:seen]):
            assert iou(region.box, _box(100, 100, 130, 130)) > 0.8
    assert len(_found(*looks, _picture(whole))) == 1
