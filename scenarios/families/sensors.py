"""Families about sensors (传感器): a true alarm, a short excess that is none, and readings that are missing."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.families.draft import Draft
from scenarios.families.family import family
from scenarios.families.pace import Profile, tenth
from scenarios.language.claims import Innocence, Problem, Subject
from scenarios.language.sensors import Quantity, Sensor, SensorRule
from scenarios.language.street import Tier

_TIERS: tuple[Tier, ...] = ("detections",)
_PROFILES: tuple[Profile, ...] = ("long",)


@dataclass(frozen=True)
class Gauge:
    """One sensor's numbers: units as its quantity says, times in seconds.

    ``peak`` bounds the true excess, ``spike`` the short one; both last ``for_s`` times a share. ``digits`` rounds.
    """

    quantity: Quantity
    every_s: float
    usual: float
    limit: float
    for_s: float
    peak: tuple[float, float]
    spike: tuple[float, float]
    noise: float
    rise_s: float
    digits: int = 1


def _hump(begin: float, end: float, usual: float, peak: float, rise_s: float) -> list[tuple[float, float]]:
    return [
        (tenth(begin), usual),
        (tenth(begin + rise_s), peak),
        (tenth(end - rise_s), peak),
        (tenth(end), usual),
    ]


def _crossings(hump: list[tuple[float, float]], limit: float) -> tuple[float, float]:
    """When the limit is passed upwards and downwards."""
    (t0, low), (t1, high), (t2, _), (t3, _) = hump
    share = (limit - low) / (high - low)
    return tenth(t0 + (t1 - t0) * share), tenth(t3 - (t3 - t2) * share)


def _missing(draft: Draft, gauge: Gauge, taken: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans without readings, outside the times on which the truth turns."""
    found: list[tuple[float, float]] = []
    for _ in range(20):
        begin = tenth(draft.rng.uniform(0, draft.duration_s * 0.95))
        end = tenth(begin + gauge.every_s * float(draft.rng.uniform(3, 10)))
        if end < draft.duration_s and all(end < low or begin > high for low, high in [*taken, *found]):
            found.append((begin, end))
        if len(found) == 3:
            break
    return tuple(sorted(found))


def tell(draft: Draft, gauge: Gauge) -> None:
    """A day of one sensor: the short excess and the true one in either order, with gaps in between."""
    rng, rise = draft.rng, gauge.rise_s
    draft.posts = ()
    short_s = gauge.for_s * float(rng.uniform(0.3, 0.6))
    long_s = gauge.for_s * float(rng.uniform(1.8, 4.0)) + 10 * gauge.every_s + 2 * rise
    spacing = gauge.for_s + 20 * gauge.every_s
    brief_first = bool(rng.random() < 0.5)
    begin = tenth(spacing * float(rng.uniform(0.7, 1.5)))
    lengths = (short_s, long_s) if brief_first else (long_s, short_s)
    second = tenth(begin + lengths[0] + spacing * float(rng.uniform(1.0, 2.0)))
    starts = (begin, second) if brief_first else (second, begin)
    edge = min(rise, short_s / 4)
    spike = _hump(starts[0], starts[0] + short_s, gauge.usual, _between(draft, gauge.spike, gauge.digits), edge)
    hump = _hump(starts[1], starts[1] + long_s, gauge.usual, _between(draft, gauge.peak, gauge.digits), rise)
    draft.until(second + lengths[1] + spacing)
    up, down = _crossings(hump, gauge.limit)
    turning = [(spike[0][0] - spacing / 4, spike[-1][0] + spacing / 4)]
    turning += [(up - gauge.every_s * 3, up + gauge.for_s * 1.3 + 6 * gauge.every_s)]
    turning += [(down - 3 * gauge.every_s, down + 6 * gauge.every_s)]
    draft.sensors.append(
        Sensor(
            name="sensor-1",
            quantity=gauge.quantity,
            x=tenth(draft.side * draft.street.kerb),
            y=tenth(rng.uniform(5, 20)),
            every_s=gauge.every_s,
            seed=draft.looks(),
            course=tuple(sorted([(0.0, gauge.usual), *spike, *hump])),
            noise=gauge.noise,
            missing=_missing(draft, gauge, turning),
            rule=SensorRule(limit=gauge.limit, for_s=gauge.for_s),
        )
    )
    draft.problems.append(
        Problem(id="alarm", category=Subject.SENSOR_ALARM, sensor="sensor-1", start_s=up, end_s=down)
    )
    begins, ends = _crossings(spike, gauge.limit)
    draft.innocent(Innocence.SHORT_EXCESS, Subject.SENSOR_ALARM, sensor="sensor-1", start_s=begins, end_s=ends)


def _between(draft: Draft, bounds: tuple[float, float], digits: int) -> float:
    return round(float(draft.rng.uniform(*bounds)), digits)


def pm_episode(draft: Draft) -> None:
    coarse = bool(draft.rng.random() < 0.5)
    for_s = float(draft.rng.choice((600.0, 900.0, 1800.0)))
    if coarse:
        tell(draft, Gauge(Quantity.PM10, 60.0, 70.0, 150.0, for_s, (210.0, 420.0), (190.0, 300.0), 5.0, 240.0))
    else:
        tell(draft, Gauge(Quantity.PM2_5, 60.0, 35.0, 75.0, for_s, (110.0, 220.0), (100.0, 180.0), 3.0, 240.0))


def noise_night(draft: Draft) -> None:
    draft.civil_hour = float(draft.rng.uniform(21.5, 23.5))
    for_s = float(draft.rng.choice((180.0, 300.0, 600.0)))
    tell(draft, Gauge(Quantity.NOISE, 10.0, 44.0, 55.0, for_s, (64.0, 78.0), (66.0, 85.0), 1.2, 15.0))


def bin_fills(draft: Draft) -> None:
    """The bin fills up and is emptied; once somebody's carton stands before the sensor for a moment."""
    for_s = float(draft.rng.choice((900.0, 1800.0)))
    tell(draft, Gauge(Quantity.BIN_FILL, 60.0, 0.55, 0.85, for_s, (0.92, 1.0), (0.95, 1.0), 0.01, 900.0, 2))


def water_rises(draft: Draft) -> None:
    """Water stands in an underpass (积水); before or after, a wave of a passing truck."""
    for_s = float(draft.rng.choice((120.0, 300.0)))
    tell(draft, Gauge(Quantity.WATER_LEVEL, 15.0, 0.02, 0.27, for_s, (0.38, 0.9), (0.36, 0.6), 0.008, 300.0, 2))


FAMILIES = (
    family(
        pm_episode,
        "sensors",
        "Dust (PM10 or PM2.5) above its limit, and once only briefly.",
        tiers=_TIERS,
        profiles=_PROFILES,
    ),
    family(
        noise_night,
        "sensors",
        "Noise at night above its limit, and once only briefly.",
        tiers=_TIERS,
        profiles=_PROFILES,
    ),
    family(
        bin_fills,
        "sensors",
        "A bin is full until it is emptied, and once only seems so.",
        tiers=_TIERS,
        profiles=_PROFILES,
    ),
    family(
        water_rises,
        "sensors",
        "Water rises above its mark, and once only for a moment.",
        tiers=_TIERS,
        profiles=_PROFILES,
    ),
)
