"""What each data-set folder is (real, composed, rendered) and who labelled it; kinds are never pooled."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from models.training.folder import CLASSES, LabelError
from models.training.holdout import STREETS
from models.training.reference import GARBAGE, PERSON, STALL, TWO_WHEELER, VEHICLE

_Word = TypeVar("_Word", bound=StrEnum)


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
    SourceSet("families_val", Kind.RENDERED, dict.fromkeys(range(len(CLASSES)), Labels.EXACT)),
)
ABOUT = "set.toml"
"""What a set of the user's own says about itself: ``kind`` and ``labels``, as in :class:`Kind` and :class:`Labels`."""


def sets_named(datasets: Path, names: Sequence[str]) -> list[SourceSet]:
    """The sets of these names: this project's, or any data-set folder (``images/``, ``labels/``) in ``datasets``.

    A folder of the user's own is taken for real pictures labelled by their authors, unless its ``set.toml`` says
    otherwise. Raises LabelError for a name that is neither, and for a file that says what is not known.
    """
    known = {source.folder: source for source in SETS}
    return [known[name] if name in known else _own_set(datasets / name) for name in names]


def _own_set(folder: Path) -> SourceSet:
    if not (folder / "images").is_dir():
        known = ", ".join(source.folder for source in SETS)
        raise LabelError(f"{folder}: no such set; name a folder with images/ and labels/, or one of {known}")
    about: dict[str, object] = {}
    if (folder / ABOUT).exists():
        try:
            about = tomllib.loads((folder / ABOUT).read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LabelError(f"{folder / ABOUT}: not TOML: {error}") from None
    if unknown := sorted(set(about) - {"kind", "labels"}):
        raise LabelError(f"{folder / ABOUT}: {', '.join(unknown)}: unknown; it may say kind and labels")
    kind = _choice(folder, "kind", Kind, about.get("kind", Kind.REAL))
    labels = _choice(folder, "labels", Labels, about.get("labels", Labels.AUTHORS))
    return SourceSet(folder.name, kind, dict.fromkeys(range(len(CLASSES)), labels))


def _choice(folder: Path, field: str, of: type[_Word], value: object) -> _Word:
    try:
        return of(str(value))
    except ValueError:
        raise LabelError(f"{folder / ABOUT}: {field} = {value!r}: use one of {', '.join(of)}") from None
