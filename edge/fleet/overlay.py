"""What of a node's configuration may be set from afar, and how it is laid over the node's own file; pure.

Only what is named here can be set: zones and their rules, a camera's look settings, threads of the detector. Where a
camera's pictures come from and how they are read, where they may lead, folders, keys, broker and centre stay with the
file on the box: whoever holds the centre must not be able to point a camera at another network, or a node at another
centre. Models have their own way (:mod:`edge.fleet.rollout`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from edge.config import NodeConfig
from edge.stream_section import refused_sources
from ingest.config import Problem, problems_of
from ingest.sanitise import sanitise

CAMERA_KEYS = frozenset(
    {
        "attention",
        "ground_points",
        "look_interval_s",
        "position",
        "static_objects",
        "zone",
    }
)
"""Of a ``[[camera]]``: what is looked for, where, and how often."""
DETECTOR_KEYS = frozenset({"threads"})
SECTIONS = ("camera", "detector")
MOST_PROBLEMS = 16


class OverlayRefused(Exception):  # noqa: N818 - an outcome that is reported, not a failure
    """A document that cannot be laid over the file.

    Attributes:
        reason: ``not_allowed``, ``unknown_camera`` or ``invalid``.
        problems: What is wrong, each naming field, value and fix.
    """

    def __init__(self, reason: str, problems: list[Problem]) -> None:
        super().__init__(f"{reason}: {'; '.join(map(str, problems))}")
        self.reason = reason
        self.problems = tuple(sanitise(str(problem))[:500] for problem in problems[:MOST_PROBLEMS])


def effective(base: NodeConfig, document: Mapping[str, Any]) -> NodeConfig:
    """The file's configuration with ``document`` over it, checked as a whole.

    A camera's keys are replaced one by one, each as a whole: a list of zones replaces all zones of that camera.

    Raises:
        OverlayRefused: It names something else, or the whole is not right.
    """
    if not document:
        return base
    _check_allowed(base, document)
    raw = base.model_dump(mode="python", by_alias=True, exclude_unset=True)
    wanted: Mapping[str, Any] = document.get("camera", {})
    raw["camera"] = [{**camera, **wanted.get(camera["name"], {})} for camera in raw.get("camera", ())]
    if "detector" in document:
        raw["detector"] = {**(raw.get("detector") or {}), **document["detector"]}
    try:
        found = NodeConfig.model_validate(raw)
    except ValidationError as error:
        raise OverlayRefused("invalid", problems_of(error)) from error
    # The node's own allow-list once more, as it holds for what came over the network.
    own = set(base.source_addresses())
    led = [address for address in found.source_addresses() if address not in own]
    if problems := refused_sources(led, base.sources.policy(), remote=True):
        raise OverlayRefused("not_allowed", problems)
    return found


def _check_allowed(base: NodeConfig, document: Mapping[str, Any]) -> None:
    problems = [
        Problem(str(name)[:80], "(not shown)", f"cannot be set from afar; only {' and '.join(SECTIONS)} can")
        for name in document
        if name not in SECTIONS
    ]
    problems += _foreign_keys("detector", document.get("detector", {}), DETECTOR_KEYS)
    cameras = document.get("camera", {})
    if not isinstance(cameras, Mapping):
        problems.append(Problem("camera", type(cameras).__name__, "give a table of cameras by name"))
        cameras = {}
    for name, settings in cameras.items():
        problems += _foreign_keys(f"camera.{name}"[:120], settings, CAMERA_KEYS)
    if problems:
        raise OverlayRefused("not_allowed", problems)
    known = [camera.name for camera in base.cameras]
    if missing := sorted(set(cameras) - set(known)):
        fix = f"the node's file has no such camera; it has {', '.join(known)}"
        raise OverlayRefused(
            "unknown_camera", [Problem(f"camera.{name}"[:120], "(table)", fix) for name in missing]
        )


def _foreign_keys(where: str, settings: object, allowed: frozenset[str]) -> list[Problem]:
    if not isinstance(settings, Mapping):
        return [Problem(where, type(settings).__name__, "give a table")]
    return [
        Problem(
            f"{where}.{key}"[:120],
            "(not shown)",
            f"cannot be set from afar; only {', '.join(sorted(allowed))} can",
        )
        for key in settings
        if key not in allowed
    ]


def settable(config: NodeConfig) -> dict[str, Any]:
    """What can be set from afar as it stands now, in the form of a document: a start for the next one."""
    cameras = {
        camera.name: camera.model_dump(mode="json", by_alias=True, include=set(CAMERA_KEYS), exclude_unset=True)
        for camera in config.cameras
    }
    found: dict[str, Any] = {"camera": cameras}
    if config.detector is not None:
        found["detector"] = config.detector.model_dump(mode="json", include=set(DETECTOR_KEYS))
    return found


def fingerprint(config: NodeConfig) -> str:
    """sha256 of what can be set from afar and of the cameras' names: equal configurations have equal ones."""
    text = json.dumps(settable(config), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
