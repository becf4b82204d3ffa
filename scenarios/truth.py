"""The truth file of a clip: what a perfect system would report, and what must not fool it.

Format ``kerbwatch-truth/1`` (JSON, UTF-8)::

    {
      "format": "kerbwatch-truth/1",
      "view": "junction", "seed": 7,
      "duration_s": 92.0, "fps": 10, "width": 640, "height": 360,
      "zones":    [{"name": "kerb", "purpose": "no_stopping", "polygon": [[x, y], ...]}],
      "problems": [{"id": "car", "category": "parked_vehicle", "zone": "kerb",
                    "start_s": 11.4, "end_s": null, "box": [left, top, right, bottom]}],
      "decoys":   [{"kind": "bay_car", "why": "parked inside a marked bay"}],
      "samples":  [{"t": 0.0, "objects": [{"id": 3, "kind": "vehicle", "box": [...], "visible": 0.97}]}]
    }

Times are seconds from the clip's first frame. Boxes and polygons are fractions of the frame, origin in its
top-left corner. ``start_s`` is the moment a problem has settled, ``end_s`` when it leaves (null: it stays to the
end). ``box`` is its whole outline when settled, as if nothing stood before it; the boxes of ``samples`` (one a
second) enclose visible pixels only, and ``visible`` is the share of the object's pixels that nothing hides.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.taxonomy import Category, ObjectClass, ZonePurpose

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Box = tuple[Fraction, Fraction, Fraction, Fraction]
View = Literal["junction", "market"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TruthZone(_Strict):
    """A zone of the picture (区域) as a camera's configuration would name it."""

    name: str = Field(min_length=1)
    purpose: ZonePurpose
    polygon: tuple[tuple[Fraction, Fraction], ...] = Field(min_length=3)


class TruthProblem(_Strict):
    """A real problem (问题): it must become exactly one case."""

    id: str = Field(min_length=1)
    category: Category
    zone: str
    start_s: float = Field(ge=0)
    end_s: float | None = None
    box: Box


class TruthDecoy(_Strict):
    """Something that looks like a problem and is none."""

    kind: str
    why: str


class TruthObject(_Strict):
    id: int
    kind: ObjectClass
    box: Box
    visible: Fraction


class TruthSample(_Strict):
    t: float = Field(ge=0)
    objects: tuple[TruthObject, ...]


class Truth(_Strict):
    """Truth of one clip; raises ValueError where problems and zones or times do not fit together."""

    format: Literal["kerbwatch-truth/1"] = "kerbwatch-truth/1"
    view: View
    seed: int = Field(ge=0)
    duration_s: float = Field(gt=0)
    fps: int = Field(gt=0)
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    zones: tuple[TruthZone, ...]
    problems: tuple[TruthProblem, ...]
    decoys: tuple[TruthDecoy, ...]
    samples: tuple[TruthSample, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = {zone.name for zone in self.zones}
        for problem in self.problems:
            if problem.zone not in names:
                raise ValueError(f"problem {problem.id!r}: zone {problem.zone!r} is none of {sorted(names)}")
            end = self.duration_s if problem.end_s is None else problem.end_s
            if not problem.start_s < end <= self.duration_s:
                raise ValueError(f"problem {problem.id!r}: {problem.start_s} s to {end} s is not within the clip")
        return self

    def save(self, path: Path) -> None:
        """Writes the file as UTF-8 JSON without line breaks."""
        path.write_text(self.model_dump_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Reads a truth file; raises pydantic's ValidationError naming the wrong field, or OSError."""
        return cls.model_validate_json(path.read_bytes())
