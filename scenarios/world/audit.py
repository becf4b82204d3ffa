"""Finds truth that is not so (真值审查): claims of a scenario that its own timeline contradicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from detectors.places.geometry import ground_point
from ingest.intervals import union, without
from ingest.taxonomy import Category, ObjectClass
from ingest.zones import contains
from scenarios.language.claims import Problem, Subject
from scenarios.language.scenario import Scenario
from scenarios.language.street import SceneZone
from scenarios.world.audit_innocence import innocence_lies
from scenarios.world.audit_sensors import sensor_lies
from scenarios.world.audit_setting import setting_lies
from scenarios.world.spans import Span, longest, within
from scenarios.world.standing import Ground, Standing, categories_of
from scenarios.world.truths import claimed_actors, seen_boxes
from scenarios.world.view import View
from scenarios.world.world import World

MOVE_S = 300.0
"""A thing that changes its place in between and stays the same problem may take this long."""
_FAR_M = 120.0


def audit(scenario: Scenario) -> list[str]:
    """What is wrong with a scenario's truth, one sentence each; empty where nothing is."""
    ground = Ground(World(scenario))
    parts: tuple[Callable[[Ground], Iterator[str]], ...] = (
        _absent,
        _unseen,
        _in_permitted_hours,
        _unclaimed_actors,
        _unclaimed_members,
        _overlaps,
        _markets,
        innocence_lies,
        setting_lies,
    )
    found = [sentence for part in parts for sentence in part(ground)]
    return found + list(sensor_lies(scenario))


def slack(scenario: Scenario) -> float:
    """Seconds by which a claim may miss the timeline: less than anybody could see."""
    return 1.0 + scenario.look_interval_s


def _street_problems(ground: Ground) -> Iterator[tuple[Problem, SceneZone, Category]]:
    zones = {zone.name: zone for zone in ground.scenario.zones}
    for problem in ground.scenario.problems:
        if problem.category is not Subject.SENSOR_ALARM and problem.zone is not None:
            yield problem, zones[problem.zone], Category(problem.category.value)


def _absent(ground: Ground) -> Iterator[str]:
    """Problems whose actors do not stand in the zone all the time, or stand there outside the problem's time."""
    for problem, zone, category in _street_problems(ground):
        if not problem.actors:
            continue
        what = f"problem {problem.id!r}"
        begin, end = problem.start_s, ground.end_of(problem)
        ruled: list[Span] = []
        in_zone = False
        for actor in claimed_actors(ground.scenario, problem):
            for standing in ground.actor_standings(actor):
                ruling = ground.ruling(standing.who, category)
                stay = within([standing.span], begin, end)
                if not ruling or not stay:
                    continue
                in_zone = in_zone or zone in ruling
                ruled += stay
                yield from _outside_time(ground, problem, actor, standing, ruling[0], category)
        if not in_zone:
            yield f"{what}: none of its actors stands in zone {zone.name!r} between {begin:g} s and {end:g} s"
            continue
        yield from _gaps(ground, problem, without([(begin, end)], ruled))


def _outside_time(
    ground: Ground, problem: Problem, actor: str, standing: Standing, zone: SceneZone, category: Category
) -> Iterator[str]:
    rule = zone.rule_for(category)
    free = [*ground.excused(actor, zone, category), *ground.permitted(zone, category)]
    for begin, end in without([standing.span], free):
        if slack(ground.scenario) < end - begin < (rule.dwell_s if rule else math.inf):
            yield (
                f"problem {problem.id!r}: {actor!r} stands in zone {zone.name!r} from {begin:g} s to {end:g} s too,"
                " which no claim covers"
            )


def _gaps(ground: Ground, problem: Problem, gaps: list[Span]) -> Iterator[str]:
    """One move is free; any other time in which nothing of it stands where it must is a lie."""
    moves = 0
    for begin, end in gaps:
        if end - begin <= slack(ground.scenario):
            continue
        moves += 1
        if moves == 1 and end - begin <= MOVE_S and _only_moves(ground, problem, begin, end):
            continue
        yield (
            f"problem {problem.id!r}: nothing of it stands in zone {problem.zone!r} from {begin:g} s to {end:g} s"
        )


def _only_moves(ground: Ground, problem: Problem, begin: float, end: float) -> bool:
    """Whether an actor is on its way between two moments, and does not stand about elsewhere."""
    middle = (begin + end) / 2
    there = any(who.actor in problem.actors for who in ground.world.present(middle))
    elsewhere = (
        within([standing.span], begin, end)
        for actor in claimed_actors(ground.scenario, problem)
        for standing in ground.actor_standings(actor)
    )
    return there and all(longest(stay) <= MOVE_S / 5 for stay in elsewhere)


