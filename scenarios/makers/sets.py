"""The sets a camera's pictures are drawn on: its street under each light and in each pose it is knocked into."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

import cv2
import numpy as np

from scenarios.effects.blending import Plane
from scenarios.effects.night import infrared_reach, lamplight
from scenarios.effects.surroundings import Surroundings, surroundings
from scenarios.language import street as language
from scenarios.language.scenario import Scenario
from scenarios.makers.billboards import load_background
from scenarios.makers.stage import SceneStage
from scenarios.makers.streets import daylight, street_lamps, street_of
from scenarios.scene.camera import Camera, Image
from scenarios.scene.grade import Sensor, darken_corners, exposed, random_sensor
from scenarios.scene.street import Background, render_background
from scenarios.world.view import scene_camera
from scenarios.world.weather import Weather

_LIGHTS = 6  # steps of light between a bright and a grey day
_KEPT = 4
_ASKEW_STEP = 0.1  # degrees
_PLAIN = Sensor((1.0, 1.0, 1.0), 1.0, 1.0, 1.0, 0.35, 1.2, 0.0)

Angles = tuple[float, float, float]


@dataclass(frozen=True)
class Place:
    """What a pose alone decides. ``lamplight`` and ``reach`` (H, W) are the light of street lamps and of the
    camera's own infra-red lamps on the empty street."""

    camera: Camera
    around: Surroundings
    lamplight: Plane
    reach: Plane


class Sets:
    """Builds sets when they are first needed and keeps the last few."""

    def __init__(self, scenario: Scenario, camera: language.Camera, seed: int) -> None:
        self._scenario = scenario
        self._camera = camera
        self._street = street_of(scenario)
        self.lamps = street_lamps(scenario)
        self._own = _own_background(scenario, camera)
        self._stages: OrderedDict[tuple[Angles, int], SceneStage] = OrderedDict()
        self._places: OrderedDict[Angles, Place] = OrderedDict()
        usual = self._background(scene_camera(camera), 0)
        rng = np.random.default_rng((seed, 303))
        if self._own is None:
            self.sensor = exposed(random_sensor(rng, 0.15), usual.picture, rng.uniform(104, 124))
        else:
            self.sensor = _PLAIN  # the user's camera has already left its mark

    def stage(self, weather: Weather) -> SceneStage:
        """The stage for a moment's light and pose."""
        key = (_rounded(weather.askew), round(_dullness(weather) * _LIGHTS))
        stage = self._stages.get(key)
        if stage is None:
            lens = scene_camera(self._camera, key[0])
            background = self._background(lens, key[1])
            dimmed = replace(background, picture=darken_corners(background.picture, self.sensor.vignette))
            stage = SceneStage(lens, daylight(self._scenario, key[1] / _LIGHTS), dimmed)
            self._stages[key] = stage
        self._stages.move_to_end(key)
        while len(self._stages) > _KEPT:
            self._stages.popitem(last=False)
        return stage

    def place(self, weather: Weather) -> Place:
        """What the moment's pose alone decides."""
        askew = _rounded(weather.askew)
        place = self._places.get(askew)
        if place is None:
            lens = scene_camera(self._camera, askew)
            around = surroundings(lens, self._street.wall_left, self._street.wall_right)
            shine = lamplight(around.points, self.lamps) * np.where(around.sky, np.float32(0.1), np.float32(1))
            reach = np.where(around.sky, np.float32(0), infrared_reach(around.distance))
            place = Place(lens, around, shine, reach)
            self._places[askew] = place
        self._places.move_to_end(askew)
        while len(self._places) > _KEPT:
            self._places.popitem(last=False)
        return place

    def _background(self, lens: Camera, light: int) -> Background:
        if self._own is None:
            return render_background(self._street, lens, daylight(self._scenario, light / _LIGHTS))
        usual = scene_camera(self._camera)
        plan = self._scenario.scenery
        ground = surroundings(lens, plan.wall_left, plan.wall_right).ground
        return Background(_turned(self._own, usual, lens), ground.astype(np.uint8) * 255)


def _own_background(scenario: Scenario, camera: language.Camera) -> Image | None:
    path = scenario.scenery.background
    return None if path is None else load_background(path, camera.width, camera.height_px)


def _turned(picture: Image, usual: Camera, lens: Camera) -> Image:
    """A still picture as a camera turned on the spot would show it; what it never saw is smeared from the
    edge, for a mirrored edge would show things twice."""
    if usual == lens:
        return picture
    intrinsics = np.array(
        [[lens.focal, 0, lens.width / 2.0], [0, lens.focal, lens.frame_height / 2.0], [0, 0, 1.0]]
    )
    turn = intrinsics @ lens.axes @ usual.axes.T @ np.linalg.inv(intrinsics)
    size = (lens.width, lens.frame_height)
    turned = cv2.warpPerspective(picture, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def _rounded(askew: Angles) -> Angles:
    pan, tilt, roll = (round(round(angle / _ASKEW_STEP) * _ASKEW_STEP, 3) + 0.0 for angle in askew)
    return pan, tilt, roll


def _dullness(weather: Weather) -> float:
    """How much of the sun is gone: behind rain clouds or below the horizon."""
    return min(1.0, max(1.4 * weather.rain, 1.6 * weather.dusk, 1.0 if weather.night_ir > 0 else 0.0))
