"""Faults of a drawn camera: told in time with their reason, one incident throughout, nothing told of weather."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors.incidents import BlindReason, SeesAgain, Transition, WentBlind
from detectors.observer import Observer
from detectors.types import Detections
from ingest.boxes import iou
from ingest.taxonomy import Category
from tests.detectors.condition.drawn import Condition, car_of, drawn, observer, watch
from tests.detectors.places.street import Ids, closed, moment, opened, zone

LOOKS, FROM, TO = 50, 15, 40


def _fault(kind: str, **more: float) -> Condition:
    return {"kind": kind, "from_s": float(FROM), "to_s": float(TO), **more}


def _blind(events: list[Transition]) -> list[WentBlind]:
    return [event for event in events if isinstance(event, WentBlind)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (_fault("covered", amount=1.0), BlindReason.COVERED),
        (_fault("covered", amount=0.85), BlindReason.COVERED),
        (_fault("defocus", amount=1.0, ramp_s=3.0), BlindReason.BLURRED),
        (_fault("freeze"), BlindReason.FROZEN),
        (_fault("askew", pan_deg=20.0), BlindReason.CAMERA_MOVED),
    ],
)
def test_a_fault_is_told_with_its_reason_and_its_end_and_the_incident_goes_on(
    fault: Condition, reason: BlindReason
) -> None:
    events = watch(observer(), drawn(fault, looks=LOOKS))
    (told,) = _blind(events)
    (again,) = [event for event in events if isinstance(event, SeesAgain)]
    assert told.reason is reason
    assert moment(FROM) <= told.at <= moment(FROM + 25)
    assert moment(TO) <= again.at <= moment(TO + 4)
    assert len(opened(events)) == 1
    assert not closed(events)


@pytest.mark.parametrize(
    "weather",
    [
        {"kind": "rain", "from_s": 12.0, "amount": 0.9},
        {"kind": "dusk", "from_s": 12.0, "amount": 1.0, "ramp_s": 10.0},
        {"kind": "night_ir", "from_s": 12.0, "amount": 0.8},
        {"kind": "dirty", "from_s": 0.0, "amount": 0.6},
        {"kind": "defocus", "from_s": 12.0, "amount": 0.3},
        {"kind": "shake", "from_s": 0.0, "amount": 0.8},
    ],
    ids=lambda weather: weather["kind"],
)
def test_weather_night_dirt_and_a_shaking_pole_are_no_blindness(weather: Condition) -> None:
    eyes = observer()
    events = watch(eyes, drawn(weather, looks=40))
    assert _blind(events) == []
    assert len(opened(events)) == 1
    assert not closed(events)


@pytest.mark.parametrize("axis", ["pan_deg", "tilt_deg", "roll_deg"])
@pytest.mark.parametrize("degrees", [1.0, 2.0, 5.0, -5.0])
def test_a_knocked_camera_set_back_again_is_one_incident_in_reference_coordinates(
    axis: str, degrees: float
) -> None:
    looks = drawn({"kind": "askew", "from_s": 15.0, "to_s": 25.0, axis: degrees}, looks=35)
    eyes = observer()
    before = watch(eyes, looks[:15])
    (raised,) = opened(before)
    events = watch(eyes, looks[:25], first=15)
    assert eyes.condition.startswith("moved by")
    events += watch(eyes, looks, first=25)
    assert eyes.condition == ""
    assert not opened(events)
    assert not closed(events)
    home = car_of(looks[0]).boxes[0]
    assert iou(raised.standing.box, tuple(home.tolist())) > 0.9


def test_a_car_that_leaves_while_the_camera_hangs_askew_is_closed_and_not_kept() -> None:
    looks = drawn({"kind": "askew", "from_s": 15.0, "pan_deg": 3.0, "roll_deg": 1.0}, looks=35)
    eyes = observer()
    watch(eyes, looks[:20])
    events = []
    for number in range(20, 35):
        frame = np.asarray(looks[number].image).copy()
        x1, y1, x2, y2 = np.rint(car_of(looks[number]).boxes[0] * (320, 180, 320, 180)).astype(int).tolist()
        ground = frame[y2 + 3 : y2 + 4, x1 - 2 : x2 + 2].mean(axis=(0, 1))
        frame[y1 - 2 : y2 + 2, x1 - 2 : x2 + 2] = ground.astype(np.uint8)
        events += eyes.look(frame, moment(number), Detections.empty())
    assert len(closed(events)) == 1


def test_half_a_cover_blinds_only_the_zone_behind_it() -> None:
    looks = drawn(_fault("covered", amount=0.5), looks=LOOKS)
    dark = cv2.cvtColor(np.asarray(looks[30].image, np.uint8), cv2.COLOR_BGR2GRAY)
    plain = cv2.cvtColor(np.asarray(looks[5].image, np.uint8), cv2.COLOR_BGR2GRAY)
    hidden = cv2.blur((np.abs(dark.astype(int) - plain) > 25).astype(np.float32), (41, 41))
    row, column = np.unravel_index(int(hidden.argmax()), hidden.shape)
    x, y = column / 320, row / 180
    polygon = ((x - 0.06, y - 0.08), (x + 0.06, y - 0.08), (x + 0.06, y + 0.08), (x - 0.06, y + 0.08))
    covered = tuple((min(1.0, max(0.0, u)), min(1.0, max(0.0, v))) for u, v in polygon)
    everything = zone(5, Category.PARKED_VEHICLE)
    events = watch(observer(everything, zone(5, Category.GARBAGE, name="covered", polygon=covered)), looks)
    (told,) = _blind(events)
    assert (told.zone, told.reason) == ("covered", BlindReason.COVERED)


def test_an_observer_restored_in_the_middle_of_a_fault_answers_as_one_that_ran_on() -> None:
    knock = {"kind": "askew", "from_s": 14.0, "to_s": 22.0, "pan_deg": 2.0}
    looks = drawn(knock, _fault("covered", amount=0.9), looks=32)
    steady = Observer("cam-a", [zone(5)], static_objects=False, look_interval_s=1.0, new_id=Ids())
    again = Observer("cam-a", [zone(5)], static_objects=False, look_interval_s=1.0, new_id=Ids())
    for number, shot in enumerate(looks):
        assert shot.image is not None
        events = steady.look(shot.image, moment(number), car_of(shot))
        assert again.look(shot.image, moment(number), car_of(shot)) == events
        assert again.snapshot() == steady.snapshot()
        ids = again._memory._new_id
        again = Observer.restore(
            again.snapshot(), "cam-a", [zone(5)], static_objects=False, look_interval_s=1.0, new_id=ids
        )
