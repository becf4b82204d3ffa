"""Who stands where, by the scenario's zones: what the audit compares with the claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detectors.places.geometry import ground_point
from detectors.places.rules import ALLOWED_BY_PURPOSE
from ingest.intervals import union
from ingest.taxonomy import CLASSES_OF_CATEGORY, Category, ObjectClass
from ingest.zones import contains
from scenarios.language.claims import MustNot, Problem
from scenarios.language.scenario import Scenario
from scenarios.language.street import SceneZone
from scenarios.world.hours import permit_spans
from scenarios.world.presence import Presence
from scenarios.world.spans import Span
from scenarios.world.truths import MIN_INSIDE, visible_cameras
from scenarios.world.view import View
from scenarios.world.world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """A stand of somebody somewhere."""

    from_s: float
    to_s: float
    who: Presence

    @property
    def span(self) -> Span:
        """From and to."""
        return self.from_s, self.to_s


class Ground:
    """The zones of a world and who stands in them. A thing stands where the middle of its footprint is; in a zone
    drawn into a picture, where the foot of its outline is."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.scenario: Scenario = world.scenario
        self.views = {camera.name: View(camera) for camera in visible_cameras(world.scenario)}
        self._permitted: dict[tuple[str, Category], list[Span]] = {}

    def actor_standings(self, actor: str) -> list[Standing]:
        """Every stand of an actor."""
        return [
            Standing(stand.from_s, stand.to_s, self.world.standing(actor, stand.spot))
            for stand in self.world.stands(actor)
        ]

    def member_standings(self) -> Iterator[tuple[str, Standing]]:
        """Every stand of every stream's member, with the stream's name."""
        for member, from_s, to_s, presence in self.world.member_stands():
            yield member.stream, Standing(max(from_s, 0.0), min(to_s, self.scenario.duration_s), presence)

    def inside(self, zone: SceneZone, who: Presence) -> bool:
        """Whether it stands in the zone."""
        if zone.ground:
            return contains(zone.ground, (who.x, who.y))
        view = self.views.get(zone.camera or "")
        seen = view.project(who) if view else None
        return seen is not None and contains(zone.picture, ground_point(seen.box))

    def ruling(self, who: Presence, category: Category) -> list[SceneZone]:
        """The zones with a rule against the category that it stands in; of where a bay or relief point allows it only
        those that limit it themselves."""
        here = [zone for zone in self.scenario.zones if self.inside(zone, who)]
        against = [zone for zone in here if zone.rule_for(category) is not None]
        if any(_always_allows(zone, category) for zone in here):
            return [zone for zone in against if _always_allows(zone, category)]
        return against

    def seen(self, who: Presence) -> bool:
        """Whether some camera sees enough of it."""
        found = (view.project(who) for view in self.views.values())
        return any(one is not None and one.inside >= MIN_INSIDE for one in found)

    def permitted(self, zone: SceneZone, category: Category) -> list[Span]:
        """When the zone allows the category."""
        key = (zone.name, category)
        if key not in self._permitted:
            self._permitted[key] = permit_spans(self.scenario, zone, category)
        return self._permitted[key]

    def end_of(self, claim: Problem | MustNot) -> float:
        """When a claim ends."""
        return self.scenario.duration_s if claim.end_s is None else claim.end_s

    def excused(self, actor: str | None, zone: SceneZone, category: Category) -> list[Span]:
        """When claims speak about the category: of this actor, or (must_not alone) of all that stands in the zone."""
        claims: list[Problem | MustNot] = [*self.scenario.problems, *self.scenario.must_not]
        return union(
            (claim.start_s, self.end_of(claim))
            for claim in claims
            if claim.category.value == category.value
            and (
                actor in claim.actors
                or (isinstance(claim, MustNot) and not claim.actors and claim.zone in (None, zone.name))
            )
        )


def _always_allows(zone: SceneZone, category: Category) -> bool:
    by_hours = any(permit.category is category for permit in zone.permits) or zone.collection is not None
    return category in ALLOWED_BY_PURPOSE.get(zone.purpose, ()) and not by_hours


def categories_of(kind: ObjectClass) -> list[Category]:
    """The categories a class of things can be a problem of."""
    return [category for category, kinds in CLASSES_OF_CATEGORY.items() if kind in kinds]
