"""Zones that everyone who sets up the cameras of a street would draw (划区): bays, bus stops, lanes before a light.

They follow from what the scenario shows anyway, so that a scenario written before such zones were known is played as it
would be installed. A scenario that draws a zone of one of these purposes itself is left as it is for that purpose.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from ingest.taxonomy import ZonePurpose
from scenarios.language.cast import ActorKind, Traffic
from scenarios.language.scenario import Scenario
from scenarios.language.street import SceneZone
from scenarios.world.route import Route

QUEUE_M = 60.0
"""Length of a queue before a stop line, as far back as it is drawn."""
OVER_LINE_M = 1.5
_LANE_HALF_M = 1.7
_STEP_M = 5.0
RED_MARGIN_S = 30.0
"""After the longest red everyone in the queue needs some time to get going."""

_STOP_BEHIND_M, _STOP_AHEAD_M = 18.0, 8.0
_STOP_HALF_M = 1.7
HALT_MARGIN_S = 60.0
LEAST_HALT_S = 300.0
LONGEST_WAIT_S = 7200.0

Ground = tuple[tuple[float, float], ...]
Strip = tuple[float, float, float, float]


def drawn_zones(scenario: Scenario) -> tuple[SceneZone, ...]:
    """The zones that follow from the scenery and its traffic, named apart from the scenario's own."""
    own = {zone.purpose for zone in scenario.zones}
    taken = {zone.name for zone in scenario.zones}
    found = (*_queues(scenario), *_bus_stops(scenario), *_bays(scenario))
    return tuple(_renamed(zone, taken) for zone in found if zone.purpose not in own)


def _renamed(zone: SceneZone, taken: set[str]) -> SceneZone:
    name = zone.name
    while name in taken:
        name = f"{name}-drawn"
    taken.add(name)
    return zone.model_copy(update={"name": name})


def _queues(scenario: Scenario) -> Iterator[SceneZone]:
    for number, lane in enumerate((one for one in scenario.traffic if one.signal), start=1):
        assert lane.signal is not None
        line = lane.signal.stop_at_m
        yield SceneZone(
            name=f"signal-queue-{number}",
            purpose=ZonePurpose.SIGNAL_QUEUE,
            ground=_along(lane, line - QUEUE_M, line + OVER_LINE_M, _LANE_HALF_M),
            max_wait_s=min(LONGEST_WAIT_S, lane.signal.red_s + RED_MARGIN_S),
        )


def _bus_stops(scenario: Scenario) -> Iterator[SceneZone]:
    lines = [one for one in scenario.traffic if one.halt and ActorKind.BUS in one.kinds]
    for number, line in enumerate(lines, start=1):
        assert line.halt is not None
        at_m, longest = line.halt.at_m, max(LEAST_HALT_S, line.halt.for_s[1] + HALT_MARGIN_S)
        yield SceneZone(
            name=f"bus-stop-{number}",
            purpose=ZonePurpose.BUS_STOP,
            ground=_along(line, at_m - _STOP_BEHIND_M, at_m + _STOP_AHEAD_M, _STOP_HALF_M),
            max_wait_s=min(LONGEST_WAIT_S, longest),
        )
    if not lines and scenario.scenery.bus_stop is not None:
        y, kerb = scenario.scenery.bus_stop, scenario.scenery.kerb_right
        low, high = y - _STOP_BEHIND_M, y + _STOP_AHEAD_M
        ground = _rectangle((kerb - 2 * _STOP_HALF_M, low, kerb, high))
        yield SceneZone(name="bus-stop-1", purpose=ZonePurpose.BUS_STOP, ground=ground)


def _bays(scenario: Scenario) -> Iterator[SceneZone]:
    for number, strip in enumerate(_joined(scenario.scenery.bays), start=1):
        ground = _rectangle(strip)
        yield SceneZone(name=f"bays-{number}", purpose=ZonePurpose.PARKING_BAY, ground=ground)


def _joined(bays: Iterable[Strip]) -> list[Strip]:
    """Bays one behind the other are one row."""
    rows: list[Strip] = []
    ordered = sorted((min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in bays)
    for left, low, right, high in sorted(ordered, key=lambda bay: (bay[0], bay[2], bay[1])):
        if rows and rows[-1][0] == left and rows[-1][2] == right and low <= rows[-1][3] + 0.05:
            rows[-1] = (left, rows[-1][1], right, max(rows[-1][3], high))
        elif left < right and low < high:
            rows.append((left, low, right, high))
    return rows


def _along(lane: Traffic, begin: float, end: float, half: float) -> Ground:
    """A strip along a lane's path between two distances from its start."""
    route = Route(lane.path)
    begin = max(0.0, begin)
    bends = math.dist(route.point(begin), route.point(end)) < end - begin - 0.05
    steps = max(1, min(25, math.ceil((end - begin) / _STEP_M))) if bends else 1
    marks = [begin + (end - begin) * step / steps for step in range(steps + 1)]
    right = [route.place(mark, half)[:2] for mark in marks]
    left = [route.place(mark, -half)[:2] for mark in reversed(marks)]
    return tuple((round(x, 3), round(y, 3)) for x, y in (*right, *left))


def _rectangle(strip: Strip) -> Ground:
    left, low, right, high = strip
    return (left, low), (right, low), (right, high), (left, high)
