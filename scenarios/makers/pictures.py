"""Scenarios as pictures: composed (one frame a look, hours long) or rendered (ten frames a second, full motion)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from scenarios.effects.lens import cover_mask
from scenarios.effects.mounting import shake_offset
from scenarios.language import street as language
from scenarios.language.scenario import Scenario
from scenarios.makers.billboards import load_cutouts
from scenarios.makers.company import Company
from scenarios.makers.development import Development, Exposure
from scenarios.makers.reading_files import write_readings
from scenarios.makers.sets import Sets
from scenarios.scene.camera import Image
from scenarios.scene.compose import Seen
from scenarios.truth import Sample, TrueObject, Truth
from scenarios.video import VideoWriter
from scenarios.world.truths import truth_of
from scenarios.world.weather import Weather
from scenarios.world.world import World

PictureTier = Literal["composed", "rendered"]

RENDERED_FPS = 10.0
TRUTH_FILE = "truth.json"
_MOST_SAMPLES = 200
_LEAST_VISIBLE = 0.02
_EPS = 1e-9


@dataclass(frozen=True)
class Shot:
    """One frame of a camera at second ``t``: ``image`` (H, W, 3) uint8 BGR, None where no frame comes through, and
    what can be seen in it."""

    t: float
    image: Image | None
    seen: tuple[Seen, ...]


def frame_rate(scenario: Scenario, tier: PictureTier) -> float:
    """Frames a second of a tier."""
    return RENDERED_FPS if tier == "rendered" else 1.0 / scenario.look_interval_s


def frame_count(scenario: Scenario, tier: PictureTier) -> int:
    """Frames of one camera, those that do not come through included."""
    return max(1, math.ceil(scenario.duration_s * frame_rate(scenario, tier) - _EPS))


def frames(scenario: Scenario, camera_name: str, tier: PictureTier) -> Iterator[Shot]:
    """Every frame of a camera in order; equal scenarios give equal frames.

    Raises:
        ValueError: The tier is none of the scenario's, there is no such camera, or it plays a recording.
        PictureError: A picture the scenario names cannot be used.
    """
    return CameraPictures(scenario, _camera(scenario, camera_name, tier), tier).shots()


def make_pictures(
    scenario: Scenario,
    tier: PictureTier,
    out_dir: Path,
    progress: Callable[[int, int], None] | None = None,
) -> Truth:
    """Writes ``{camera}.mp4`` for each camera, ``{sensor}.csv`` for each sensor, and then ``truth.json`` into
    ``out_dir``; gives the truth.

    A frame's time in its video is its second in the scenario, so frames that did not come through leave a gap.
    ``progress`` is called with frames done and all frames, over all cameras. Raises as :func:`frames` does, and
    RuntimeError where PyAV has no H.264 encoder.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    rate, count = frame_rate(scenario, tier), frame_count(scenario, tier)
    wanted = set(_sampled(scenario, tier))
    samples: dict[str, tuple[Sample, ...]] = {}
    for index, camera in enumerate(scenario.cameras):
        found: list[Sample] = []
        shots = frames(scenario, camera.name, tier)
        with VideoWriter(out_dir / _video(camera), camera.width, camera.height_px, rate) as writer:
            for number, shot in enumerate(shots):
                if shot.image is not None:
                    writer.write(shot.image, shot.t)
                    if number in wanted:
                        found.append(_sample(shot))
                if progress is not None:
                    progress(index * count + number + 1, len(scenario.cameras) * count)
        samples[camera.name] = tuple(found)
    names = [camera.name for camera in scenario.cameras]
    truth = truth_of(
        scenario,
        tier,
        fps=dict.fromkeys(names, rate),
        videos={camera.name: _video(camera) for camera in scenario.cameras},
        samples=samples,
        readings=write_readings(scenario, out_dir),
    )
    truth.save(out_dir / TRUTH_FILE)
    return truth


