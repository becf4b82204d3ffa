"""A scenario's truth as its cameras would show it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ingest.taxonomy import CLASSES_OF_CATEGORY, Category
from ingest.zones import Rule, Zone
from scenarios.language import street
from scenarios.language.claims import MustNot, Problem
from scenarios.language.scenario import Scenario
from scenarios.language.street import SeenBox, Tier
from scenarios.truth import (
    Sample,
    TrueDecoy,
    TrueMarket,
    TrueProblem,
    Truth,
    TruthCamera,
    TruthSensor,
    TruthZone,
)
from scenarios.world.blind import blind_spans
from scenarios.world.drawn_zones import drawn_zones
from scenarios.world.presence import Presence
from scenarios.world.tracks import Spot, Stand
from scenarios.world.view import View, ground_points, zone_polygon
from scenarios.world.weather import Askew, askew_spans, of_camera
from scenarios.world.world import World

MIN_INSIDE = 0.35
"""Who shows less of its outline than this in a picture is not seen there."""
_GROWTH = 1.25
"""A thing that has grown by more than this gets a new box."""


def truth_of(
    scenario: Scenario,
    tier: Tier,
    *,
    fps: Mapping[str, float] | None = None,
    videos: Mapping[str, str] | None = None,
    samples: Mapping[str, tuple[Sample, ...]] | None = None,
    readings: Mapping[str, str] | None = None,
) -> Truth:
    """The truth of a scenario as input of a tier.

    ``fps`` (absent: one frame a look), ``videos`` (file names) and ``samples`` are given by camera name,
    ``readings`` (file names) by sensor name. Raises ValueError for a problem whose zone no camera has in view.
    """
    _check_zones(scenario)
    world = World(scenario)
    views = {camera.name: View(camera) for camera in visible_cameras(scenario)}
    return Truth(
        scenario=scenario.name,
        family=scenario.family,
        seed=scenario.seed,
        tier=tier,
        starts_at=scenario.starts_at,
        time_zone=scenario.time_zone,
        duration_s=scenario.duration_s,
        look_interval_s=scenario.look_interval_s,
        cameras=tuple(
            TruthCamera(
                name=camera.name,
                node=camera.node,
                width=camera.width,
                height=camera.height_px,
                fps=(fps or {}).get(camera.name, 1 / scenario.look_interval_s),
                video=(videos or {}).get(camera.name),
                zones=_zones(scenario, camera),
                ground_points=ground_points(camera, scenario),
                static_objects=camera.static_objects,
                blind=blind_spans(scenario, camera),
                samples=(samples or {}).get(camera.name, ()),
            )
            for camera in scenario.cameras
        ),
        sensors=tuple(
            TruthSensor(
                name=sensor.name,
                node=sensor.node,
                quantity=sensor.quantity,
                every_s=sensor.every_s,
                rule=sensor.rule,
                readings=(readings or {}).get(sensor.name),
            )
            for sensor in scenario.sensors
        ),
        problems=tuple(
            TrueProblem(
                id=problem.id,
                category=problem.category,
                zone=problem.zone,
                sensor=problem.sensor,
                start_s=problem.start_s,
                end_s=problem.end_s,
                dwell_s=scenario.dwell_of(problem) or 0.0,
                seen=seen_boxes(world, views, problem),
            )
            for problem in scenario.problems
        ),
        markets=tuple(
            TrueMarket(id=market.id, members=market.members, start_s=market.start_s, end_s=market.end_s)
            for market in scenario.markets
        ),
        decoys=tuple(
            TrueDecoy(
                id=decoy.id,
                why=decoy.why,
                category=decoy.category,
                sensor=decoy.sensor,
                start_s=decoy.start_s,
                end_s=decoy.end_s,
                seen=seen_boxes(world, views, decoy),
            )
            for decoy in scenario.must_not
        ),
    )


def _check_zones(scenario: Scenario) -> None:
    """Raises ValueError for a problem whose zone no camera has in view."""
    shown = {zone.name for zone in scenario.zones if any(zone_polygon(zone, one) for one in scenario.cameras)}
    for problem in scenario.problems:
        if problem.zone is not None and problem.zone not in shown:
            raise ValueError(
                f"problem {problem.id!r}: zone {problem.zone!r} is in no camera's picture, or hardly; move the zone"
                " or turn a camera to it"
            )


def seen_boxes(world: World, views: Mapping[str, View], claim: Problem | MustNot) -> tuple[SeenBox, ...]:
    """Where what a claim is about stands in each camera's picture while the claim holds: in its usual pose all the
    time (there a system must go on believing in it), and besides where a camera knocked askew shows it.

    Boxes stated by the claim come first. Of actors of several classes only those of its category count: the
    person beside a stall is not the stall.
    """
    end = world.scenario.duration_s if claim.end_s is None else claim.end_s
    found = list(claim.seen)
    for name in claimed_actors(world.scenario, claim):
        for stand in world.stands(name):
            for from_s, to_s, spot in _pieces(stand):
                begin, until = max(from_s, claim.start_s), min(to_s, end)
                if begin < until:
                    presence = world.standing(name, spot)
                    found += _boxes(views, presence, begin, until)
                    found += _askew_boxes(world.scenario, views, presence, begin, until)
    return tuple(found)


def claimed_actors(scenario: Scenario, claim: Problem | MustNot) -> list[str]:
    """The actors of a claim that its category is about; all of them where none is of it."""
    category = next((one for one in Category if one.value == claim.category.value), None)
    classes = CLASSES_OF_CATEGORY.get(category, frozenset()) if category else frozenset()
    fitting = [name for name in claim.actors if scenario.actor(name).classed in classes]
    return fitting or list(claim.actors)


def visible_cameras(scenario: Scenario) -> list[street.Camera]:
    """The cameras of which it is known where the ground is in their picture."""
    return [camera for camera in scenario.cameras if camera.footage is None or camera.ground_points]


def _zones(scenario: Scenario, camera: street.Camera) -> tuple[TruthZone, ...]:
    found: list[TruthZone] = []
    for zone in (*scenario.zones, *drawn_zones(scenario)):
        polygon = zone_polygon(zone, camera)
        if polygon is not None:
            told = Zone(
                name=zone.name,
                purpose=zone.purpose,
                polygon=polygon,
                rules=tuple(Rule.model_validate(rule.model_dump(by_alias=True)) for rule in zone.rules),
                collection=zone.collection,
                max_wait_s=zone.max_wait_s,
                overflow=zone.overflow,
            )
            found.append(TruthZone(zone=told, permits=zone.permits))
    return tuple(found)


def _pieces(stand: Stand) -> list[tuple[float, float, Spot]]:
    """A stand in pieces within which the thing hardly grows or turns."""
    pieces: list[tuple[float, float, Spot]] = []
    for from_s, spot in stand.spots:
        if pieces and _alike(pieces[-1][2], spot):
            continue
        if pieces:
            pieces[-1] = (pieces[-1][0], from_s, pieces[-1][2])
        pieces.append((from_s, stand.to_s, spot))
    return pieces


def _alike(before: Spot, after: Spot) -> bool:
    ratio = after.size / before.size
    return 1 / _GROWTH <= ratio <= _GROWTH and abs(after.heading - before.heading) < 0.2


def _boxes(views: Mapping[str, View], presence: Presence, from_s: float, to_s: float) -> list[SeenBox]:
    found: list[SeenBox] = []
    for name, view in views.items():
        seen = view.project(presence)
        if seen is not None and seen.inside >= MIN_INSIDE:
            x1, y1, x2, y2 = (round(side, 5) for side in seen.box)
            found.append(SeenBox(camera=name, box=(x1, y1, x2, y2), from_s=from_s, to_s=to_s))
    return found


def _askew_boxes(
    scenario: Scenario, views: Mapping[str, View], presence: Presence, from_s: float, to_s: float
) -> list[SeenBox]:
    found: list[SeenBox] = []
    for name, view in views.items():
        for turned, back, askew in askew_spans(of_camera(scenario.conditions, name), scenario.duration_s):
            begin, end = max(turned, from_s), min(back, to_s)
            if begin < end:
                found += _boxes({name: _knocked(view.camera, askew)}, presence, begin, end)
    return found


@lru_cache(maxsize=64)
def _knocked(camera: street.Camera, askew: Askew) -> View:
    return View(camera, askew)
