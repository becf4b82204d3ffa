"""Pictures that a user brings: the background, and cutouts that stand in the street like billboards.

They come from strangers: header and size are checked before a decoder sees them.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ingest.cameras.picture import MAX_BYTES, decode_picture, picture_size
from ingest.cameras.source import SourceError
from scenarios.language.cast import Actor, ActorKind
from scenarios.language.scenario import Scenario
from scenarios.scene.camera import NEAR_M, Camera, Floats, Image
from scenarios.scene.mesh import Mesh, MeshBuilder
from scenarios.scene.raster import SUPERSAMPLE, Pose, Sprite, cut_sprite

MAX_CUTOUT_PIXELS = 16_000_000
_MARGIN = 0.3  # as sprites of shapes, billboards are drawn this share of the frame beyond its edges
_THICK_M = 0.1


class PictureError(ValueError):
    """A picture named in a scenario that cannot be used; names who wants it, the file and the fix."""


def load_cutouts(scenario: Scenario) -> dict[str, Image]:
    """The pictures (h, w, 4) BGRA of all cutouts by actor. Raises PictureError for the first that is unusable."""
    return {actor.id: _load_cutout(actor) for actor in scenario.actors if actor.kind is ActorKind.CUTOUT}


def _load_cutout(actor: Actor) -> Image:
    who = f"actor {actor.id!r}"
    assert actor.picture is not None  # the language asks it of every cutout
    data = _read(who, actor.picture)
    try:
        width, height = picture_size(data)
    except SourceError as error:
        raise _unusable(who, actor.picture, f"{error.detail}; save it as PNG") from error
    if not 0 < width * height <= MAX_CUTOUT_PIXELS:
        fix = f"{width} x {height} pixels; give 1 to {MAX_CUTOUT_PIXELS}"
        raise _unusable(who, actor.picture, fix)
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise _unusable(who, actor.picture, f"the decoder refused it ({error.err}); save it again") from error
    if picture is None or picture.shape[:2] != (height, width):
        raise _unusable(who, actor.picture, "the decoder refused it; save it again as PNG")
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise _unusable(who, actor.picture, "it has no transparency; cut the object out and save it as RGBA PNG")
    deep = picture.dtype == np.uint16
    cutout = np.asarray(picture // 257 if deep else picture, np.uint8)
    if not (cutout[..., 3] > 127).any():
        raise _unusable(who, actor.picture, "it is wholly transparent; cut the object out and leave it visible")
    return cutout


def load_background(path: Path, width: int, height: int) -> Image:
    """A background (height, width, 3) BGR, resized to the frame. Raises PictureError if it is unusable."""
    who = "scenery.background"
    try:
        picture = decode_picture(_read(who, path))
    except SourceError as error:
        raise _unusable(who, path, f"{error.detail}; give a JPEG or PNG") from error
    shrinks = picture.shape[1] > width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)


def _read(who: str, path: Path) -> bytes:
    try:
        if not path.is_file():
            raise _unusable(who, path, "no such file; paths are relative to the scenario file")
        if (size := path.stat().st_size) > MAX_BYTES:
            raise _unusable(who, path, f"{size} bytes; the limit is {MAX_BYTES}")
        return path.read_bytes()
    except OSError as error:
        raise _unusable(who, path, f"{error.strerror}; give a file that can be read") from error


def _unusable(who: str, path: Path, why: str) -> PictureError:
    return PictureError(f"{who}: picture {path}: {why}")


def billboard_mesh(width_m: float, tall_m: float) -> Mesh:
    """A thin slab of a billboard's size: what decides its order and its shadow."""
    builder = MeshBuilder()
    builder.box((0, 0, 0), (width_m, _THICK_M, tall_m), (128, 128, 128))
    return builder.build()


def facing(camera: Camera, x: float, y: float) -> Pose:
    """The pose of a billboard at a ground point: parallel to the picture, as flat cutouts have to be."""
    return Pose(x, y, camera.yaw + np.pi)


def billboard_sprite(picture: Image, width_m: float, tall_m: float, pose: Pose, camera: Camera) -> Sprite | None:
    """Draws a cutout (h, w, 4) BGRA upright on its foot; None where it is out of the frame or too near."""
    right = np.array([np.cos(camera.yaw), -np.sin(camera.yaw), 0.0]) * width_m / 2
    foot, up = np.array([pose.x, pose.y, pose.z]), np.array([0.0, 0.0, tall_m])
    uv, depth = camera.project(np.stack([foot - right + up, foot + right + up, foot + right, foot - right]))
    low, high = uv.min(axis=0), uv.max(axis=0)
    frame = np.array([camera.width, camera.frame_height])
    if float(depth.min()) < NEAR_M or (high <= 0).any() or (low >= frame).any():
        return None
    left, top = np.floor(np.maximum(low, -frame * _MARGIN)).astype(int).tolist()
    right_px, bottom = np.ceil(np.minimum(high, frame * (1 + _MARGIN))).astype(int).tolist()
    small = _premultiplied(_shrunk(picture, high - low))
    size = ((right_px - left) * SUPERSAMPLE, (bottom - top) * SUPERSAMPLE)
    if 0 in size:
        return None
    tall_px, wide_px = small.shape[:2]
    source = np.array([[0, 0], [wide_px, 0], [wide_px, tall_px], [0, tall_px]], np.float32)
    target = ((uv - (left, top)) * SUPERSAMPLE).astype(np.float32)
    warp = cv2.getPerspectiveTransform(source, target)
    drawn = cv2.warpPerspective(small, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    patch = cv2.resize(drawn, (right_px - left, bottom - top), interpolation=cv2.INTER_AREA)
    return cut_sprite(np.asarray(patch, np.uint8), left, top, camera)


def _shrunk(picture: Image, span_px: Floats) -> Image:
    """The picture no finer than it will be drawn, so that warping it does not skip pixels."""
    height, width = picture.shape[:2]
    factor = min(1.0, SUPERSAMPLE * max(float(span_px[0]) / width, float(span_px[1]) / height))
    if factor > 0.9:
        return picture
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _premultiplied(picture: Image) -> Image:
    alpha = cv2.cvtColor(np.ascontiguousarray(picture[..., 3]), cv2.COLOR_GRAY2BGR)
    colour = cv2.multiply(np.ascontiguousarray(picture[..., :3]), alpha, scale=1 / 255.0)
    return np.dstack([np.asarray(colour, np.uint8), picture[..., 3]])
