from __future__ import annotations

import numpy as np
import pytest

from scenarios.language.sensors import Quantity, Sensor
from scenarios.makers.readings import readings


def _sensor(**more: object) -> Sensor:
    content = {"name": "dust", "quantity": Quantity.PM10, "every_s": 10.0, "course": ((0, 20.0), (100, 120.0))}
    return Sensor.model_validate(content | more)


def test_values_follow_the_course() -> None:
    assert list(readings(_sensor(), 30.0)) == [(0.0, 20.0), (10.0, 30.0), (20.0, 40.0)]


def test_a_silent_sensor_says_nothing_and_the_rest_stays_as_it_was() -> None:
    full = dict(readings(_sensor(noise=3.0), 200.0))
    gappy = dict(readings(_sensor(noise=3.0, missing=((50, 80),)), 200.0))
    assert set(full) - set(gappy) == {50.0, 60.0, 70.0}
    assert all(full[at] == value for at, value in gappy.items())


def test_noise_has_the_stated_spread_and_is_the_same_every_time() -> None:
    sensor = _sensor(noise=5.0, course=((0, 100.0),))
    values = [value for _, value in readings(sensor, 40_000.0)]
    assert np.std(values) == pytest.approx(5.0, rel=0.05)
    assert values == [value for _, value in readings(sensor, 40_000.0)]