def _unseen(ground: Ground) -> Iterator[str]:
    cameras = {camera.name: camera for camera in ground.scenario.cameras}
    for problem, zone, category in _street_problems(ground):
        boxes = seen_boxes(ground.world, ground.views, problem)
        if not boxes:
            yield f"problem {problem.id!r}: no camera sees it; at least 35 % of its outline must be in one's frame"
        elif category is Category.STATIC_OBJECT and not any(cameras[b.camera].static_objects for b in boxes):
            yield f"problem {problem.id!r}: no camera that sees it looks for static objects"
        elif not problem.actors and zone.picture:
            feet = [ground_point(box.box) for box in boxes if box.camera == zone.camera]
            if not any(contains(zone.picture, foot) for foot in feet):
                yield f"problem {problem.id!r}: the foot of none of its boxes lies in zone {zone.name!r}"


def _in_permitted_hours(ground: Ground) -> Iterator[str]:
    for problem, zone, category in _street_problems(ground):
        allowed = within(ground.permitted(zone, category), problem.start_s, ground.end_of(problem))
        if longest(allowed) > slack(ground.scenario):
            begin, end = allowed[0]
            yield (
                f"problem {problem.id!r}: zone {zone.name!r} permits {category} from {begin:g} s to {end:g} s;"
                " start it after or end it before"
            )


def _unclaimed_actors(ground: Ground) -> Iterator[str]:
    for actor in ground.scenario.actors:
        if not _noticeable(ground, actor.classed, actor.at[0].s):
            continue
        for standing in ground.actor_standings(actor.id):
            for zone, begin, end in _unclaimed(ground, actor.id, standing):
                yield (
                    f"actor {actor.id!r} stands in zone {zone.name!r} from {begin:g} s to {end:g} s, longer than"
                    " its rule allows, and is in no problem and no must_not"
                )


def _noticeable(ground: Ground, kind: ObjectClass, first_s: float) -> bool:
    """What no model names is only found where cameras look for it, and where it is not part of the bare street."""
    if kind is not ObjectClass.UNKNOWN:
        return True
    return first_s > 0 and any(camera.static_objects for camera in ground.scenario.cameras)


def _unclaimed_members(ground: Ground) -> Iterator[str]:
    first: dict[tuple[str, str], tuple[float, float]] = {}
    counts: dict[tuple[str, str], int] = {}
    for stream, standing in ground.member_standings():
        for zone, begin, end in _unclaimed(ground, None, standing):
            key = (stream, zone.name)
            first.setdefault(key, (begin, end))
            counts[key] = counts.get(key, 0) + 1
    for (stream, name), (begin, end) in first.items():
        yield (
            f"{stream}: {counts[stream, name]} of its members stand in zone {name!r} longer than its rule allows,"
            f" the first from {begin:g} s to {end:g} s; a must_not without actors must say so"
        )


def _unclaimed(ground: Ground, actor: str | None, standing: Standing) -> Iterator[tuple[SceneZone, float, float]]:
    """The times of a stand that are as long as a rule's dwell and that nothing speaks about."""
    for category in categories_of(standing.who.object_class):
        least = min((r.dwell_s for z in ground.scenario.zones if (r := z.rule_for(category))), default=math.inf)
        if standing.to_s - standing.from_s < least:
            continue
        for zone in ground.ruling(standing.who, category):
            rule = zone.rule_for(category)
            free = [*ground.excused(actor, zone, category), *ground.permitted(zone, category)]
            for begin, end in without([standing.span], free):
                if rule is not None and end - begin >= rule.dwell_s and ground.seen(standing.who):
                    yield zone, begin, end


def _overlaps(ground: Ground) -> Iterator[str]:
    for camera in ground.scenario.cameras:
        for other in camera.overlaps:
            one, two = ground.views.get(camera.name), ground.views.get(other)
            if other == camera.name:
                yield f"camera {camera.name!r}: overlaps names the camera itself"
            elif one is not None and two is not None and not _share_ground(one, two):
                yield f"camera {camera.name!r}: overlaps {other!r}, but no ground lies in both pictures"


def _share_ground(one: View, two: View) -> bool:
    steps = [(index + 0.5) / 24 for index in range(24)]
    for u in steps:
        for v in steps:
            hit = one.lens.visible_ground(u * one.lens.width, v * one.lens.frame_height)
            if hit is not None and math.dist(hit, (one.lens.x, one.lens.y)) < _FAR_M and two.shows(*hit):
                return True
    return False


def _markets(ground: Ground) -> Iterator[str]:
    problems = {problem.id: problem for problem in ground.scenario.problems}
    for market in ground.scenario.markets:
        end = ground.scenario.duration_s if market.end_s is None else market.end_s
        members = [problems[name] for name in market.members]
        strangers = [one.id for one in members if one.category is not Subject.STREET_VENDOR]
        if strangers:
            yield f"market {market.id!r}: {', '.join(strangers)} is not about street vendors"
        spans = [(one.start_s, ground.end_of(one)) for one in members]
        together = union(
            (max(a[0], b[0]), min(a[1], b[1])) for index, a in enumerate(spans) for b in spans[index + 1 :]
        )
        alone = without([(market.start_s, end)], together)
        if longest(alone) > slack(ground.scenario) + MOVE_S:
            yield f"market {market.id!r}: from {alone[0][0]:g} s to {alone[0][1]:g} s fewer than two members stand"
