"""Contact sheets of scenarios: frames over their whole time with the truth drawn in."""

from __future__ import annotations

import cv2
import numpy as np

from ingest.taxonomy import ObjectClass
from scenarios.contact_sheet import draw_box, sheet
from scenarios.language.scenario import Scenario
from scenarios.language.street import SeenBox
from scenarios.makers.pictures import Shot, frames
from scenarios.scene.camera import Image
from scenarios.truth import Truth, TruthCamera
from scenarios.world.truths import truth_of
from scenarios.world.weather import of_camera, strength

_PROBLEM, _INNOCENT = 3, 1  # colours of draw_box
_ZONE = (0, 255, 255)


def scenario_sheet(scenario: Scenario, camera: str, count: int = 9, columns: int = 3) -> Image:
    """``count`` frames of a camera, evenly over the scenario's time, with zones (yellow), problems (red), innocents
    (blue), what can be seen (thin boxes), time and conditions. Raises ValueError for an unknown camera or one that
    plays a recording, PictureError for pictures that cannot be read.
    """
    truth = truth_of(scenario, scenario.tiers[0])
    told = {one.name: one for one in truth.cameras}
    if camera not in told:
        raise ValueError(f"{scenario.name}: camera {camera!r} is none of {', '.join(told)}")
    # A look every few minutes shows the same moments as a frame of the clip and is drawn in seconds.
    sparse = scenario.model_copy(
        update={"look_interval_s": scenario.duration_s / count, "tiers": (*scenario.tiers, "composed")}
    )
    pictures = [annotated(scenario, truth, told[camera], shot) for shot in frames(sparse, camera, "composed")]
    return sheet(pictures, columns)


def annotated(scenario: Scenario, truth: Truth, camera: TruthCamera, shot: Shot) -> Image:
    """One frame with the truth of its moment drawn in; black where no frame came through."""
    blank = np.zeros((camera.height, camera.width, 3), np.uint8)
    picture = blank if shot.image is None else shot.image.copy()
    for one in shot.seen:
        draw_box(picture, one.box, f"{one.visible:.2f}", list(ObjectClass).index(one.kind))
    for zone in camera.zones:
        corners = np.array(zone.zone.polygon) * (camera.width, camera.height)
        cv2.polylines(picture, [corners.astype(np.int32)], True, _ZONE, 1, cv2.LINE_AA)
    for decoy in truth.decoys:
        _boxes(picture, camera.name, decoy.seen, decoy.id, shot.t, _INNOCENT)
    for problem in truth.problems:
        _boxes(picture, camera.name, problem.seen, problem.id, shot.t, _PROBLEM)
    now = [c for c in of_camera(scenario.conditions, camera.name) if strength(c, shot.t) > 0]
    weather = ", ".join(f"{c.kind} {strength(c, shot.t):.2f}" for c in now)
    text = f"{camera.name} {shot.t:.0f} s {weather}" + ("" if shot.image is not None else " (no frame)")
    cv2.putText(picture, text, (6, 14), cv2.FONT_HERSHEY_PLAIN, 1.0, (255, 255, 255), 1, cv2.LINE_AA)
    return picture


def _boxes(picture: Image, camera: str, seen: tuple[SeenBox, ...], name: str, t: float, colour: int) -> None:
    for one in seen:
        if one.camera == camera and one.from_s <= t and (one.to_s is None or t < one.to_s):
            draw_box(picture, one.box, name, colour)
