"""Checks claims about sensors against the courses of their values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from ingest.intervals import union, without
from scenarios.language.claims import Innocence, Subject
from scenarios.language.scenario import Scenario
from scenarios.language.sensors import Sensor, SensorRule
from scenarios.world.spans import Span, longest, within


def sensor_lies(scenario: Scenario) -> Iterator[str]:
    """Alarms without cause, and causes without an alarm."""
    for sensor in scenario.sensors:
        if sensor.rule is None:
            continue
        over = within(beyond(sensor, sensor.rule, scenario.duration_s), 0.0, scenario.duration_s)
        free = 2 * sensor.every_s + 1.0
        claimed: list[Span] = []
        for problem in scenario.problems:
            if problem.category is not Subject.SENSOR_ALARM or problem.sensor != sensor.name:
                continue
            end = scenario.duration_s if problem.end_s is None else problem.end_s
            claimed.append((problem.start_s, end))
            if longest(without([(problem.start_s, end)], over)) > free:
                yield f"problem {problem.id!r}: {sensor.name!r} is not beyond its limit all that time"
        excused = [
            (claim.start_s, scenario.duration_s if claim.end_s is None else claim.end_s)
            for claim in scenario.must_not
            if claim.sensor == sensor.name and claim.why is not Innocence.SHORT_EXCESS
        ]
        for begin, end in without(over, [*claimed, *excused]):
            if end - begin >= max(sensor.rule.for_s, free):
                yield f"sensor {sensor.name!r} is beyond its limit from {begin:g} s to {end:g} s, and no claim says so"


def beyond(sensor: Sensor, rule: SensorRule, duration_s: float) -> list[Span]:
    """When the course, without its noise, is beyond the limit. It keeps its end values before and after."""
    sign = 1.0 if rule.beyond == "above" else -1.0
    course = [(s, sign * (value - rule.limit)) for s, value in sensor.course]
    course = [
        (min(0.0, course[0][0] - 1), course[0][1]),
        *course,
        (max(duration_s, course[-1][0] + 1), course[-1][1]),
    ]
    return union(_above(before, after) for before, after in pairwise(course))


def _above(before: tuple[float, float], after: tuple[float, float]) -> Span:
    (t0, a), (t1, b) = before, after
    if a <= 0 and b <= 0:
        return math.inf, math.inf
    if a > 0 and b > 0:
        return t0, t1
    crossing = t0 + (t1 - t0) * a / (a - b)
    return (t0, crossing) if a > 0 else (crossing, t1)
