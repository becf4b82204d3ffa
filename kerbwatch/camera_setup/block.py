"""From the drawing to a ``[[camera]]`` block that the edge node is sure to accept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from detectors.ground import GroundError, GroundPlane, GroundPoint
from edge.config import CameraSection
from ingest.config import ConfigError, ConfigModel, parse_config
from kerbwatch.camera_setup.draft import CameraDraft, GroundDraft, ZoneDraft
from kerbwatch.camera_setup.toml import Value, write_toml

MIN_GROUND = 4


class _CameraFile(ConfigModel):
    camera: tuple[CameraSection, ...]


@dataclass(frozen=True)
class Block:
    """The camera as TOML, and everything that is wrong with it; without problems it is ready to be saved."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class GroundFit:
    """How well the ground points agree.

    Attributes:
        errors_m: Reprojection error per complete point, metres, in order; empty without a fit.
        text: The result, or what is missing, for the user.
        good: Whether there is a fit.
    """

    errors_m: tuple[float, ...]
    text: str
    good: bool


def make_block(draft: CameraDraft, base_dir: Path) -> Block:
    """Write ``draft`` as TOML and check it with the edge's own configuration model.

    Args:
        draft: The drawing.
        base_dir: Folder the file will lie in; a relative source belongs to it.
    """
    try:
        text = write_toml({"camera": [_camera(draft)]})
        parse_config(text, _CameraFile, source="camera", base_dir=base_dir)
    except ConfigError as error:
        return Block(text, tuple(str(problem).removeprefix("camera[0].") for problem in error.problems))
    except ValueError as error:
        return Block("", (str(error),))
    if draft.corners:
        return Block(text, ("a zone is still open: close it or undo its corners",))
    if any(not _complete(point) for point in draft.ground):
        return Block(text, ("a ground point has no position: type it in or delete the point",))
    return Block(text, ())


def fit_ground(points: list[GroundDraft]) -> GroundFit:
    """Fit the complete ground points and say how far off each is."""
    known = [_ground_point(point) for point in points if _complete(point)]
    if len(known) < MIN_GROUND:
        return GroundFit((), f"{len(known)} of at least {MIN_GROUND} points have a position", False)
    try:
        plane = GroundPlane.fit(known)
    except GroundError as error:
        return GroundFit((), str(error), False)
    if len(known) == MIN_GROUND:
        text = "four points always fit exactly; a fifth one shows how good they are"
    else:
        text = f"reprojection error {plane.rms_m:.2f} m (root mean square), worst {max(plane.errors_m):.2f} m"
    return GroundFit(plane.errors_m, text, True)


def _camera(draft: CameraDraft) -> Mapping[str, Value]:
    camera: dict[str, Value] = {"name": draft.name, "source": draft.source}
    if draft.start_at is not None:
        camera["start_at"] = draft.start_at
    ground = [[p.x, p.y, p.latitude, p.longitude] for p in map(_ground_point, filter(_complete, draft.ground))]
    if ground:
        camera["ground_points"] = ground
    camera["zone"] = [_zone(zone) for zone in draft.zones]
    return camera


def _zone(zone: ZoneDraft) -> Mapping[str, Value]:
    rules: list[Value] = [{"category": str(rule.category), "dwell_s": rule.dwell_s} for rule in zone.rules]
    return {
        "name": zone.name,
        "purpose": str(zone.purpose),
        "polygon": [list(corner) for corner in zone.polygon],
        "rule": rules,
    }


def _complete(point: GroundDraft) -> bool:
    return point.latitude is not None and point.longitude is not None


def _ground_point(point: GroundDraft) -> GroundPoint:
    assert point.latitude is not None
    assert point.longitude is not None
    return GroundPoint(point.x, point.y, point.latitude, point.longitude)
