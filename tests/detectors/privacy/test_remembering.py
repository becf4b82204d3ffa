"""What the node's checkpoint holds of a street does not show the faces and plates that were seen in it."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import cv2
import numpy as np

from detectors.condition.stillness import Stillness
from detectors.observer import Observer
from detectors.privacy import rememberable
from detectors.reference import WIDTH, shrink
from detectors.snapshot import unpack
from detectors.types import Detections
from ingest.messages import Box
from ingest.taxonomy import ObjectClass
from tests.detectors.pixel_street import PixelStreet

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
STREET = PixelStreet()
PERSON: Box = (0.40, 0.10, 0.60, 0.95)


def _with_person() -> np.ndarray:
    """A figure of fine stripes: what is left of them is what a face would be told by."""
    frame = STREET.frame(0).copy()
    height, width = frame.shape[:2]
    x1, y1, x2, y2 = (int(side * size) for side, size in zip(PERSON, (width, height) * 2, strict=True))
    frame[y1:y2, x1:x2] = np.where(np.arange(y1, y2)[:, None, None] * WIDTH // width // 2 % 2, 230, 20)
    return frame


def _seen() -> Detections:
    return Detections(np.array([PERSON], np.float32), np.array([0.6], np.float32), (ObjectClass.PERSON,))


def _stripes(picture: np.ndarray) -> float:
    """Contrast of neighbouring rows in the middle of the figure, grey levels."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    part = grey[int(0.3 * height) : int(0.8 * height), int(0.45 * width) : int(0.55 * width)].astype(np.float64)
    return float((part - cv2.blur(part, (1, 5))).std())


def test_no_picture_of_a_checkpoint_shows_a_person_who_stands_there_from_the_start() -> None:
    observer = Observer("north", [], static_objects=True, look_interval_s=1.0, new_id=lambda _at: uuid4())
    frame = _with_person()
    assert _stripes(shrink(frame).grey) > 20
    for look in range(12):
        noisy = np.clip(frame + np.random.default_rng(look).normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
        observer.look(noisy, START + timedelta(seconds=look), _seen())
        _, arrays = unpack(observer.snapshot())
        assert arrays
        for name, array in arrays.items():
            for picture in array if name == "samples" else [array]:
                if (
                    picture.ndim >= 2
                    and picture.shape[1] == WIDTH
                    and name not in ("uncovered", "clear", "lasting")
                ):
                    assert _stripes(picture) < 8, name


def test_what_may_be_remembered_is_the_look_itself_outside_of_what_is_covered() -> None:
    small = shrink(_with_person())
    kept = rememberable(small, _seen())
    assert 0.1 < kept.covered.mean() < 0.5
    assert np.array_equal(kept.small.colour[~kept.covered], small.colour[~kept.covered])
    assert rememberable(small, Detections.empty()).small.colour.tobytes() == small.colour.tobytes()


def test_the_last_look_is_saved_so_coarse_that_nobody_is_in_it_and_a_frozen_stream_goes_on_frozen() -> None:
    still, grey = Stillness(), shrink(_with_person()).grey
    for second in range(8):
        still.looked(START + timedelta(seconds=second), grey)
    plain, arrays = still.dump()
    assert all(array.shape[1] <= WIDTH // 16 for array in arrays.values())
    assert len(zlib.compress(arrays["coarse"].tobytes())) < 1000
    again = Stillness.load(plain, arrays)
    assert again.dump()[1]["coarse"].tobytes() == arrays["coarse"].tobytes()
    assert again.looked(START + timedelta(seconds=8), grey) == START
