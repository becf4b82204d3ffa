"""Real streets at three look rates, every rule everywhere: what stands, and nothing else.

The default weights gated at all three rates and ungated at one; the second weights, gated, at one. What those say
ungated is in ``tests/detectors/test_observer_footage.py``.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from detectors.attention.looking import AttentiveLook
from detectors.attention.settings import AttentionSettings
from detectors.incidents import Transition
from detectors.observer import Observer
from detectors.runtime import open_detector
from detectors.types import Detections, Detector, Frame
from ingest.boxes import iou
from ingest.taxonomy import SEEN_CATEGORIES, Category
from models.card import ModelCard
from models.catalogue import resolve
from tests.detectors.places.street import EVERYWHERE, Ids, closed, moment, opened, zone

pytestmark = [pytest.mark.footage, pytest.mark.slow]

FINEST_S = 0.2
PARKED_PX = ((651, 43, 723, 100), (733, 50, 767, 93))


class Remembering:
    """A detector that infers each picture once, however often it is shown."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._known: dict[int, Detections] = {}

    @property
    def card(self) -> ModelCard:
        return self._detector.card

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        for frame in frames:
            key = zlib.crc32(frame.tobytes())
            if key not in self._known:
                (self._known[key],) = self._detector.detect([frame], min_score=min_score)
        return [self._known[zlib.crc32(frame.tobytes())] for frame in frames]

    def close(self) -> None:
        self._detector.close()


@pytest.fixture(scope="module")
def nano() -> Iterator[Detector]:
    opened_detector = Remembering(open_detector(resolve("kerbwatch-nano")))
    yield opened_detector
    opened_detector.close()


def frames(video: Path, step_s: float) -> Iterator[tuple[float, Frame]]:
    due = 0.0
    with av.open(str(video)) as container:
        for picture in container.decode(video=0):
            at = float(picture.time or 0.0)
            if at + 1e-3 >= due:
                yield at, np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)
                due = at + step_s


def play(video: Path, detector: Detector, step_s: float, dwell_s: float, *, gating: bool) -> list[Transition]:
    zones = [zone(dwell_s, *SEEN_CATEGORIES, polygon=EVERYWHERE)]
    observer = Observer("real", zones, static_objects=True, look_interval_s=step_s, new_id=Ids())
    attentive = AttentiveLook(detector, AttentionSettings(gating=gating), zones)
    events: list[Transition] = []
    for at, frame in frames(video, step_s):
        answer = attentive.look(frame, moment(at), observer.interest)
        events += observer.look(frame, moment(at), answer.found, looked=answer.looked_at, closely=answer.closely)
    return events


def exactly_the_parked(events: list[Transition]) -> None:
    raised = opened(events)
    assert [event.standing.category for event in raised] == [Category.PARKED_VEHICLE] * 2
    for left, top, right, bottom in PARKED_PX:
        box = (left / 768, top / 576, right / 768, bottom / 576)
        assert max(iou(box, event.standing.box) for event in raised) > 0.6
    assert not closed(events)


@pytest.mark.parametrize(("step_s", "gating"), [(FINEST_S, True), (1.0, True), (4.0, True), (4.0, False)])
def test_exactly_the_two_parked_vehicles_are_raised_at_every_look_rate(
    footage: Path, nano: Detector, step_s: float, gating: bool
) -> None:
    exactly_the_parked(play(footage / "videos" / "vtest.avi", nano, step_s, 20.0, gating=gating))


def test_the_second_weights_see_the_same_two(footage: Path) -> None:
    weights = next((footage / "weights").rglob("person-vehicle-bike-detection-2004.xml"))
    detector = open_detector(resolve("omz-2004", weights=weights))
    try:
        exactly_the_parked(play(footage / "videos" / "vtest.avi", detector, 1.0, 20.0, gating=True))
    finally:
        detector.close()


@pytest.mark.parametrize("step_s", [FINEST_S, 1.0, 4.0])
def test_traffic_that_drives_through_raises_nothing_at_any_look_rate(
    footage: Path, nano: Detector, step_s: float
) -> None:
    events = play(footage / "videos" / "car-detection.mp4", nano, step_s, 10.0, gating=True)
    assert opened(events) == []
