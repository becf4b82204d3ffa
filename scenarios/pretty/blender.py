"""Draws a job with Blender's Cycles; a program of its own: ``python -m scenarios.pretty.blender JOB.json``.

Reads the job (``scenarios.pretty.job``) and writes one PNG for each frame that is not there yet. Says
``kerbwatch-frame DONE OF`` on standard output after each. This module alone imports ``bpy``.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

# Neither has types, and no other environment of ours has them installed.
bpy: Any = importlib.import_module("bpy")
mathutils: Any = importlib.import_module("mathutils")

_FULL_TURN = 2 * math.pi


class Scene:
    """The street of a job in Blender: what stands still is built once, what moves for each frame."""

    def __init__(self, job: dict[str, Any], folder: Path) -> None:
        self._job = job
        self._folder = folder
        self._arrays = np.load(folder / job["arrays"])
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self._scene = bpy.context.scene
        self._solid = _solid_material()
        self._leaf = _leaf_material()
        self._meshes: dict[str, Any] = {}
        self._moving: list[Any] = []
        self._settings()
        self._lit_by: dict[str, Any] | None = None
        for panel in job["panels"]:
            self._panel(panel)
        for thing in job["still"]:
            self._place(thing)

    def draw(self, frame: dict[str, Any], to: Path) -> None:
        """Render one frame into a PNG file."""
        for thing in self._moving:
            bpy.data.objects.remove(thing)
        self._moving = [self._place(thing) for thing in frame["things"]]
        self._camera(frame["camera"])
        self._light(frame["light"])
        part = to.with_name(f"part-{to.name}")
        self._scene.render.filepath = str(part)
        bpy.ops.render.render(write_still=True)
        part.replace(to)

    def _settings(self) -> None:
        scene, job = self._scene, self._job
        scene.render.engine = "CYCLES"
        scene.cycles.device = "CPU"
        scene.cycles.samples = job["samples"]
        scene.cycles.use_adaptive_sampling = False
        scene.cycles.use_denoising = True
        scene.cycles.denoiser = "OPENIMAGEDENOISE"
        # The careful filter takes as long as the picture itself and shows no difference after the lens and the codec.
        scene.cycles.denoising_prefilter, scene.cycles.denoising_quality = "FAST", "BALANCED"
        scene.cycles.max_bounces = 4
        scene.cycles.diffuse_bounces = 2
        scene.cycles.glossy_bounces = 2
        scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
        scene.cycles.sample_clamp_indirect = 4.0
        scene.cycles.seed = 1  # the same noise in each frame: what stands still looks still
        scene.render.use_persistent_data = True
        scene.render.resolution_x, scene.render.resolution_y = job["width"], job["height"]
        scene.render.resolution_percentage = 100
        scene.render.image_settings.file_format = "PNG"
        scene.render.image_settings.color_mode = "RGB"
        scene.view_settings.view_transform = job["view_transform"]
        scene.view_settings.look = job["look"]
        scene.view_settings.exposure = job["exposure"]

    def _light(self, light: dict[str, Any]) -> None:
        if light == self._lit_by:
            return
        self._lit_by = light
        world = bpy.data.worlds.new("sky")
        self._scene.world = world
        world.use_nodes = True
        nodes, links = world.node_tree.nodes, world.node_tree.links
        background = nodes["Background"]
        direction = mathutils.Vector(light["to_sun"])
        if light["clear"]:
            sky = nodes.new("ShaderNodeTexSky")
            sky.sky_type = "MULTIPLE_SCATTERING"
            sky.sun_disc = False
            sky.sun_elevation = math.asin(max(-1.0, min(1.0, direction.z)))
            sky.sun_rotation = math.atan2(direction.x, direction.y) % _FULL_TURN
            sky.aerosol_density = 3.0
            # A street camera balances its white for the ground in shade: a sky half as blue as it is.
            grey = nodes.new("ShaderNodeHueSaturation")
            grey.inputs["Saturation"].default_value = light["sky_saturation"]
            links.new(sky.outputs["Color"], grey.inputs["Color"])
            links.new(grey.outputs["Color"], background.inputs["Color"])
        else:
            background.inputs["Color"].default_value = (*light["sky"], 1.0)
        background.inputs["Strength"].default_value = light["sky_strength"]
        self._sun(direction, light)

    def _sun(self, direction: Any, light: dict[str, Any]) -> None:
        before = bpy.data.objects.get("sun")
        if before is not None:
            bpy.data.objects.remove(before)
        lamp = bpy.data.lights.new("sun", "SUN")
        lamp.energy, lamp.angle, lamp.color = light["sun_strength"], light["sun_angle"], light["sun_colour"]
        sun = bpy.data.objects.new("sun", lamp)
        sun.rotation_euler = direction.to_track_quat("Z", "Y").to_euler()
        self._scene.collection.objects.link(sun)

    def _camera(self, camera: dict[str, Any]) -> None:
        if self._scene.camera is None:
            data = bpy.data.cameras.new("camera")
            self._scene.camera = bpy.data.objects.new("camera", data)
            self._scene.collection.objects.link(self._scene.camera)
        thing = self._scene.camera
        thing.matrix_world = mathutils.Matrix(camera["matrix"])
        data = thing.data
        data.sensor_fit, data.sensor_width = "HORIZONTAL", 36.0
        data.lens = camera["focal"] * 36.0 / self._job["width"]
        data.clip_start, data.clip_end = 0.1, 1000.0

    def _place(self, thing: dict[str, Any]) -> Any:
        key = thing["mesh"]
        if key not in self._meshes:
            self._meshes[key] = self._mesh(key)
        placed = bpy.data.objects.new(key, self._meshes[key])
        placed.location = (thing["x"], thing["y"], thing["z"])
        placed.rotation_euler = (0.0, 0.0, -thing["heading"])
        if self._job["meshes"][key]["bevel_m"]:
            bevel = placed.modifiers.new("edges", "BEVEL")
            bevel.width, bevel.segments = self._job["meshes"][key]["bevel_m"], 3
            bevel.limit_method, bevel.angle_limit = "ANGLE", math.radians(22)
            bevel.use_clamp_overlap = True
        self._scene.collection.objects.link(placed)
        return placed

    def _mesh(self, key: str) -> Any:
        arrays = {
            part: self._arrays[f"{key}.{part}"] for part in ("points", "loops", "starts", "colours", "gloss")
        }
        mesh = bpy.data.meshes.new(key)
        points, loops, starts = arrays["points"], arrays["loops"], arrays["starts"]
        mesh.vertices.add(len(points))
        mesh.vertices.foreach_set("co", np.ascontiguousarray(points, np.float32).ravel())
        mesh.loops.add(len(loops))
        mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(loops, np.int32))
        mesh.polygons.add(len(starts) - 1)
        mesh.polygons.foreach_set("loop_start", np.ascontiguousarray(starts[:-1], np.int32))
        mesh.update(calc_edges=True)
        colour = mesh.attributes.new("colour", "FLOAT_COLOR", "FACE")
        colour.data.foreach_set("color", np.ascontiguousarray(arrays["colours"], np.float32).ravel())
        gloss = mesh.attributes.new("gloss", "FLOAT", "FACE")
        gloss.data.foreach_set("value", np.ascontiguousarray(arrays["gloss"], np.float32))
        mesh.materials.append(self._leaf if self._job["meshes"][key]["foliage"] else self._solid)
        mesh.validate()
        mesh.shade_smooth()
        mesh.set_sharp_from_angle(angle=math.radians(self._job["meshes"][key]["smooth_deg"]))
        return mesh

    def _panel(self, panel: dict[str, Any]) -> None:
        mesh = bpy.data.meshes.new("panel")
        mesh.from_pydata([tuple(corner) for corner in panel["corners"]], [], [(0, 1, 2, 3)])
        layer = mesh.uv_layers.new(name="uv")
        # Corners run from the picture's lower left round by its lower right.
        for loop, uv in zip(layer.data, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
            loop.uv = uv
        image = bpy.data.images.load(str(self._folder / panel["picture"]), check_existing=True)
        mesh.materials.append(_panel_material(image, panel["ground"]))
        self._scene.collection.objects.link(bpy.data.objects.new("panel", mesh))


def _principled(name: str) -> tuple[Any, Any, Any]:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    return material, tree, tree.nodes["Principled BSDF"]


def _map(tree: Any, value: Any, low: float, high: float) -> Any:
    node = tree.nodes.new("ShaderNodeMapRange")
    node.inputs["To Min"].default_value, node.inputs["To Max"].default_value = low, high
    tree.links.new(value, node.inputs["Value"])
    return node.outputs["Result"]


def _noise(tree: Any, scale: float, detail: float, space: str = "Object") -> Any:
    where = tree.nodes.new("ShaderNodeTexCoord")
    node = tree.nodes.new("ShaderNodeTexNoise")
    node.inputs["Scale"].default_value, node.inputs["Detail"].default_value = scale, detail
    tree.links.new(where.outputs[space], node.inputs["Vector"])
    return node.outputs["Fac"]


def _times(tree: Any, colour: Any, factor: Any) -> Any:
    node = tree.nodes.new("ShaderNodeVectorMath")
    node.operation = "SCALE"
    tree.links.new(colour, node.inputs[0])
    tree.links.new(factor, node.inputs["Scale"])
    return node.outputs["Vector"]


def _bump(tree: Any, shader: Any, height: Any, strength: float, distance: float) -> None:
    node = tree.nodes.new("ShaderNodeBump")
    node.inputs["Strength"].default_value, node.inputs["Distance"].default_value = strength, distance
    tree.links.new(height, node.inputs["Height"])
    tree.links.new(node.outputs["Normal"], shader.inputs["Normal"])


def _solid_material() -> Any:
    """Colour and gloss from the faces; dull things are a little uneven, shiny ones have a clear coat."""
    material, tree, shader = _principled("solid")
    colour, gloss = tree.nodes.new("ShaderNodeAttribute"), tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name, gloss.attribute_name = "colour", "gloss"
    dirt = _map(tree, _noise(tree, 3.0, 6.0), 0.72, 1.15)
    tree.links.new(_times(tree, colour.outputs["Color"], dirt), shader.inputs["Base Color"])
    tree.links.new(_map(tree, gloss.outputs["Fac"], 0.85, 0.08), shader.inputs["Roughness"])
    tree.links.new(_map(tree, gloss.outputs["Fac"], 0.0, 0.9), shader.inputs["Coat Weight"])
    shader.inputs["Coat Roughness"].default_value = 0.06
    _bump(tree, shader, _noise(tree, 40.0, 3.0), 0.06, 0.02)
    return material


def _leaf_material() -> Any:
    material, tree, shader = _principled("leaf")
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = "colour"
    through = tree.nodes.new("ShaderNodeBsdfTranslucent")
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.inputs["Fac"].default_value = 0.35
    shader.inputs["Roughness"].default_value = 0.6
    tree.links.new(colour.outputs["Color"], shader.inputs["Base Color"])
    tree.links.new(colour.outputs["Color"], through.inputs["Color"])
    tree.links.new(shader.outputs["BSDF"], mix.inputs[1])
    tree.links.new(through.outputs["BSDF"], mix.inputs[2])
    tree.links.new(mix.outputs["Shader"], tree.nodes["Material Output"].inputs["Surface"])
    return material


def _panel_material(image: Any, ground: bool) -> Any:
    """A picture on a flat panel; on the ground with grains finer than the picture has."""
    material, tree, shader = _principled("panel")
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image, texture.extension = image, "EXTEND"
    shader.inputs["Roughness"].default_value = 0.9 if ground else 0.7
    if ground:
        grain = _map(tree, _noise(tree, 55.0, 4.0), 0.70, 1.30)
        stain = _map(tree, _noise(tree, 0.6, 5.0), 0.78, 1.18)
        coloured = _times(tree, _times(tree, texture.outputs["Color"], grain), stain)
        tree.links.new(coloured, shader.inputs["Base Color"])
        tree.links.new(_map(tree, _noise(tree, 1.1, 4.0), 0.6, 1.0), shader.inputs["Roughness"])
        _bump(tree, shader, _noise(tree, 70.0, 3.0), 0.25, 0.02)
    else:
        tree.links.new(texture.outputs["Color"], shader.inputs["Base Color"])
    return material


def main(path: Path) -> None:
    """Draw all frames of a job that are not there yet."""
    job = json.loads(path.read_text(encoding="utf-8"))
    scene = Scene(job, path.parent)
    frames = job["frames"]
    for done, frame in enumerate(frames, start=1):
        picture = path.parent / frame["picture"]
        if not picture.exists():
            scene.draw(frame, picture)
        sys.stdout.write(f"kerbwatch-frame {done} {len(frames)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
