"""Real pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture(scope="session")
def street_frames(footage: Path) -> list[NDArray[np.uint8]]:
    """Twelve frames of the fixed street camera, 768 x 576, 6 s apart."""
    capture = cv2.VideoCapture(str(footage / "videos" / "vtest.avi"))
    frames = []
    for number in range(720):
        ok, frame = capture.read()
        assert ok
        if number % 60 == 0:
            frames.append(frame)
    capture.release()
    return frames
