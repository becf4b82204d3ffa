"""The job Blender gets: a scene as arrays and pictures in a folder, described by ``job.json``.

Everything is decided here, so that the same scenario gives the same job, bit by bit. Format ``kerbwatch-pretty/1``.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scenarios.pretty.houses import Panel
from scenarios.pretty.solids import Arrays, leaves, limbs, linear
from scenarios.scene.camera import Camera
from scenarios.scene.light import Light
from scenarios.scene.mesh import Mesh
from scenarios.scene.raster import Pose

SAMPLES = 4
JOB_FILE = "job.json"
_ARRAYS = "shapes.npz"
_WELD_M = 0.0015
_SUN_STRENGTH = 5.2
_MANY_BALLS = 24
_LEAVES_EACH = 9
_LARGE_M, _TALL_M, _EDGE_M = 1.6, 1.2, 0.035
_SMOOTH_DEG = 50.0


@dataclass
class Job:
    """Collects shapes, panels and frames; ``write`` puts them into a folder."""

    width: int
    height: int
    _meshes: dict[str, dict[str, Any]] = field(default_factory=dict)
    _arrays: Arrays = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _panels: list[Panel] = field(default_factory=list)
    _still: list[dict[str, Any]] = field(default_factory=list)
    _frames: list[dict[str, Any]] = field(default_factory=list)

    def panels(self, panels: list[Panel]) -> None:
        """Adds flat pictures."""
        self._panels += panels

    def stands(self, mesh: Mesh, pose: Pose, *, foliage: bool = False) -> None:
        """Adds something that stands there in every frame."""
        self._still.append(self._thing(mesh, pose, foliage=foliage))

    def frame(self, index: int, things: list[tuple[Mesh, Pose]], camera: Camera, light: Light) -> None:
        """Adds the frame of a number: the things that are there besides those that stand, the camera, the light."""
        self._frames.append(
            {
                "picture": frame_name(index),
                "camera": camera_of(camera),
                "light": light_of(light),
                "things": [self._thing(mesh, pose, foliage=False) for mesh, pose in things],
            }
        )

    def write(self, folder: Path) -> Path:
        """Writes arrays, pictures and ``job.json``; gives the latter's path. Pictures of frames already drawn stay
        where the job is still the same, and go where it has changed."""
        folder.mkdir(parents=True, exist_ok=True)
        panels = [self._panel(panel, folder) for panel in self._panels]
        content = {
            "format": "kerbwatch-pretty/1",
            "width": self.width,
            "height": self.height,
            "samples": SAMPLES,
            "view_transform": "AgX",
            "look": "AgX - Medium High Contrast",
            "exposure": 0.45,
            "arrays": _ARRAYS,
            "meshes": self._meshes,
            "panels": panels,
            "still": self._still,
            "frames": self._frames,
        }
        text = json.dumps(content, sort_keys=True)
        path = folder / JOB_FILE
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            for stale in folder.glob("frame-*.png"):
                stale.unlink()
        np.savez(folder / _ARRAYS, **self._arrays)  # type: ignore[arg-type]  # numpy's stub knows no names here
        path.write_text(text, encoding="utf-8")
        return path

    def _thing(self, mesh: Mesh, pose: Pose, *, foliage: bool) -> dict[str, Any]:
        placed = {"x": pose.x, "y": pose.y, "z": pose.z, "heading": pose.heading}
        return {"mesh": self._key(mesh, foliage), **{name: round(float(v), 6) for name, v in placed.items()}}

    def _key(self, mesh: Mesh, foliage: bool) -> str:
        digest = hashlib.sha256()
        for part in (mesh.points, mesh.colours, mesh.capsules, mesh.capsule_colours):
            digest.update(np.ascontiguousarray(part).tobytes())
        name = digest.hexdigest()
        if name not in self._keys:
            key = f"m{len(self._keys):04d}"
            self._keys[name] = key
            self._add(key, mesh, foliage=foliage and len(mesh.capsules) >= _MANY_BALLS)
        return self._keys[name]

    def _add(self, key: str, mesh: Mesh, *, foliage: bool) -> None:
        # Large shapes without limbs are bodies of sheet metal, whose edges are rounded.
        bodywork = len(mesh.capsules) == 0 and max(mesh.reach) > _LARGE_M and mesh.tall > _TALL_M
        arrays = _leafy(mesh) if foliage else solid_of(mesh)
        digest = hashlib.sha256()
        for name, part in arrays.items():
            self._arrays[f"{key}.{name}"] = part
            digest.update(part.tobytes())
        self._meshes[key] = {
            "foliage": foliage,
            "bevel_m": _EDGE_M if bodywork else 0.0,
            "smooth_deg": _SMOOTH_DEG,
            "sha256": digest.hexdigest(),
        }

    def _panel(self, panel: Panel, folder: Path) -> dict[str, Any]:
        digest = hashlib.sha256(np.ascontiguousarray(panel.picture).tobytes()).hexdigest()
        name = f"panel-{digest[:16]}.png"
        if not (folder / name).exists() and not cv2.imwrite(str(folder / name), panel.picture):
            raise OSError(f"cannot write {folder / name}")
        corners = np.round(panel.corners, 6).tolist()
        return {"corners": corners, "picture": name, "ground": panel.ground}


def frame_name(index: int) -> str:
    """File name of a frame's picture."""
    return f"frame-{index:05d}.png"


