"""Clips with known truth: an H.264 file and its truth file, the same for the same seed and view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scenarios.junction import plan_junction
from scenarios.language.scenario import DEFAULT_START
from scenarios.market import plan_market
from scenarios.plan import FPS, Plan, View
from scenarios.scene.camera import Image
from scenarios.scene.compose import Seen, Stage, Thing
from scenarios.scene.grade import Grader, darken_corners, exposed, random_sensor
from scenarios.scene.street import Background, render_background
from scenarios.training_set import FIRST_TRAINING_SEED
from scenarios.truth import Sample, TrueObject, Truth, TruthCamera
from scenarios.video import VideoWriter

_ATTEMPTS = 60
_LEAST_CLEAR = 0.8  # share of a problem that street furniture must leave visible
_PLANNERS: dict[View, Callable[[int, int], Plan | None]] = {"junction": plan_junction, "market": plan_market}


@dataclass(frozen=True)
class Clip:
    """A finished clip: the video, its truth file and the truth."""

    video: Path
    truth_file: Path
    truth: Truth


def plan_clip(seed: int, view: View) -> Plan:
    """Decides all of a clip without drawing it.

    Raises ValueError for a seed of the training set or below zero, and for a view that does not exist.
    """
    if not 0 <= seed < FIRST_TRAINING_SEED:
        raise ValueError(f"seed {seed} must be between 0 and {FIRST_TRAINING_SEED - 1}: higher ones train models")
    if view not in _PLANNERS:
        raise ValueError(f"view {view!r} is none of {', '.join(_PLANNERS)}")
    for attempt in range(_ATTEMPTS):
        plan = _PLANNERS[view](seed, attempt)
        if plan is not None and _problems_clear(plan):
            return plan
    raise RuntimeError(f"no good camera pose for seed {seed}, view {view} in {_ATTEMPTS} attempts")


def things_at(plan: Plan, frame: int) -> list[Thing]:
    """What is there at a frame."""
    return [thing for actor in plan.actors if (thing := actor.at(frame)) is not None]


def _problems_clear(plan: Plan) -> bool:
    """Whether furniture and other still things leave every problem visible when it begins."""
    shape = (plan.camera.frame_height, plan.camera.width)
    blank = Background(np.zeros((*shape, 3), np.uint8), np.zeros(shape, np.uint8))
    stage = Stage(plan.camera, plan.light, blank)
    for problem, number in zip(plan.problems, plan.problem_actors, strict=True):
        frame = min(plan.frames - 1, round(problem.start_s * FPS) + 5)
        _, seen = stage.draw([thing for thing in things_at(plan, frame) if thing.still])
        if not any(one.number == number and one.visible >= _LEAST_CLEAR for one in seen):
            return False
    return True


def _sample(frame: int, seen: list[Seen]) -> Sample:
    objects = [
        TrueObject(
            id=one.number,
            kind=one.kind,
            box=(round(one.box[0], 4), round(one.box[1], 4), round(one.box[2], 4), round(one.box[3], 4)),
            visible=round(one.visible, 3),
        )
        for one in sorted(seen, key=lambda s: s.number)
    ]
    return Sample(t=frame / FPS, objects=tuple(objects))


def truth_of(plan: Plan, samples: tuple[Sample, ...] = (), video: str | None = None) -> Truth:
    """The truth of a plan, with what was seen at each second if the clip has been drawn as ``video``."""
    camera = TruthCamera(
        name=plan.view,
        width=plan.camera.width,
        height=plan.camera.frame_height,
        fps=FPS,
        video=video,
        zones=plan.zones,
        samples=samples,
    )
    return Truth(
        scenario=f"{plan.view}-{plan.seed}",
        seed=plan.seed,
        tier="rendered",
        starts_at=DEFAULT_START,
        duration_s=plan.duration_s,
        cameras=(camera,),
        problems=plan.problems,
        decoys=plan.decoys,
    )


def render(plan: Plan, first: int = 0, last: int | None = None) -> Iterator[tuple[Image, list[Seen]]]:
    """Frames (H, W, 3) BGR of a plan from ``first`` to before ``last`` with what is seen in each."""
    rng = np.random.default_rng((plan.seed, 303))
    background = render_background(plan.street, plan.camera, plan.light)
    sensor = exposed(random_sensor(rng, 0.15), background.picture, rng.uniform(104, 124))
    grader = Grader(sensor)
    dimmed = replace(background, picture=darken_corners(background.picture, sensor.vignette))
    stage = Stage(plan.camera, plan.light, dimmed)
    for frame in range(first, plan.frames if last is None else last):
        picture, seen = stage.draw(things_at(plan, frame))
        yield grader.apply(picture, rng), seen


def make_clip(seed: int, view: View, out_dir: Path, progress: Callable[[int, int], None] | None = None) -> Clip:
    """Draws a clip into ``out_dir`` as ``{view}-{seed}.mp4`` and ``{view}-{seed}.truth.json``.

    640x360, 10 frames a second, 80 to 100 s, a key frame each second. ``progress`` is called with frames done
    and all frames. Raises ValueError for a wrong seed or view, RuntimeError where PyAV has no H.264 encoder.
    """
    plan = plan_clip(seed, view)
    out_dir.mkdir(parents=True, exist_ok=True)
    video, truth_file = out_dir / f"{view}-{seed}.mp4", out_dir / f"{view}-{seed}.truth.json"
    samples: list[Sample] = []
    with VideoWriter(video, plan.camera.width, plan.camera.frame_height, FPS) as writer:
        for frame, (picture, seen) in enumerate(render(plan)):
            writer.write(picture)
            if frame % FPS == 0:
                samples.append(_sample(frame, seen))
            if progress is not None:
                progress(frame + 1, plan.frames)
    truth = truth_of(plan, tuple(samples), video.name)
    truth.save(truth_file)
    return Clip(video, truth_file, truth)
