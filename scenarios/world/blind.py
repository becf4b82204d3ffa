"""When a camera cannot look (失明真值): at all, or at some of its zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from ingest.intervals import without
from scenarios.language import street
from scenarios.language.conditions import BLIND_FROM, Condition, ConditionKind
from scenarios.language.scenario import Scenario
from scenarios.truth import BlindSpan
from scenarios.world.drawn_zones import drawn_zones
from scenarios.world.spans import Span
from scenarios.world.view import scene_camera, zone_polygon
from scenarios.world.visible import Sight, ZoneView
from scenarios.world.weather import of_camera, weather_at

_HINDERING = frozenset({ConditionKind.ASKEW, ConditionKind.DEFOCUS})
_STEPS = 24
"""Into so many parts a ramp is cut to find the moments at which what it leaves to be seen changes."""
_FINE_S = 0.01


def blind_spans(scenario: Scenario, camera: street.Camera) -> tuple[BlindSpan, ...]:
    """When a camera cannot look, in order of time; spans of one cause that touch are one, named after the first.

    Those of the whole camera (covered, frozen, no frames, no power) name no zone. Those in which a knock or a blur
    hides zones name them, and speak of no time at which the whole camera is blind.
    """
    conditions = of_camera(scenario.conditions, camera.name)
    whole = _of_the_camera(conditions, scenario.duration_s)
    free = [(span.from_s, span.to_s) for span in whole]
    found: dict[tuple[float, float, str, bool], list[str]] = {}
    for zone, spans in _of_zones(scenario, camera, conditions):
        for span, sight in spans:
            for begin, end in without([span], free):
                found.setdefault((begin, end, sight.why.value, sight.certain), []).append(zone)
    parts = [
        BlindSpan(from_s=begin, to_s=end, why=why, zones=tuple(zones), certain=certain)
        for (begin, end, why, certain), zones in found.items()
    ]
    return tuple(sorted((*whole, *parts), key=lambda span: (span.from_s, span.to_s, span.zones)))


def _of_the_camera(conditions: Sequence[Condition], duration_s: float) -> list[BlindSpan]:
    spans: list[BlindSpan] = []
    for condition in sorted(conditions, key=lambda c: c.from_s):
        begin, end = _blind(condition, duration_s)
        if begin >= end:
            continue
        if spans and begin <= spans[-1].to_s:
            end = max(end, spans[-1].to_s)
            begin, why = spans[-1].from_s, spans[-1].why
            spans[-1] = BlindSpan(from_s=begin, to_s=end, why=why)
        else:
            spans.append(BlindSpan(from_s=begin, to_s=end, why=condition.kind.value))
    return spans


def _blind(condition: Condition, duration_s: float) -> tuple[float, float]:
    """From when to when nobody can look; an empty span for what leaves the camera its sight."""
    begin, end = condition.from_s, duration_s if condition.to_s is None else condition.to_s
    if not condition.blinding:
        return 0.0, 0.0
    if condition.kind is ConditionKind.COVERED:
        reached = condition.ramp_s * BLIND_FROM / condition.amount
        begin += reached
        end -= reached if condition.to_s is not None else 0.0
    return begin, min(end, duration_s)


def _of_zones(
    scenario: Scenario, camera: street.Camera, conditions: Sequence[Condition]
) -> Iterator[tuple[str, list[tuple[Span, Sight]]]]:
    """For each zone in the camera's picture, when what hinders looking at it."""
    hindering = [condition for condition in conditions if condition.kind in _HINDERING]
    if not hindering or (camera.footage is not None and not camera.ground_points):
        return
    lens, edges = scene_camera(camera), _edges(hindering, scenario.duration_s)
    for zone in (*scenario.zones, *drawn_zones(scenario)):
        polygon = zone_polygon(zone, camera)
        if polygon is not None:
            view = ZoneView(lens, polygon, {rule.category for rule in zone.rules})
            yield zone.name, _hindered(view, hindering, edges)


def _hindered(view: ZoneView, conditions: Sequence[Condition], edges: Sequence[float]) -> list[tuple[Span, Sight]]:
    def sight(t: float) -> Sight | None:
        weather = weather_at(conditions, t)
        return view.sight(weather.askew, weather.defocus)

    found: list[tuple[Span, Sight]] = []
    for begin, end in pairwise(edges):
        for (a, b), now in _pieces(sight, begin, end, 1 if _steady(conditions, begin, end) else _STEPS):
            if now is None:
                continue
            if found and found[-1][0][1] == a and found[-1][1].certain == now.certain:
                found[-1] = ((found[-1][0][0], b), found[-1][1])
            else:
                found.append(((a, b), now))
    return found


def _edges(conditions: Sequence[Condition], duration_s: float) -> list[float]:
    """The moments between which amounts run in straight lines."""
    edges = {0.0, duration_s}
    for condition in conditions:
        begin, end = condition.from_s, duration_s if condition.to_s is None else condition.to_s
        edges |= {begin, end, begin + condition.ramp_s}
        if condition.to_s is not None:
            edges |= {end - condition.ramp_s, (begin + end) / 2}
    return sorted(edge for edge in edges if 0.0 <= edge <= duration_s)


def _steady(conditions: Sequence[Condition], begin: float, end: float) -> bool:
    early, late = (weather_at(conditions, begin + (end - begin) * share) for share in (0.25, 0.75))
    return (early.askew, early.defocus) == (late.askew, late.defocus)


def _pieces(
    sight: Callable[[float], Sight | None], begin: float, end: float, steps: int
) -> Iterator[tuple[Span, Sight | None]]:
    """The span cut where the answer changes."""
    marks = [begin + (end - begin) * (step + 0.5) / steps for step in range(steps)]
    at, current = begin, sight(marks[0])
    for before, after in pairwise(marks):
        if sight(after) != current:
            turn = _turn(sight, before, after)
            yield (at, turn), current
            at, current = turn, sight(after)
    yield (at, end), current


def _turn(sight: Callable[[float], Sight | None], before: float, after: float) -> float:
    """The moment between two at which the answer is no longer that of the first."""
    first = sight(before)
    while after - before > _FINE_S:
        middle = (before + after) / 2
        before, after = (middle, after) if sight(middle) == first else (before, middle)
    return round(after, 2)
