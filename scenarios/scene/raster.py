"""Draws one object into a sprite: a small picture with coverage, painted from back to front.

Sprites are drawn at ``SUPERSAMPLE`` times the size and averaged down, so that edges are smooth and faces meet
without seams.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from scenarios.scene.camera import NEAR_M, Camera, Floats, Image
from scenarios.scene.light import Light
from scenarios.scene.mesh import Mesh
from scenarios.scene.textures import grain

SUPERSAMPLE = 2
_MARGIN = 0.3  # sprites are drawn this share of the frame beyond its edges, to know how much is cut off
_SHIFT = 3
_ARC = np.linspace(0, np.pi, 6)


@dataclass(frozen=True)
class Pose:
    """Where an object stands: ground position in metres, heading in radians (0 = +y, turning to +x)."""

    x: float
    y: float
    heading: float = 0.0
    z: float = 0.0

    def place(self, points: Floats) -> Floats:
        """Object points (N, 3) to world points (N, 3)."""
        result: Floats = self.turn(points) + np.array([self.x, self.y, self.z])
        return result

    def turn(self, vectors: Floats) -> Floats:
        """Object directions (N, 3) to world directions (N, 3)."""
        sin, cos = np.sin(self.heading), np.cos(self.heading)
        result: Floats = vectors @ np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        return result


@dataclass(frozen=True)
class Sprite:
    """A drawn object: premultiplied BGR (h, w, 3), coverage (h, w) and its place in the frame.

    ``inverse`` (h, w, 3) is 255 minus coverage. ``full_px`` counts the object's pixels inside and outside the
    frame as if nothing stood before it, ``mask`` (h, w) marks those inside.
    """

    colour: Image
    inverse: Image
    mask: np.ndarray
    left: int
    top: int
    full_px: int

    @property
    def rect(self) -> tuple[int, int, int, int]:
        """left, top, right, bottom in pixels, right and bottom exclusive."""
        height, width = self.mask.shape
        return self.left, self.top, self.left + width, self.top + height


def _capsule_outlines(ends: Floats, radii: Floats) -> Floats:
    """Outlines (C, 12, 2) of limbs in the picture, two half circles joined; ends (C, 2, 2), radii (C, 2)."""
    along = ends[:, 1] - ends[:, 0]
    angles = np.arctan2(along[:, 1], along[:, 0])[:, None] + np.pi / 2 + _ARC
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=2)
    near = circle * radii[:, :1, None] + ends[:, :1]
    far = -circle * radii[:, 1:, None] + ends[:, 1:]
    return np.concatenate([near, far], axis=1)


class _Shape(NamedTuple):
    """One polygon in the picture: corners (N, 2) in pixels and its BGR colour."""

    outline: Floats
    colour: list[float]


def _shapes(mesh: Mesh, pose: Pose, camera: Camera, light: Light) -> list[_Shape]:
    """The polygons of an object in drawing order; empty where any part is too close to the camera."""
    faces = len(mesh.normals)
    limbs = len(mesh.capsules)
    ends = mesh.capsules[:, :6].reshape(-1, 3)
    stacked = np.vstack([mesh.points, mesh.anchors, ends])
    world = pose.place(stacked)
    uv, depth = camera.project(world)
    if len(depth) and float(depth.min()) < NEAR_M:
        return []
    split = len(mesh.points)
    anchors = world[split : split + faces]
    end_uv, end_depth = uv[split + faces :].reshape(limbs, 2, 2), depth[split + faces :].reshape(limbs, 2)
    to_eye = camera.position - anchors
    to_eye /= np.linalg.norm(to_eye, axis=1, keepdims=True)
    normals = pose.turn(mesh.normals)
    towards = camera.position - world[mesh.starts[:-1]] if faces else np.zeros((0, 3))
    facing = np.einsum("ij,ij->i", normals, towards)
    away = facing < 0
    shown = ~away | mesh.two_sided
    normals[away & mesh.two_sided] *= -1
    colours = light.shade(normals, to_eye, mesh.colours, mesh.gloss)
    face_far = np.linalg.norm(anchors - camera.position, axis=1)
    far = np.concatenate([face_far, end_depth.mean(axis=1)]) if limbs else face_far
    order = np.lexsort((np.arange(faces + limbs), -far, mesh.layers))
    starts = mesh.starts.tolist()
    paints = colours.tolist()
    round_shapes = _limb_shapes(mesh, camera, light, end_uv, end_depth) if limbs else []
    shapes: list[_Shape] = []
    for index in order.tolist():
        if index >= faces:
            shapes.extend(round_shapes[index - faces])
        elif shown[index]:
            shapes.append(_Shape(uv[starts[index] : starts[index + 1]], paints[index]))
    return shapes


def _limb_shapes(
    mesh: Mesh, camera: Camera, light: Light, ends: Floats, depth: Floats
) -> list[tuple[_Shape, ...]]:
    """Each limb's polygons: the whole in the shaded colour, then its lit side."""
    radii = mesh.capsules[:, 6:] * camera.focal / depth
    dark, bright = _limb_light(light)
    shaded = np.minimum(mesh.capsule_colours * dark, 255).tolist()
    lit = np.minimum(mesh.capsule_colours * bright, 255).tolist()
    outer = _capsule_outlines(ends, radii)
    inner = _capsule_outlines(ends + _lit_side(camera, light) * radii[:, :, None] * 0.3, radii * 0.66)
    big = (radii.sum(axis=1) > 1.6).tolist()
    return [
        (_Shape(outer[k], shaded[k]), _Shape(inner[k], lit[k])) if big[k] else (_Shape(outer[k], shaded[k]),)
        for k in range(len(radii))
    ]


