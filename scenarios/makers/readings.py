"""What a scenario's sensor reports: its course, with noise, but for the spans in which it is silent."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from scenarios.language.sensors import Sensor


def readings(sensor: Sensor, duration_s: float) -> Iterator[tuple[float, float]]:
    """(second, value) every ``every_s`` seconds, in the unit of its quantity; the same sensor gives the same."""
    rng = np.random.default_rng((sensor.seed, zlib.crc32(sensor.name.encode()), 61))
    seconds, values = zip(*sensor.course, strict=True)
    count = int(np.ceil(duration_s / sensor.every_s))
    noise = rng.standard_normal(count) * sensor.noise
    for number in range(count):
        at_s = number * sensor.every_s
        if not any(from_s <= at_s < to_s for from_s, to_s in sensor.missing):
            yield at_s, round(float(np.interp(at_s, seconds, values) + noise[number]), 4)
