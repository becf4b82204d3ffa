"""A scenario as pretty pictures: Blender's frames, then weather, lens and sensor as in all our pictures, the video."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from scenarios.effects.mounting import shake_offset
from scenarios.language.scenario import Scenario
from scenarios.makers.development import Development, Exposure
from scenarios.makers.reading_files import write_readings
from scenarios.makers.sets import Sets
from scenarios.pretty.cut import Cut, Moment, cut_of, job_of, refuse
from scenarios.pretty.job import frame_name
from scenarios.pretty.runner import draw
from scenarios.scene.camera import Image
from scenarios.scene.compose import Seen
from scenarios.scene.grade import Sensor, darken_corners, exposed
from scenarios.truth import Sample, TrueObject, Truth
from scenarios.video import VideoWriter
from scenarios.world.truths import truth_of

TRUTH_FILE = "truth.json"
_GREY = (126.0, 136.0)
_LENS = Sensor((1.0, 1.0, 1.0), gamma=0.97, contrast=1.14, saturation=0.94, blur=0.42, noise=1.8, vignette=0.16)
"""A decent street camera of today; Blender's tone curve already did what a sensor does to bright skies."""


def make_pretty(
    scenario: Scenario,
    out_dir: Path,
    *,
    python: str,
    progress: Callable[[int, int], None] | None = None,
) -> Truth:
    """Draws a scenario into ``out_dir``: ``{camera}.mp4`` with one frame for each look, and ``truth.json``.

    ``python`` is an interpreter that can import ``bpy``. Frames already drawn in ``out_dir`` are kept, so that a run
    that was cut short goes on. Raises ValueError for scenarios that cannot be drawn this way, PrettyError where
    Blender is missing or fails.
    """
    refuse(scenario)
    samples: dict[str, tuple[Sample, ...]] = {}
    videos: dict[str, str] = {}
    for index, camera in enumerate(scenario.cameras):
        seed = scenario.seed * 64 + index
        cut = cut_of(scenario, camera, seed)
        folder = out_dir / f"{camera.name}-frames"
        draw(job_of(scenario, cut).write(folder), python, progress)
        videos[camera.name] = f"{camera.name}.mp4"
        rate = 1 / scenario.look_interval_s
        with VideoWriter(out_dir / videos[camera.name], camera.width, camera.height_px, rate) as writer:
            for moment, picture in developed(scenario, camera.name, cut, folder, seed):
                writer.write(picture, moment.shot.t)
        samples[camera.name] = tuple(_sample(one) for one in cut.moments if one.shot.image is not None)
    truth = truth_of(
        scenario, "rendered", videos=videos, samples=samples, readings=write_readings(scenario, out_dir)
    )
    truth.save(out_dir / TRUTH_FILE)
    return truth


def developed(
    scenario: Scenario, camera: str, cut: Cut, folder: Path, seed: int
) -> Iterator[tuple[Moment, Image]]:
    """The frames as the street camera gives them, date and name burnt in; frozen ones repeat the last."""
    development: Development | None = None
    last: Image | None = None
    for index, moment in enumerate(cut.moments):
        if moment.drawn:
            frame = _drawn(folder / frame_name(index))
            rng = np.random.default_rng((seed, 405, index))
            if development is None:
                _fit_lens(cut.sets, frame, seed)
                development = Development(cut.sets, seed)
            last = _developed(frame, cut.sets, development, moment, rng)
            at = scenario.starts_at + timedelta(seconds=moment.shot.t + moment.weather.clock_off_s)
            last = _stamped(last, at.astimezone(ZoneInfo(scenario.time_zone)), camera)
        if last is not None and moment.shot.image is not None:
            yield moment, last


def _fit_lens(sets: Sets, frame: Image, seed: int) -> None:
    """Gives the camera its white balance, noise and an exposure for its first frame."""
    rng = np.random.default_rng((seed, 406))
    warm = float(rng.normal(0, 0.015))
    lens = replace(_LENS, gain=(1 - warm, 1.0, 1 + warm), noise=float(rng.uniform(1.4, 2.4)))
    sets.sensor = exposed(lens, frame, float(rng.uniform(*_GREY)))


def _developed(
    frame: Image, sets: Sets, development: Development, moment: Moment, rng: np.random.Generator
) -> Image:
    weather, stage = moment.weather, sets.stage(moment.weather)
    stage.draw(list(moment.things))  # the effects ask it where lamps and things are seen
    offset = shake_offset(weather.shake, stage.camera.width, rng) if weather.shake > 0 else (0.0, 0.0)
    dimmed = darken_corners(frame, sets.sensor.vignette)
    exposure = Exposure(dimmed, stage, sets.place(weather), moment.present, weather, moment.shot.t)
    return development.develop(exposure, offset, rng)


def _drawn(path: Path) -> Image:
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"cannot read {path}; delete it and run again")
    return np.asarray(picture, np.uint8)


def _stamped(frame: Image, at: datetime, camera: str) -> Image:
    """Civil time and the camera's name, as most cameras write them into the picture."""
    height, width = frame.shape[:2]
    for words, place in (
        (at.strftime("%Y-%m-%d %H:%M:%S"), (8, 16)),
        (camera.upper(), (width - 9 * len(camera) - 10, height - 8)),
    ):
        for shift, colour in ((1, (20, 20, 20)), (0, (235, 235, 235))):
            where = (place[0] + shift, place[1] + shift)
            cv2.putText(frame, words, where, cv2.FONT_HERSHEY_PLAIN, 0.9, colour, 1, cv2.LINE_AA)
    return frame


def _sample(moment: Moment) -> Sample:
    """What is to be seen; visible shares come from our own renderer, which sees the same outlines."""
    objects = tuple(_object(one) for one in sorted(moment.shot.seen, key=lambda one: one.number))
    return Sample(t=moment.shot.t, objects=objects)


def _object(one: Seen) -> TrueObject:
    left, top, right, bottom = (round(side, 4) for side in one.box)
    return TrueObject(id=one.number, kind=one.kind, box=(left, top, right, bottom), visible=round(one.visible, 3))
