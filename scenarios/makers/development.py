"""From the drawn street to the camera's picture: light, weather, lens, mounting and sensor, in the light's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from scenarios.effects.headlights import Beam, beam_pool, headlit
from scenarios.effects.lens import covered, defocused, dirty
from scenarios.effects.mounting import shifted
from scenarios.effects.night import darkened, glowing, infrared, infrared_reach, lamplight
from scenarios.effects.rain import rained
from scenarios.effects.shadows import shaded, shadow_mask
from scenarios.makers.company import street_lights, with_lights_on
from scenarios.makers.sets import Place, Sets
from scenarios.makers.stage import SceneStage
from scenarios.scene.camera import Image
from scenarios.scene.compose import Thing
from scenarios.scene.grade import Grader
from scenarios.world.presence import Presence
from scenarios.world.weather import Weather

_DROPS_STAY_S = 20.0
_NOISE_STEPS = 4
_NIGHT_NOISE = 1.5  # how much more a sensor rushes in the dark
_TILE = 960  # the grader's noise covers no larger frames


@dataclass(frozen=True)
class Exposure:
    """One moment to develop: what was drawn (H, W, 3), on which stage and place, with whom, in what weather."""

    frame: Image
    stage: SceneStage
    place: Place
    present: Sequence[Presence]
    weather: Weather
    t: float


class Development:
    """Develops one camera's pictures; ``seed`` decides the dirt, drops and cover of its lens."""

    def __init__(self, sets: Sets, seed: int) -> None:
        self._sets = sets
        self._seed = seed
        self._graders: dict[int, Grader] = {}

    def develop(self, moment: Exposure, offset: tuple[float, float], rng: np.random.Generator) -> Image:
        """The camera's picture (H, W, 3) BGR; ``offset`` is how far (right, down) in pixels shaking moved it."""
        weather = moment.weather
        frame = self._lit(moment)
        if weather.rain > 0:
            drops = (self._seed, int(moment.t // _DROPS_STAY_S))
            frame = rained(frame, weather.rain, moment.place.around, drops, rng)
        frame = defocused(frame, weather.defocus)
        frame = dirty(frame, weather.dirty, self._seed)
        frame = covered(frame, weather.covered, self._seed)
        frame = shifted(frame, offset)
        frame = self._graded(frame, _darkness(weather), rng)
        return _grey(frame) if weather.night_ir > 0 else frame

    def _lit(self, moment: Exposure) -> Image:
        """The street in the light of sun, street lamps, infra-red lamps and headlights."""
        frame, weather, stage, place = moment.frame, moment.weather, moment.stage, moment.place
        if weather.shadows:
            falls = place.around.ground | (stage.ids > 0)
            for shadow in weather.shadows:
                mask = shadow_mask(place.camera, np.array(shadow.ground, np.float64))
                frame = shaded(frame, shadow.amount, mask, falls)
        by_day = frame
        if weather.dusk > 0:
            frame = darkened(frame, weather.dusk, stage.relit(place.lamplight, self._lamplight_on))
        if weather.night_ir > 0:
            by_day = _grey(by_day)
            # The infra-red filter comes off because it is dark: what is left of the day counts for little.
            reach = stage.relit(place.reach, lambda things: _reach_to(things, place))
            frame = infrared(by_day, weather.night_ir, reach)
        return self._with_lamps(frame, by_day, moment)

    def _with_lamps(self, frame: Image, by_day: Image, moment: Exposure) -> Image:
        weather, stage = moment.weather, moment.stage
        darkness = _darkness(weather)
        vehicles = with_lights_on(moment.present)
        glow = float(np.clip((darkness - 0.35) / 0.4, 0, 1))
        if glow > 0:
            frame = glowing(frame, stage.lamps(vehicles | street_lights(moment.present)), glow)
        if weather.headlights > 0:
            pool = beam_pool(moment.place.camera, _beams(stage, vehicles))
            glares = stage.glares(vehicles)
            frame = headlit(frame, by_day, weather.headlights, darkness, pool, glares)
        return frame

    def _lamplight_on(self, things: list[Thing]) -> list[float]:
        """The light of street lamps on each thing, taken a metre up."""
        at = [(one.pose.x, one.pose.y, min(1.0, one.mesh.tall)) for one in things]
        return [float(value) for value in lamplight(np.array(at, np.float32).reshape(-1, 3), self._sets.lamps)]

    def _graded(self, frame: Image, darkness: float, rng: np.random.Generator) -> Image:
        step = round(darkness * _NOISE_STEPS)
        if step not in self._graders:
            noise = self._sets.sensor.noise * (1 + _NIGHT_NOISE * step / _NOISE_STEPS)
            self._graders[step] = Grader(replace(self._sets.sensor, noise=noise))
        grader = self._graders[step]
        height, width = frame.shape[:2]
        if max(height, width) <= _TILE:
            return grader.apply(frame, rng)
        result = np.empty_like(frame)
        for y in range(0, height, _TILE):
            for x in range(0, width, _TILE):
                tile = np.ascontiguousarray(frame[y : y + _TILE, x : x + _TILE])
                result[y : y + _TILE, x : x + _TILE] = grader.apply(tile, rng)
        return result


def _darkness(weather: Weather) -> float:
    """How little light there is, 0..1: an infra-red camera says that it is night."""
    return max(weather.dusk, 1.0 if weather.night_ir > 0 else 0.0)


def _reach_to(things: list[Thing], place: Place) -> list[float]:
    """How much of the camera's own light comes back from each thing, taken at half its height."""
    at = np.array([(one.pose.x, one.pose.y, one.mesh.tall / 2) for one in things]).reshape(-1, 3)
    away = np.linalg.norm(at - place.camera.position, axis=1)
    return [float(value) for value in infrared_reach(np.asarray(away, np.float32))]


def _beams(stage: SceneStage, vehicles: frozenset[int]) -> list[Beam]:
    found: list[Beam] = []
    for thing, _ in stage.drawn:
        if thing.number in vehicles:
            half_width, half_length = thing.mesh.reach
            x = thing.pose.x + float(np.sin(thing.pose.heading)) * half_length
            y = thing.pose.y + float(np.cos(thing.pose.heading)) * half_length
            found.append(Beam(x, y, thing.pose.heading, 2 * half_width))
    return found


def _grey(frame: Image) -> Image:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
