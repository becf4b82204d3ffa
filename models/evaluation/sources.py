"""What each data-set folder is (real, composed, rendered) and who labelled it; kinds are never pooled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.training.folder import CLASSES
from models.training.holdout import STREETS
from models.training.reference import GARBAGE, PERSON, STALL, TWO_WHEELER, VEHICLE


class Kind(StrEnum):
    """Where a set's pictures come from."""

    REAL = "real"
    COMPOSED = "composed"  # cut-outs in real pictures
    RENDERED = "rendered"


class Labels(StrEnum):
    """Who says what is in the picture."""

    AUTHORS = "authors"  # the set's own labels
    OURS = "ours"  # boxes set by eye in this project: few, rough, experimental
    TEACHER = "teacher"  # sure finds of OMZ 2003 and YOLOX-nano: agreement, not accuracy
    EXACT = "exact"  # known from making the picture


@dataclass(frozen=True)
class SourceSet:
    """One folder to measure on: which classes it can judge, and how far each may be believed."""

    folder: str
    kind: Kind
    classes: dict[int, Labels]


SETS: tuple[SourceSet, ...] = (
    SourceSet(
        STREETS,
        Kind.REAL,
        {VEHICLE: Labels.AUTHORS, TWO_WHEELER: Labels.AUTHORS, PERSON: Labels.TEACHER, STALL: Labels.OURS},
    ),
    SourceSet("malta_val", Kind.REAL, {GARBAGE: Labels.AUTHORS}),
    SourceSet("rubbish_val", Kind.REAL, {GARBAGE: Labels.OURS}),
    SourceSet("composites_val", Kind.COMPOSED, {GARBAGE: Labels.EXACT}),
    SourceSet("rendered_val", Kind.RENDERED, dict.fromkeys(range(len(CLASSES)), Labels.EXACT)),
)
