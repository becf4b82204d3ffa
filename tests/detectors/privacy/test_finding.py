"""Nobody is too small or stands at the wrong spot to be looked for."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.privacy import Redacted, RedactionPolicy, privacy_detections, redact_with
from detectors.types import Detections
from ingest.taxonomy import ObjectClass

WIDTH, HEIGHT = 160, 120


class Seeing:
    """Calls whatever is pure green a person and pure red a vehicle, in views lower than `below` pixels."""

    def __init__(self, below: int = HEIGHT) -> None:
        self.below = below
        self.views: list[tuple[int, ...]] = []
        self.largest_batch = 0

    @property
    def card(self) -> Any:
        classes = {0: ObjectClass.PERSON, 1: ObjectClass.VEHICLE}
        return SimpleNamespace(name="fake", classes=classes, input=SimpleNamespace(width=512, height=288))

    def detect(self, frames: Sequence[NDArray[np.uint8]], *, min_score: float | None = None) -> list[Detections]:
        self.views += [frame.shape for frame in frames]
        self.largest_batch = max(self.largest_batch, len(frames))
        return [self._look(frame) for frame in frames]

    def close(self) -> None:
        raise AssertionError("the caller's detector is not ours to close")

    def _look(self, frame: NDArray[np.uint8]) -> Detections:
        if frame.shape[0] >= self.below:
            return Detections.empty()
        found = [
            box_of(frame, colour, kind)
            for colour, kind in (((0, 255, 0), ObjectClass.PERSON), ((0, 0, 255), ObjectClass.VEHICLE))
        ]
        return Detections.concatenate([each for each in found if each is not None])


def box_of(frame: NDArray[np.uint8], colour: tuple[int, int, int], kind: ObjectClass) -> Detections | None:
    ys, xs = np.nonzero((frame == colour).all(axis=2))
    if not len(ys):
        return None
    high, wide = frame.shape[:2]
    box = [[xs.min() / wide, ys.min() / high, (xs.max() + 1) / wide, (ys.max() + 1) / high]]
    return Detections(np.array(box, np.float32), np.array([0.25], np.float32), (kind,))


@given(st.integers(0, WIDTH - 6), st.integers(0, HEIGHT - 10))
def test_a_person_whom_only_a_tile_shows_is_covered_wherever_they_stand(x: int, y: int) -> None:
    frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    frame[y : y + 10, x : x + 6] = (0, 255, 0)
    result = redact_with(Seeing(), frame, RedactionPolicy())
    assert isinstance(result, Redacted)
    assert any(r.left <= x and r.top <= y and r.right >= x + 6 and r.bottom >= y + 10 for r in result.regions)


@pytest.mark.parametrize(
    ("width", "height", "tiles"), [(160, 120, 4), (768, 576, 4), (1920, 1080, 9), (3840, 2160, 36)]
)
def test_large_frames_get_more_tiles_so_that_none_is_shrunk_to_less_than_half(
    width: int, height: int, tiles: int
) -> None:
    detector = Seeing()
    privacy_detections(detector, np.zeros((height, width, 3), np.uint8), min_score=0.1)
    assert len(detector.views) == 1 + tiles
    assert detector.largest_batch <= 6
    if width < 3840:
        assert all(view[1] <= 2 * 512 and view[0] <= 2 * 288 for view in detector.views[1:])


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (160, 120), (1921, 1081)])
def test_the_tiles_cover_every_pixel(size: tuple[int, int]) -> None:
    width, height = size
    seen = np.zeros((height, width), bool)
    frame = np.zeros((height, width, 3), np.uint8)
    address = np.arange(width * height, dtype=np.uint32).reshape(height, width)
    for channel in range(3):
        frame[:, :, channel] = address >> (8 * channel) & 255

    class Marking(Seeing):
        def detect(self, frames: Any, *, min_score: float | None = None) -> list[Detections]:
            for tile in frames:
                if tile.shape != frame.shape or width == 1:
                    value = tile.astype(np.uint32)
                    where = value[..., 0] | value[..., 1] << 8 | value[..., 2] << 16
                    seen.reshape(-1)[where.ravel()] = True
            return [Detections.empty() for _ in frames]

    privacy_detections(Marking(), frame, min_score=0.1)
    assert seen.all()


def test_half_a_vehicle_at_a_tiles_edge_is_left_to_the_view_that_shows_it_whole() -> None:
    frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    frame[20:40, 10:150] = (0, 0, 255)
    assert len(privacy_detections(Seeing(), frame, min_score=0.1)) == 0
    assert len(privacy_detections(Seeing(below=HEIGHT + 1), frame, min_score=0.1)) == 1
    frame[:] = 90
    frame[0:20, 0:40] = (0, 0, 255)  # cut by the frame itself: no other view shows more
    assert len(privacy_detections(Seeing(), frame, min_score=0.1)) >= 1
