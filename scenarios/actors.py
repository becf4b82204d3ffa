"""Who takes part in a clip: things that know their shape and place at every frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ingest.taxonomy import ObjectClass
from scenarios.motion import STEP_S, Track
from scenarios.scene.compose import Thing
from scenarios.scene.mesh import Colour, Mesh
from scenarios.scene.people import Look, serving, walking


class Actor(Protocol):
    """Anything that may be seen in a clip."""

    @property
    def number(self) -> int: ...

    def at(self, frame: int) -> Thing | None:
        """The thing to draw at a frame, None while it is not there."""
        ...


@dataclass(frozen=True)
class Rigid:
    """A thing of one shape: vehicles, stalls, bags, furniture."""

    number: int
    kind: ObjectClass | None
    mesh: Mesh
    track: Track

    def at(self, frame: int) -> Thing | None:
        pose = self.track.pose(frame)
        if pose is None:
            return None
        return Thing(self.number, self.kind, self.mesh, pose, still=not self.track.moves(frame))


@dataclass(frozen=True)
class Walker:
    """A person on foot; carries a bag of colour ``carry`` until frame ``drop_at`` (None: carries nothing)."""

    number: int
    look: Look
    track: Track
    carry: Colour | None = None
    drop_at: int = 0

    def at(self, frame: int) -> Thing | None:
        row, pose = self.track.row(frame), self.track.pose(frame)
        if row is None or pose is None:
            return None
        moving = self.track.moves(frame) or self.track.moves(frame + 1)
        step = 0.72 * self.look.height / 1.7
        phase = float(row[3]) / step * np.pi
        carried = self.carry if frame < self.drop_at else None
        mesh = walking(self.look, phase if moving else 0.4, 1.0 if moving else 0.12, carried)
        return Thing(self.number, ObjectClass.PERSON, mesh, pose)


@dataclass(frozen=True)
class Vendor:
    """A person who arrives on foot and then works behind the stall for as long as the track stays."""

    number: int
    look: Look
    track: Track
    works_from: int

    def at(self, frame: int) -> Thing | None:
        row, pose = self.track.row(frame), self.track.pose(frame)
        if row is None or pose is None:
            return None
        if frame >= self.works_from:
            mesh = serving(self.look, frame * STEP_S * 2.2)
        else:
            moving = self.track.moves(frame)
            mesh = walking(self.look, float(row[3]) / 0.72 * np.pi, 1.0 if moving else 0.1)
        return Thing(self.number, ObjectClass.PERSON, mesh, pose)
