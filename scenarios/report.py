"""What a system said about one scenario: the scorer's other input beside the truth. Times in seconds since the
scenario's start, by the clock of the pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.messages import Name
from scenarios.language.base import Box
from scenarios.language.claims import Subject

System = Literal["kerbwatch", "baseline"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaidBox(_Strict):
    """Where an incident was said to be at a moment."""

    at_s: float
    box: Box


class SaidIncident(_Strict):
    """One incident of one camera.

    ``first_seen_s`` and ``last_seen_s`` are what the node said about its stay, ``raised_s`` when it told, ``ended_s``
    when it said that the problem was over, and since when: ``ended_s`` is the moment of telling, ``last_seen_s`` then
    the end of the stay. ``case`` is none where the centre muted it.
    """

    id: str
    case: str | None
    camera: Name
    category: Subject
    boxes: tuple[SaidBox, ...] = Field(min_length=1)
    first_seen_s: float
    last_seen_s: float
    raised_s: float
    ended_s: float | None = None
    end_reason: str | None = None
    observed_s: float = 0.0
    bridged_s: float = 0.0
    present_at_start: bool = False


class SaidCase(_Strict):
    """One case. ``created_s``: when its first incident was raised. ``parent``: the market case it belongs to."""

    id: str
    category: Subject
    created_s: float
    incidents: tuple[str, ...] = ()
    parent: str | None = None
    sensor: Name | None = None


class SaidBlind(_Strict):
    """A report that a camera's zone could not be looked at since ``from_s``, told at ``told_s``."""

    camera: Name
    zone: Name
    from_s: float
    told_s: float
    to_s: float | None = None
    reason: str


class Report(_Strict):
    """All that a system said about one scenario.

    ``looks`` and ``failed_looks`` count what the cameras did; ``counters`` hold drops, retries and the like by name.
    """

    system: System
    cases: tuple[SaidCase, ...] = ()
    incidents: tuple[SaidIncident, ...] = ()
    blind: tuple[SaidBlind, ...] = ()
    looks: int = 0
    failed_looks: int = 0
    counters: dict[str, int] = {}
    wall_s: float = 0.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        known = {incident.id for incident in self.incidents}
        for case in self.cases:
            strangers = set(case.incidents) - known
            if strangers:
                raise ValueError(f"case {case.id}: incidents {sorted(strangers)} are not in the report")
        return self

    def save(self, path: Path) -> None:
        """Writes the file as UTF-8 JSON."""
        path.write_text(self.model_dump_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Report:
        """Reads a report; raises pydantic's ValidationError or OSError."""
        return cls.model_validate_json(path.read_bytes())