def camera_of(camera: Camera) -> dict[str, Any]:
    """A camera as Blender takes it: a 4x4 matrix from its frame (x right, y up, looking along -z) to the street."""
    right, down, forward = camera.axes
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([right, -down, -forward])
    matrix[:3, 3] = camera.position
    return {"matrix": matrix.round(9).tolist(), "focal": camera.focal}


def light_of(light: Light) -> dict[str, Any]:
    """Sun and sky in a renderer's units: a clear sky where the sun casts clear shadows, else a plain one."""
    clear = light.shadow >= 0.2 and not light.night
    low = linear(np.array([light.sky_low]))[0, :3]
    height = float(light.to_sun[2])
    warm = max(0.0, min(1.0, (0.5 - height) / 0.4))
    return {
        "clear": clear,
        "to_sun": [round(float(v), 6) for v in light.to_sun],
        "sky": [round(float(v), 6) for v in low],
        "sky_strength": 0.17 if clear else 1.0,
        "sky_saturation": 0.5,
        "sun_strength": round(_SUN_STRENGTH * light.sun / 0.5, 6),
        "sun_angle": math.radians(0.8 if clear else 18.0),
        "sun_colour": [1.0, round(0.95 - 0.25 * warm, 4), round(0.88 - 0.48 * warm, 4)],
    }


def solid_of(mesh: Mesh) -> Arrays:
    """A shape's faces, corners welded, and its limbs as polygons with colour and gloss for each."""
    if len(mesh.points):
        grid = np.round(mesh.points / _WELD_M).astype(np.int64)
        _, first, back = np.unique(grid, axis=0, return_index=True, return_inverse=True)
        points, loops = mesh.points[first], back.reshape(-1)
    else:
        points, loops = np.zeros((0, 3)), np.zeros(0, np.int64)
    starts, colours, gloss = mesh.starts, mesh.colours, mesh.gloss
    if len(mesh.capsules):
        round_points, quads = limbs(mesh.capsules)
        loops = np.concatenate([loops, (quads + len(points)).reshape(-1)])
        points = np.vstack([points, round_points])
        starts = np.concatenate([starts, starts[-1] + 4 * np.arange(1, len(quads) + 1)])
        each = len(quads) // len(mesh.capsules)
        colours = np.vstack([colours, np.repeat(mesh.capsule_colours, each, axis=0)])
        gloss = np.concatenate([gloss, np.full(len(quads), 0.05)])
    return _packed(points, loops, starts, colours, gloss)


def _leafy(mesh: Mesh) -> Arrays:
    """A shape whose balls become leaves; its trunk and box stay solid."""
    balls = np.all(mesh.capsules[:, :3] == mesh.capsules[:, 3:6], axis=1)
    wood = solid_of(_only(mesh, ~balls))
    points, quads = leaves(mesh.capsules[balls], len(mesh.capsules), _LEAVES_EACH)
    tones = np.random.default_rng((len(mesh.capsules), 506)).uniform(0.95, 1.6, (len(quads), 1))
    colours = np.repeat(mesh.capsule_colours[balls], _LEAVES_EACH, axis=0) * tones
    return {
        "points": np.vstack([wood["points"], points.astype(np.float32)]),
        "loops": np.concatenate([wood["loops"], (quads + len(wood["points"])).reshape(-1).astype(np.int32)]),
        "starts": np.concatenate(
            [wood["starts"], wood["starts"][-1] + 4 * np.arange(1, len(quads) + 1, dtype=np.int32)]
        ),
        "colours": np.vstack([wood["colours"], linear(colours).astype(np.float32)]),
        "gloss": np.concatenate([wood["gloss"], np.zeros(len(quads), np.float32)]),
    }


def _only(mesh: Mesh, kept: np.ndarray[Any, Any]) -> Mesh:
    return replace(mesh, capsules=mesh.capsules[kept], capsule_colours=mesh.capsule_colours[kept])


def _packed(points: Any, loops: Any, starts: Any, colours: Any, gloss: Any) -> Arrays:
    return {
        "points": np.asarray(points, np.float32),
        "loops": np.asarray(loops, np.int32),
        "starts": np.asarray(starts, np.int32),
        "colours": linear(colours).astype(np.float32),
        "gloss": np.asarray(gloss, np.float32),
    }
