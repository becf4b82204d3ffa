"""Contact sheets: truth drawn onto pictures, many to a sheet, for people to look at."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ingest.taxonomy import ObjectClass
from scenarios.clips import plan_clip, render
from scenarios.plan import FPS, View
from scenarios.scene.camera import Image

_COLOURS = ((80, 220, 80), (255, 160, 40), (220, 80, 220), (40, 60, 255), (40, 220, 255))


def draw_box(picture: Image, box: tuple[float, float, float, float], text: str, colour: int) -> None:
    """Draws a box given in fractions of the frame, with a caption, onto ``picture``."""
    height, width = picture.shape[:2]
    a = (int(box[0] * width), int(box[1] * height))
    b = (int(box[2] * width), int(box[3] * height))
    tint = _COLOURS[colour % len(_COLOURS)]
    cv2.rectangle(picture, a, b, tint, 1)
    cv2.putText(picture, text, (a[0], max(8, a[1] - 2)), cv2.FONT_HERSHEY_PLAIN, 0.7, tint, 1, cv2.LINE_AA)


def sheet(pictures: list[Image], columns: int) -> Image:
    """Pictures of one size side by side, ``columns`` to a row; missing ones stay black."""
    rows = -(-len(pictures) // columns)
    height, width = pictures[0].shape[:2]
    out = np.zeros((rows * height, columns * width, 3), np.uint8)
    for k, picture in enumerate(pictures):
        y, x = divmod(k, columns)
        out[y * height : (y + 1) * height, x * width : (x + 1) * width] = picture
    return out


def training_sheet(folder: Path, count: int, columns: int = 4, first: int = 0) -> Image:
    """The first ``count`` pictures of a training set with their labels drawn in."""
    pictures: list[Image] = []
    for path in sorted((folder / "images").glob("*.jpg"))[first : first + count]:
        picture = cv2.imread(str(path))
        if picture is None:
            raise ValueError(f"cannot read the picture {path}")
        frame = np.asarray(picture, np.uint8)
        text = (folder / "labels" / f"{path.stem}.txt").read_text(encoding="utf-8")
        for line in text.splitlines():
            kind, x, y, w, h = line.split()
            cx, cy, bw, bh = float(x), float(y), float(w), float(h)
            draw_box(frame, (cx - bw / 2, cy - bh / 2, cx + bw / 2, cy + bh / 2), "", int(kind))
        pictures.append(frame)
    if not pictures:
        raise ValueError(f"no pictures below {folder / 'images'}")
    return sheet(pictures, columns)


def clip_sheet(seed: int, view: View, seconds: list[float], columns: int = 3) -> Image:
    """Frames of a clip at some seconds with zones, problems and everything that is seen drawn in."""
    plan = plan_clip(seed, view)
    pictures: list[Image] = []
    for second in seconds:
        number = min(plan.frames - 1, round(second * FPS))
        picture, seen = next(render(plan, number, number + 1))
        for one in seen:
            draw_box(picture, one.box, f"{one.visible:.2f}", list(ObjectClass).index(one.kind))
        for zone in plan.zones:
            corners = np.array(zone.zone.polygon) * (plan.camera.width, plan.camera.frame_height)
            cv2.polylines(picture, [corners.astype(np.int32)], True, (0, 255, 255), 1, cv2.LINE_AA)
        for problem in plan.problems:
            if problem.start_s <= second and (problem.end_s is None or second < problem.end_s):
                draw_box(picture, problem.seen[0].box, problem.id, 3)
        cv2.putText(
            picture, f"{view} {seed} {second:.0f} s", (6, 14), cv2.FONT_HERSHEY_PLAIN, 1.0, (255, 255, 255), 1
        )
        pictures.append(picture)
    return sheet(pictures, columns)
