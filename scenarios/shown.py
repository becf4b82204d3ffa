"""Scenarios as text: what a folder holds, and what happens in one of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from scenarios.families import FAMILIES
from scenarios.language.claims import MustNot, Problem
from scenarios.language.conditions import Condition
from scenarios.language.scenario import Scenario
from scenarios.world.audit import audit
from scenarios.world.world import World

_NAME, _GROUP = 28, 13


def family_lines() -> list[str]:
    """One line for each family, those of a group together."""
    lines: list[str] = []
    group = ""
    for family in FAMILIES.values():
        if family.group != group:
            group = family.group
            lines += ["", group]
        tiers = ", ".join(family.tiers)
        lines.append(f"  {family.name:<{_NAME}} {family.summary}  [{tiers}; {', '.join(family.profiles)}]")
    return [*lines[1:], "", f"{len(FAMILIES)} families"]


def folder_lines(loaded: Iterable[tuple[Path, Scenario]]) -> list[str]:
    """One line for each scenario of a folder."""
    return [
        f"{path}  {one.duration_s:g} s, {len(one.cameras)} cameras, {len(one.problems)} problems, "
        f"{len(one.must_not)} that must not be raised  [{', '.join(one.tiers)}]"
        for path, one in loaded
    ]


def scenario_lines(scenario: Scenario) -> list[str]:
    """Everything a reader wants to know: where, what stands when, what is true of it."""
    lines = [f"{scenario.name}: {scenario.summary}".rstrip(": "), *_setting(scenario), "", "Timeline"]
    lines += [f"  {second:>9.1f} s  {text}" for second, text in sorted(_events(scenario), key=lambda e: e[0])]
    lines += ["", "Problems: each must become exactly one case"]
    lines += [f"  {_problem(scenario, problem)}" for problem in scenario.problems] or ["  none"]
    for market in scenario.markets:
        span = _span(market.start_s, market.end_s)
        lines.append(f"  {market.id}: street_market of {', '.join(market.members)}, {span}")
    lines += ["", "Must not be raised"]
    lines += [f"  {_innocent(claim)}" for claim in scenario.must_not] or ["  nothing in particular"]
    lines += ["", "Audit: what is claimed and is not so"]
    lines += [f"  {sentence}" for sentence in audit(scenario)] or ["  nothing found"]
    return lines


def _setting(scenario: Scenario) -> list[str]:
    start = scenario.starts_at.astimezone(ZoneInfo(scenario.time_zone))
    end = start + timedelta(seconds=scenario.duration_s)
    lines = [
        f"  family {scenario.family}, seed {scenario.seed}, tiers {', '.join(scenario.tiers)}",
        f"  {start:%Y-%m-%d %H:%M:%S} to {end:%H:%M:%S} ({scenario.time_zone}), {scenario.duration_s:g} s, "
        f"a look every {scenario.look_interval_s:g} s",
    ]
    for camera in scenario.cameras:
        footage = f", plays {camera.footage.file}" if camera.footage else ""
        lines.append(f"  camera {camera.name} ({camera.node}), {camera.width}x{camera.height_px}{footage}")
    for zone in scenario.zones:
        rules = ", ".join(f"{rule.category} {rule.dwell_s:g} s" for rule in zone.rules) or "no rule"
        lines.append(f"  zone {zone.name} ({zone.purpose}): {rules}")
        for permit in zone.permits:
            hours = f"{permit.from_civil:%H:%M} to {permit.to_civil:%H:%M}"
            lines.append(f"    {permit.category} allowed {hours}, weekdays {', '.join(map(str, permit.weekdays))}")
    for sensor in scenario.sensors:
        limit = f", alarm {sensor.rule.beyond} {sensor.rule.limit:g}" if sensor.rule else ""
        lines.append(f"  sensor {sensor.name} ({sensor.quantity}) every {sensor.every_s:g} s{limit}")
    return lines


def _events(scenario: Scenario) -> Iterable[tuple[float, str]]:
    world = World(scenario)
    for actor in scenario.actors:
        yield actor.at[0].s, f"{actor.id} ({actor.kind}) is there"
        for stand in world.stands(actor.id):
            if stand.from_s > actor.at[0].s:
                yield stand.from_s, f"{actor.id} stands at ({stand.spot.x:.1f}, {stand.spot.y:.1f}) m"
            if stand.to_s < min(scenario.duration_s, actor.leaves_s or scenario.duration_s):
                yield stand.to_s, f"{actor.id} moves on"
        if actor.leaves_s is not None and actor.leaves_s < scenario.duration_s:
            yield actor.leaves_s, f"{actor.id} is gone"
    for condition in scenario.conditions:
        yield condition.from_s, f"{_condition(condition)} begins"
        if condition.to_s is not None:
            yield condition.to_s, f"{_condition(condition)} ends"
    if world.members:
        yield 0.0, f"{len(world.members)} more pass in traffic and on foot until the end"


def _condition(condition: Condition) -> str:
    where = f" at {', '.join(condition.cameras)}" if condition.cameras else ""
    return f"{condition.kind} ({condition.amount:g}){where}"


def _problem(scenario: Scenario, problem: Problem) -> str:
    place = problem.zone or problem.sensor
    dwell = scenario.dwell_of(problem)
    allowed = "" if dwell is None else f", allowed {dwell:g} s"
    return f"{problem.id}: {problem.category} in {place}, {_span(problem.start_s, problem.end_s)}{allowed}"


def _innocent(claim: MustNot) -> str:
    who = f" ({', '.join(claim.actors)})" if claim.actors else ""
    return f"{claim.id}: {claim.category}, because {claim.why}{who}, {_span(claim.start_s, claim.end_s)}"


def _span(start_s: float, end_s: float | None) -> str:
    return f"from {start_s:g} s to the end" if end_s is None else f"from {start_s:g} to {end_s:g} s"
