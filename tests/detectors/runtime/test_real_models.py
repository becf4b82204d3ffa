"""The free models of the data folder on a real street: the two parked vehicles must be found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.runtime import open_detector
from detectors.types import iou
from ingest.taxonomy import ObjectClass
from models.catalogue import resolve

pytestmark = pytest.mark.footage

PARKED = np.array([[651, 43, 723, 100], [733, 50, 767, 93]], np.float32)
OMZ = "omz/person-vehicle-bike-detection-"


@pytest.mark.parametrize(
    ("name", "weights", "backend"),
    [
        ("omz-2000", OMZ + "2000", None),
        ("omz-2001", OMZ + "2001", None),
        ("omz-2003", OMZ + "2003", None),
        ("omz-2004", OMZ + "2004", None),
        ("crossroad-0078", OMZ + "crossroad-0078", None),
        ("yolox-nano-coco", "yolox_nano.onnx", "onnxruntime"),
        ("yolox-nano-coco", "yolox_nano.onnx", "openvino"),
    ],
)
def test_two_parked_vehicles_and_people_are_found_on_the_street(
    name: str, weights: str, backend: str | None, footage: Path, street_frames: list[NDArray[np.uint8]]
) -> None:
    frame = street_frames[2]
    model = resolve(name, weights=footage / "weights" / weights)
    detector = open_detector(model, backend=backend)
    (seen,) = detector.detect([frame])
    detector.close()
    vehicles = seen.of({ObjectClass.VEHICLE}).pixels(frame.shape[1], frame.shape[0])
    overlaps = iou(PARKED, vehicles)
    assert len(vehicles) == 2
    assert (overlaps.max(axis=1) > 0.7).all()
    assert len(seen.of({ObjectClass.PERSON})) >= 3
