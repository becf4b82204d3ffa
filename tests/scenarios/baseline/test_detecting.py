"""The baseline is given the very looks that a node takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from detectors.types import Detections, DetectorError, FailureReason, Frame
from ingest.taxonomy import ObjectClass
from models.card import ModelCard
from scenarios.baseline.detecting import detected_looks
from scenarios.truth import Truth
from scenarios.video import VideoWriter


class Brightness:
    """A detector that sees one vehicle whose score is the picture's mean grey, and fails on black pictures."""

    @property
    def card(self) -> ModelCard:
        raise NotImplementedError

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        assert min_score is None, "the card's thresholds apply, as they do on a node"
        (frame,) = frames
        if frame.mean() < 20:
            raise DetectorError(FailureReason.ENGINE_FAILED, "too dark for this one")
        box = np.array([[0.1, 0.2, 0.3, 0.4]], np.float32)
        return [Detections(box, np.array([frame.mean() / 255], np.float32), (ObjectClass.VEHICLE,))]

    def close(self) -> None:
        """Nothing to free."""


def truth(video: str | None) -> Truth:
    camera = {"name": "north", "width": 64, "height": 64, "fps": 2, "video": video}
    return Truth.model_validate(
        {
            "scenario": "made",
            "seed": 1,
            "tier": "composed",
            "starts_at": "2026-03-02T02:00:00Z",
            "duration_s": 4,
            "cameras": [camera],
            "problems": [],
        }
    )


def test_looks_are_one_interval_apart_and_a_failing_detector_is_a_blind_look(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "grey.mp4", 64, 64, 2) as writer:
        for grey in (100, 100, 0, 0, 200, 200, 100, 100):
            writer.write(np.full((64, 64, 3), grey, np.uint8))
    looks = detected_looks(truth("grey.mp4"), tmp_path, Brightness())["north"]
    assert [look.at_s for look in looks] == [0.0, 1.0, 2.0, 3.0]
    assert [look.blind for look in looks] == [False, True, False, False]
    assert [round(float(look.scores[0]), 1) for look in looks if not look.blind] == [0.4, 0.8, 0.4]


def test_a_scenario_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no video"):
        detected_looks(truth(None), tmp_path, Brightness())
