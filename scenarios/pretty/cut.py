"""What one camera of a scenario shows at each look, and the job for Blender that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.language import street as language
from scenarios.language.cast import ActorKind
from scenarios.language.scenario import Scenario
from scenarios.makers.company import Company
from scenarios.makers.pictures import Shot, frames
from scenarios.makers.sets import Sets
from scenarios.makers.streets import daylight, street_of
from scenarios.pretty.houses import still_street
from scenarios.pretty.job import Job
from scenarios.scene.camera import Camera
from scenarios.scene.compose import Thing
from scenarios.scene.light import Light
from scenarios.scene.raster import Pose
from scenarios.world.presence import Presence
from scenarios.world.weather import Weather
from scenarios.world.world import World

_LEAFY = frozenset({ActorKind.TREE, ActorKind.PLANTER})
_GREY_FROM = 0.35  # from such rain or dusk on there is no sun to cast shadows


@dataclass(frozen=True)
class Moment:
    """One look. ``shot`` is what our own renderer made of it: whether a frame comes through, and what is seen."""

    shot: Shot
    weather: Weather
    lens: Camera
    light: Light
    present: tuple[Presence, ...]
    things: tuple[Thing, ...]

    @property
    def drawn(self) -> bool:
        """Whether it needs a picture of its own: a frame comes through, and it is not a frozen one's repetition."""
        return self.shot.image is not None and self.weather.frozen_since is None


@dataclass(frozen=True)
class Cut:
    """All looks of one camera."""

    sets: Sets
    moments: tuple[Moment, ...]

    def standing(self) -> dict[int, Thing]:
        """Those that are there at every look and never change, by number."""
        kept = {thing.number: thing for thing in self.moments[0].things}
        for moment in self.moments[1:]:
            here = {thing.number: thing for thing in moment.things}
            kept = {number: thing for number, thing in kept.items() if _same(here.get(number), thing)}
        return kept

    def leafy(self) -> frozenset[int]:
        """Numbers of trees and the like."""
        return frozenset(one.number for one in self.moments[0].present if one.kind in _LEAFY)


def _same(now: Thing | None, before: Thing) -> bool:
    return now is not None and now.mesh is before.mesh and now.pose == before.pose


def refuse(scenario: Scenario) -> None:
    """Raises ValueError where a scenario holds what Blender cannot draw for us."""
    if any(actor.kind is ActorKind.CUTOUT for actor in scenario.actors) or scenario.scenery.background is not None:
        raise ValueError(f"{scenario.name}: cutouts and background pictures can only be composed")
    if not scenario.cameras or any(camera.footage is not None for camera in scenario.cameras):
        raise ValueError(f"{scenario.name}: there is no street to draw: give cameras without footage")


def cut_of(scenario: Scenario, camera: language.Camera, seed: int) -> Cut:
    """What a camera shows, one moment for each look; ``seed`` decides the flaws of its lens."""
    world, sets = World(scenario), Sets(scenario, camera, seed)
    company = Company(scenario, works=True, pictures={})
    # The composed maker draws one frame for each look, which is what is wanted here of any scenario.
    looked_at = scenario.model_copy(update={"tiers": (*scenario.tiers, "composed")})
    lights = (daylight(scenario, 0.0), daylight(scenario, 1.0))
    moments: list[Moment] = []
    for shot in frames(looked_at, camera.name, "composed"):
        weather, present = world.weather(shot.t, camera.name), tuple(world.present(shot.t))
        lens = sets.place(weather).camera
        grey = max(weather.rain, weather.dusk, weather.night_ir) >= _GREY_FROM
        things = tuple(company.things(present, shot.t, lens))
        moments.append(Moment(shot, weather, lens, lights[grey], present, things))
    return Cut(sets, tuple(moments))


def job_of(scenario: Scenario, cut: Cut, only: Sequence[int] | None = None) -> Job:
    """The job for Blender: a frame for each moment that needs one; ``only`` picks some moments by number."""
    usual = cut.moments[0].lens
    job = Job(usual.width, usual.frame_height)
    panels, solid = still_street(street_of(scenario), (usual.x, usual.y))
    job.panels(panels)
    job.stands(solid, Pose(0.0, 0.0))
    standing, leafy = cut.standing(), cut.leafy()
    for number, thing in standing.items():
        job.stands(thing.mesh, thing.pose, foliage=number in leafy)
    for index, moment in enumerate(cut.moments):
        if moment.drawn and (only is None or index in only):
            moving = [(thing.mesh, thing.pose) for thing in moment.things if thing.number not in standing]
            job.frame(index, moving, moment.lens, moment.light)
    return job
