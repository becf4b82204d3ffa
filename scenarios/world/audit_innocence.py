"""Checks the reasons given for what must not be raised: each can be told from the timeline."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.intervals import without
from ingest.taxonomy import Category, ZonePurpose
from ingest.zones import contains
from scenarios.language.claims import Innocence, MustNot
from scenarios.language.street import SceneZone
from scenarios.world.presence import Presence
from scenarios.world.spans import Span, longest, within
from scenarios.world.standing import Ground, Standing
from scenarios.world.truths import claimed_actors

_RULE_BOUND = {Innocence.SHORT_STOP, Innocence.PASSING, Innocence.OUTSIDE_ZONE, Innocence.PERMITTED_HOURS}


def innocence_lies(ground: Ground) -> Iterator[str]:
    """Sentences about must_not entries that contradict a problem or their own reason."""
    categories = {category.value: category for category in Category}
    for claim in ground.scenario.must_not:
        yield from _contradicted(ground, claim)
        category = categories.get(claim.category.value)
        if category is None:
            continue
        for actor in claimed_actors(ground.scenario, claim):
            for standing in ground.actor_standings(actor):
                stay = within([standing.span], claim.start_s, ground.end_of(claim))
                if stay:
                    yield from _reason(ground, claim, category, actor, standing, stay)


def _contradicted(ground: Ground, claim: MustNot) -> Iterator[str]:
    for problem in ground.scenario.problems:
        shared = set(problem.actors) & set(claim.actors)
        both = within(
            [(problem.start_s, ground.end_of(problem))],
            claim.start_s,
            ground.end_of(claim),
        )
        if shared and problem.category is claim.category and longest(both) > ground.scenario.look_interval_s:
            yield (
                f"must_not {claim.id!r}: {sorted(shared)[0]!r} is in problem {problem.id!r} from"
                f" {both[0][0]:g} s to {both[0][1]:g} s"
            )


def _reason(
    ground: Ground, claim: MustNot, category: Category, actor: str, standing: Standing, stay: list[Span]
) -> Iterator[str]:
    ruling = ground.ruling(standing.who, category)
    if claim.why is Innocence.INSIDE_BAY and not _in_bay(ground, standing.who):
        yield f"must_not {claim.id!r}: {actor!r} stands in no parking bay from {stay[0][0]:g} s"
    if claim.why is Innocence.RELIEF_POINT and not _in_purpose(ground, standing.who, ZonePurpose.RELIEF_POINT):
        yield f"must_not {claim.id!r}: {actor!r} stands in no relief point from {stay[0][0]:g} s"
    if claim.why not in _RULE_BOUND:
        return
    for zone in ruling:
        free = ground.permitted(zone, category) if claim.why is Innocence.PERMITTED_HOURS else []
        if _too_long(zone, category, without(stay, free)):
            yield (
                f"must_not {claim.id!r}: {actor!r} stands in zone {zone.name!r} from {stay[0][0]:g} s to"
                f" {stay[-1][1]:g} s, which its rule forbids; {claim.why} is no reason"
            )


def _too_long(zone: SceneZone, category: Category, stay: list[Span]) -> bool:
    rule = zone.rule_for(category)
    return rule is not None and longest(stay) >= rule.dwell_s


def _in_bay(ground: Ground, who: Presence) -> bool:
    drawn = any(
        min(x1, x2) <= who.x <= max(x1, x2) and min(y1, y2) <= who.y <= max(y1, y2)
        for x1, y1, x2, y2 in ground.scenario.scenery.bays
    )
    return drawn or _in_purpose(ground, who, ZonePurpose.PARKING_BAY)


def _in_purpose(ground: Ground, who: Presence, purpose: ZonePurpose) -> bool:
    return any(
        contains(zone.ground, (who.x, who.y)) if zone.ground else ground.inside(zone, who)
        for zone in ground.scenario.zones
        if zone.purpose is purpose
    )
