"""Slow looks change neither promise: a fault is told within a minute, and nothing is closed that could not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from math import ceil

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.condition.camera import SLOWEST_LOOK_S, lasting_looks
from detectors.incidents import BlindReason, SeesAgain, Transition, WentBlind
from detectors.observer import Observer
from detectors.types import Detections
from ingest.taxonomy import Category
from ingest.zones import Polygon, Zone
from tests.detectors.condition.drawn import Condition, car_of, drawn
from tests.detectors.places.street import Ids, closed, moment, opened, zone

FROM, TO, LOOKS = 14, 22, 28
"""The shots between which something is wrong; the learning takes the first nine."""
Look = tuple[NDArray[np.uint8], Detections]


def _fault(kind: str, **more: float) -> Condition:
    return {"kind": kind, "from_s": float(FROM), "to_s": float(TO), **more}


@cache
def _looks(*conditions: tuple[tuple[str, object], ...]) -> tuple[Look, ...]:
    shots = drawn(*(dict(condition) for condition in conditions), looks=LOOKS)
    return tuple((np.asarray(shot.image, np.uint8), car_of(shot)) for shot in shots if shot.image is not None)


def _held(looks: Sequence[Look], seconds: float, look_s: float) -> list[Look]:
    """The same with a fault that lasts for at least so long, and for less than a new view takes to be believed."""
    count = max(TO - FROM, ceil(seconds / look_s))
    return [*looks[:FROM], *(looks[FROM + number % (TO - FROM)] for number in range(count)), *looks[TO:]]


def _played(looks: Sequence[Look], look_s: float, *zones: Zone) -> list[Transition]:
    """The same pictures, so many seconds apart."""
    eyes = Observer("cam-a", zones, static_objects=False, look_interval_s=look_s, new_id=Ids())
    return [
        event
        for number, (picture, found) in enumerate(looks)
        for event in eyes.look(picture, moment(number * look_s), found)
    ]


@pytest.mark.parametrize("look_s", [1.0, 2.0, 5.0, 10.0])
@pytest.mark.parametrize("amount", [0.5, 0.7, 0.85, 1.0])
def test_nothing_is_closed_behind_a_sudden_cover(amount: float, look_s: float) -> None:
    looks = _looks(tuple(_fault("covered", amount=amount).items()))
    events = _played(looks, look_s, zone(5, Category.PARKED_VEHICLE, clear_s=1.0))
    assert len(opened(events)) == 1
    assert not closed(events)


def _unlit(looks: Sequence[Look], columns: slice) -> list[Look]:
    """The lamps fail: that part of the picture is left with a sensor's noise."""
    rng, dark = np.random.default_rng(0), []
    for number, (picture, found) in enumerate(looks):
        shown = picture.copy()
        if FROM <= number < TO:
            shown[:, columns] = rng.integers(0, 6, shown[:, columns].shape)
        dark.append((shown, found))
    return dark


CORNER: Polygon = ((0.05, 0.05), (0.35, 0.05), (0.35, 0.4), (0.05, 0.4))
BOTH = {"corner", "kerb"}
FAULTS: dict[str, tuple[Condition | slice, BlindReason, set[str]]] = {
    "covered": (_fault("covered", amount=1.0), BlindReason.COVERED, BOTH),
    "mostly covered": (_fault("covered", amount=0.7), BlindReason.COVERED, BOTH),
    "partly covered": (_fault("covered", amount=0.5), BlindReason.COVERED, {"corner"}),
    "blurred": (_fault("defocus", amount=1.0), BlindReason.BLURRED, BOTH),
    "frozen": (_fault("freeze"), BlindReason.FROZEN, BOTH),
    "moved out of view": (_fault("askew", pan_deg=20.0), BlindReason.CAMERA_MOVED, BOTH),
    "dark": (slice(0, None), BlindReason.DARK, BOTH),
    "dark zone": (slice(0, 130), BlindReason.DARK, {"corner"}),
}


@pytest.mark.parametrize("look_s", [1.0, 5.0, 10.0, 20.0])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_within_a_minute_for_every_zone_it_blinds_and_its_end_too(
    fault: str, look_s: float
) -> None:
    made, reason, zones = FAULTS[fault]
    looks = _unlit(_looks(), made) if isinstance(made, slice) else _looks(tuple(made.items()))
    watched = (
        zone(5, Category.PARKED_VEHICLE, name="kerb"),
        zone(5, Category.GARBAGE, name="corner", polygon=CORNER),
    )
    held = _held(looks, 26.0, look_s)
    events = _played(held, look_s, *watched)
    told = [event for event in events if isinstance(event, WentBlind)]
    again = [event for event in events if isinstance(event, SeesAgain)]
    # It may have begun right after the look before.
    began, over = moment((FROM - 1) * look_s), moment((len(held) - (LOOKS - TO) - 1) * look_s)
    assert {(event.zone, event.reason) for event in told} == {(name, reason) for name in zones}
    assert {event.zone for event in again} == zones
    assert len(told) == len(again) == len(zones), "told once"
    assert all(event.at - began <= timedelta(seconds=60) for event in told)
    assert all(over < event.at and event.at - over <= timedelta(seconds=4 * look_s) for event in again)
    assert not closed(events)


def test_what_lasts_is_five_looks_or_five_seconds_but_never_one_look() -> None:
    assert [lasting_looks(look_s) for look_s in (0.04, 1.0, 2.0, 5.0, 3600.0)] == [5, 5, 3, 2, 2]


def test_the_slowest_looks_that_keep_the_minute_do_and_slower_ones_do_not() -> None:
    def worst_s(look_s: float) -> float:
        events = _played(_looks(tuple(_fault("covered", amount=1.0).items())), look_s, zone(5))
        (told,) = [event for event in events if isinstance(event, WentBlind)]
        return (told.at - moment((FROM - 1) * look_s)).total_seconds()

    assert worst_s(SLOWEST_LOOK_S) <= 60 < worst_s(SLOWEST_LOOK_S + 1)
