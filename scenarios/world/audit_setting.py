"""Checks the setting: conditions that befall nodes, and zones that speak about the same place."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.taxonomy import Category
from scenarios.language.claims import Subject
from scenarios.language.conditions import ConditionKind
from scenarios.language.scenario import Scenario
from scenarios.world.standing import Ground
from scenarios.world.truths import claimed_actors

_OF_NODES = frozenset({ConditionKind.CLOCK_STEP, ConditionKind.POWER_CUT})


def setting_lies(ground: Ground) -> Iterator[str]:
    """Sentences about conditions that no maker can play so, and about dwells that another zone undercuts."""
    yield from _nodes(ground.scenario)
    yield from _undercut(ground)


def _nodes(scenario: Scenario) -> Iterator[str]:
    node_of = {camera.name: camera.node for camera in scenario.cameras}
    for condition in scenario.conditions:
        if condition.kind not in _OF_NODES:
            continue
        others = [tier for tier in scenario.tiers if tier != "detections"]
        if others:
            yield f"{condition.kind}: only the tier detections can play it, not {', '.join(others)}"
        hit = {node_of[name] for name in condition.cameras}
        spared = [name for name, node in node_of.items() if node in hit and name not in condition.cameras]
        if spared:
            yield f"{condition.kind}: befalls a whole node; name {', '.join(spared)} among its cameras too"


def _undercut(ground: Ground) -> Iterator[str]:
    """Of several rules at one place the shortest dwell fires first: it decides when a problem is due."""
    zones = {zone.name: zone for zone in ground.scenario.zones}
    for problem in ground.scenario.problems:
        if problem.category is Subject.SENSOR_ALARM or problem.zone is None:
            continue
        category = Category(problem.category.value)
        own = zones[problem.zone].rule_for(category)
        stands = [
            standing
            for actor in claimed_actors(ground.scenario, problem)
            for standing in ground.actor_standings(actor)
            if standing.from_s < ground.end_of(problem) and standing.to_s > problem.start_s
        ]
        ruling = {zone.name: zone for standing in stands for zone in ground.ruling(standing.who, category)}
        for name, zone in ruling.items():
            rule = zone.rule_for(category)
            if rule is not None and own is not None and rule.dwell_s < own.dwell_s and not zone.permits:
                yield (
                    f"problem {problem.id!r}: stands in zone {name!r} too, which allows {rule.dwell_s:g} s only; name"
                    f" that zone instead of {problem.zone!r}"
                )
