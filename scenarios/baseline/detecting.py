"""The looks that a node takes of a scenario's videos, and what the same detector sees in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detectors.types import Detector, DetectorError
from ingest.cameras import End, NoPicture, SourceOptions, open_source, parse_address
from ingest.cameras.source import Frame
from ingest.clock import SystemClock
from scenarios.baseline.looks import DetectedLook
from scenarios.running.node_file import video_of
from scenarios.truth import Truth, TruthCamera


def detected_looks(truth: Truth, folder: Path, detector: Detector) -> dict[str, list[DetectedLook]]:
    """Look at all videos as a node would: same moments, same thresholds. Camera -> looks in the order of time.

    Args:
        truth: The scenario.
        folder: Where its videos lie.
        detector: Stays open.

    Raises:
        SourceError: A video cannot be opened.
        ValueError: A camera has none.
    """
    return {camera.name: list(_looks(truth, camera, folder, detector)) for camera in truth.cameras}


def _looks(truth: Truth, camera: TruthCamera, folder: Path, detector: Detector) -> Iterator[DetectedLook]:
    address = parse_address(str(video_of(truth, camera, folder)))
    options = SourceOptions(look_interval_s=truth.look_interval_s, start_at=truth.starts_at)
    source = open_source(address, options, clock=SystemClock())
    try:
        while not isinstance(answer := source.read(0.0), End):
            yield _look(truth, answer, detector)
    finally:
        source.close()


def _look(truth: Truth, answer: Frame | NoPicture, detector: Detector) -> DetectedLook:
    at_s = (answer.at - truth.starts_at).total_seconds()
    if isinstance(answer, NoPicture):
        return DetectedLook.nothing(at_s, blind=True)
    try:
        (seen,) = detector.detect([answer.image])
    except DetectorError:
        # To the node, too, this is a look that nobody could take; the report counts it.
        return DetectedLook.nothing(at_s, blind=True)
    return DetectedLook(at_s, seen.boxes, seen.scores, seen.classes)
