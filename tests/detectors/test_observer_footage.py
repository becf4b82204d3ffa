"""The observer on real street footage with a real detector (Open Model Zoo 2004, from the data folder)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.incidents import Transition
from detectors.observer import Observer
from detectors.runtime.opening import open_detector
from detectors.types import Detections
from ingest.boxes import iou
from ingest.taxonomy import SEEN_CATEGORIES, Category
from ingest.zones import Polygon, Zone
from models.catalogue import resolve
from tests.detectors.places.street import EVERYWHERE, Ids, closed, moment, opened, zone

pytestmark = [pytest.mark.footage, pytest.mark.slow]

OVER_THE_PARKED: Polygon = ((0.8, 0.05), (1.0, 0.05), (1.0, 0.3), (0.8, 0.3))
PARKED_PX = ((651, 43, 723, 100), (733, 50, 767, 93))


@dataclass(frozen=True)
class Look:
    at: float
    frame: NDArray[np.uint8]
    found: Detections


def _looks(footage: Path, name: str) -> list[Look]:
    """One look a second, as a node with full decoding takes them."""
    weights = next((footage / "weights").rglob("person-vehicle-bike-detection-2004.xml"))
    detector = open_detector(resolve("omz-2004", weights=weights))
    looks, due = [], 0.0
    with av.open(str(footage / "videos" / name)) as container:
        for picture in container.decode(video=0):
            at = float(picture.time or 0.0)
            if at + 1e-3 >= due:
                frame = picture.to_ndarray(format="bgr24")
                looks.append(Look(at, frame, detector.detect([frame])[0]))
                due = at + 1.0
    detector.close()
    return looks


@pytest.fixture(scope="module")
def street(footage: Path) -> list[Look]:
    """79 s: two parked vehicles, people walking."""
    return _looks(footage, "vtest.avi")


def _play(
    looks: list[Look], zones: list[Zone], *, static_objects: bool = False, restarts: tuple[int, ...] = ()
) -> list[Transition]:
    ids = Ids()
    observer = Observer("vtest", zones, static_objects=static_objects, look_interval_s=1.0, new_id=ids)
    events: list[Transition] = []
    for number, look in enumerate(looks):
        if number in restarts:
            observer = Observer.restore(
                observer.snapshot(),
                "vtest",
                zones,
                static_objects=static_objects,
                look_interval_s=1.0,
                new_id=ids,
            )
        events += observer.look(look.frame, moment(look.at), look.found)
    return events


def test_exactly_the_two_parked_vehicles_are_raised_and_none_closed(street: list[Look]) -> None:
    events = _play(street, [zone(20, polygon=OVER_THE_PARKED)])
    raised = opened(events)
    assert len(raised) == 2
    for box in PARKED_PX:
        expected = (box[0] / 768, box[1] / 576, box[2] / 768, box[3] / 576)
        assert max(iou(expected, event.standing.box) for event in raised) > 0.6
    assert all(event.standing.present_at_start for event in raised)
    assert not closed(events)


def test_a_restart_half_way_and_elsewhere_changes_nothing(street: list[Look]) -> None:
    zones = [zone(20, polygon=OVER_THE_PARKED)]
    assert _play(street, zones, restarts=(3, len(street) // 2, 60)) == _play(street, zones)


def test_people_raise_nothing_even_with_every_rule_over_the_whole_frame(street: list[Look]) -> None:
    events = _play(street, [zone(20, *SEEN_CATEGORIES, polygon=EVERYWHERE)], static_objects=True)
    assert [event.standing.category for event in opened(events)] == [Category.PARKED_VEHICLE] * 2
    assert not closed(events)


def test_traffic_that_drives_through_raises_nothing(footage: Path) -> None:
    looks = _looks(footage, "car-detection.mp4")
    assert _play(looks, [zone(10, *SEEN_CATEGORIES, polygon=EVERYWHERE)], static_objects=True) == []