def _limb_light(light: Light) -> tuple[float, float]:
    """Factors for the dark and the bright side of round things."""
    return light.ambient * 0.82, light.ambient * 0.95 + light.sun * 0.75


def _lit_side(camera: Camera, light: Light) -> Floats:
    """Direction in the picture from which light falls, length up to 1."""
    side: Floats = (camera.axes @ light.to_sun)[:2]
    return side


def draw_sprite(mesh: Mesh, pose: Pose, camera: Camera, light: Light, rough: float = 0.05) -> Sprite | None:
    """Draws an object; None when nothing of it falls into the frame or it is too close to the camera.

    ``rough`` is the strength of the surface grain, a factor of the colour.
    """
    shapes = _shapes(mesh, pose, camera, light)
    if not shapes:
        return None
    cloud = np.concatenate([s.outline for s in shapes])
    low, high = cloud.min(axis=0), cloud.max(axis=0)
    if high[0] <= 0 or high[1] <= 0 or low[0] >= camera.width or low[1] >= camera.frame_height:
        return None
    pad_u, pad_v = camera.width * _MARGIN, camera.frame_height * _MARGIN
    left, top = int(np.floor(max(low[0], -pad_u))) - 1, int(np.floor(max(low[1], -pad_v))) - 1
    right = int(np.ceil(min(high[0], camera.width + pad_u))) + 1
    bottom = int(np.ceil(min(high[1], camera.frame_height + pad_v))) + 1
    factor = SUPERSAMPLE
    canvas = np.zeros(((bottom - top) * factor, (right - left) * factor, 4), np.uint8)
    scale = factor * (1 << _SHIFT)
    corners = ((cloud - (left, top)) * scale).astype(np.int32)
    begin = 0
    for outline, colour in shapes:
        end = begin + len(outline)
        cv2.fillConvexPoly(canvas, corners[begin:end], (*colour, 255.0), cv2.LINE_8, _SHIFT)
        begin = end
    if rough > 0:
        speckle = grain(canvas.shape[0], canvas.shape[1], rough)
        cv2.multiply(canvas, speckle, canvas, 1 / 128.0)
    small = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    return cut_sprite(np.asarray(small, dtype=np.uint8), left, top, camera)


def cut_sprite(picture: Image, left: int, top: int, camera: Camera) -> Sprite | None:
    """Cuts a drawn patch (h, w, 4), premultiplied BGRA, to the frame; None where nothing of it is left."""
    full = int(np.count_nonzero(picture[..., 3] > 127))
    x0, y0 = max(0, -left), max(0, -top)
    x1 = min(picture.shape[1], camera.width - left)
    y1 = min(picture.shape[0], camera.frame_height - top)
    if x1 <= x0 or y1 <= y0 or full == 0:
        return None
    cut = picture[y0:y1, x0:x1]
    alpha = np.ascontiguousarray(cut[..., 3])
    inverse = cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2BGR)
    return Sprite(
        colour=np.ascontiguousarray(cut[..., :3]),
        inverse=np.asarray(inverse, dtype=np.uint8),
        mask=alpha > 127,
        left=left + x0,
        top=top + y0,
        full_px=full,
    )


def blit(frame: Image, ids: np.ndarray, sprite: Sprite, number: int) -> None:
    """Puts a sprite over the frame (H, W, 3) and its number into the id buffer (H, W)."""
    x0, y0, x1, y1 = sprite.rect
    part = frame[y0:y1, x0:x1]
    covered = cv2.multiply(part, sprite.inverse, scale=1 / 255.0)
    cv2.add(covered, sprite.colour, part)
    ids[y0:y1, x0:x1][sprite.mask] = number