class CameraPictures:
    """Draws one camera's frames, ``count`` of them, in order or one by one."""

    def __init__(self, scenario: Scenario, camera: language.Camera, tier: PictureTier) -> None:
        pictures = load_cutouts(scenario)
        self._camera = camera
        self.count = frame_count(scenario, tier)
        self._rate = frame_rate(scenario, tier)
        self._world = World(scenario)
        self._company = Company(scenario, works=tier == "rendered", pictures=pictures)
        self._seed = scenario.seed * 64 + scenario.cameras.index(camera)
        self._sets = Sets(scenario, camera, self._seed)
        self._development = Development(self._sets, self._seed)

    def shots(self) -> Iterator[Shot]:
        """Every frame, those that do not come through without an image."""
        last: Shot | None = None
        for index in range(self.count):
            t, weather = index / self._rate, self.weather(index)
            rng = self._chance(index)
            if weather.offline or rng.random() < weather.frame_drop:
                yield Shot(t, None, ())
                continue
            if weather.frozen_since is None or last is None:
                last = self._shot(t, weather, rng)
            yield replace(last, t=t)

    def weather(self, index: int) -> Weather:
        """What the camera has to cope with at a frame."""
        return self._world.weather(index / self._rate, self._camera.name)

    def shot(self, index: int) -> Shot:
        """What stands before the camera at a frame, drawn also where the stream would not bring it."""
        return self._shot(index / self._rate, self.weather(index), self._chance(index))

    def _chance(self, index: int) -> np.random.Generator:
        # Each frame has a generator of its own: what one frame draws from chance never moves the next.
        return np.random.default_rng((self._seed, 404, index))

    def _shot(self, t: float, weather: Weather, rng: np.random.Generator) -> Shot:
        present = self._world.present(t)
        stage, place = self._sets.stage(weather), self._sets.place(weather)
        stage.cutouts = self._company.cutouts(present)
        frame, seen = stage.draw(self._company.things(present, t, stage.camera))
        offset = shake_offset(weather.shake, self._camera.width, rng) if weather.shake > 0 else (0.0, 0.0)
        moment = Exposure(frame, stage, place, present, weather, t)
        image = self._development.develop(moment, offset, rng)
        return Shot(t, image, tuple(self._in_sight(seen, weather, offset)))

    def _in_sight(self, seen: Sequence[Seen], weather: Weather, offset: tuple[float, float]) -> Iterator[Seen]:
        """What is seen, moved as the frame is and without what a cover hides."""
        width, height = self._camera.width, self._camera.height_px
        mask = cover_mask(height, width, weather.covered, self._seed) if weather.covered > 0 else None
        right, down = offset[0] / width, offset[1] / height
        for one in seen:
            x1, y1, x2, y2 = one.box
            open_share = 1.0
            if mask is not None:
                part = mask[int(y1 * height) : round(y2 * height), int(x1 * width) : round(x2 * width)]
                open_share = 1.0 - float(part.mean()) if part.size else 1.0
            visible = one.visible * open_share
            box = (_within(x1 + right), _within(y1 + down), _within(x2 + right), _within(y2 + down))
            if visible >= _LEAST_VISIBLE and box[0] < box[2] and box[1] < box[3]:
                yield replace(one, box=box, visible=visible)


def _camera(scenario: Scenario, name: str, tier: PictureTier) -> language.Camera:
    if tier not in scenario.tiers:
        raise ValueError(
            f"scenario {scenario.name!r} has the tiers {', '.join(scenario.tiers)}, not {tier!r}; add it or take one"
        )
    camera = next((one for one in scenario.cameras if one.name == name), None)
    if camera is None:
        known = ", ".join(one.name for one in scenario.cameras) or "none"
        raise ValueError(f"scenario {scenario.name!r}: camera {name!r} is none of its cameras ({known})")
    return camera


def _video(camera: language.Camera) -> str:
    return f"{camera.name}.mp4"


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))


def _sampled(scenario: Scenario, tier: PictureTier) -> list[int]:
    """Numbers of the frames whose contents go into the truth: one a second or look, thinned to a bounded number."""
    rate = frame_rate(scenario, tier)
    step = max(1, round(max(1.0, scenario.look_interval_s) * rate))
    numbers = range(0, frame_count(scenario, tier), step)
    if len(numbers) <= _MOST_SAMPLES:
        return list(numbers)
    return [numbers[k * len(numbers) // _MOST_SAMPLES] for k in range(_MOST_SAMPLES)]


def _sample(shot: Shot) -> Sample:
    objects = [
        TrueObject(
            id=one.number,
            kind=one.kind,
            box=(round(one.box[0], 4), round(one.box[1], 4), round(one.box[2], 4), round(one.box[3], 4)),
            visible=round(one.visible, 3),
        )
        for one in sorted(shot.seen, key=lambda one: one.number)
    ]
    return Sample(t=shot.t, objects=tuple(objects))
