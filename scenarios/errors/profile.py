"""The error profile (误差模型): how a detector errs, in numbers, with where each number comes from.

Sizes are the square root of a box's area in pixels of the detector's input. Times in seconds. Log-odds are natural
logarithms. A class that the profile does not name is one the detector never reports.
"""

from __future__ import annotations

from importlib.resources import files
from math import log2
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.messages import Utc
from ingest.taxonomy import ObjectClass
from scenarios.language.conditions import ConditionKind

TYPICAL_PX = 32.0
"""The size that ``base`` and ``mean`` speak of."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
AtLeast0 = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(ge=-50, le=50, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Edges = tuple[AtLeast0, AtLeast0, AtLeast0, AtLeast0]
"""Left, top, right, bottom, as parts of the box's width or height."""


class ProfileInvalid(ValueError):  # noqa: N818 - named after what it says of the file
    """A file that is no error profile; the message names field, value and what would be right."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MissChain(_Strict):
    """Misses in bursts: a two-state chain (Gilbert-Elliott) for each object.

    Its long-run share of misses has the log-odds ``base`` at 32 px and fully visible, plus ``per_halving`` for each
    halving of the size, ``hidden`` times the hidden share, and the object's own share of ``spread`` (standard
    deviation). Between looks ``dt`` apart the state is kept with exp(-dt / ``burst_s``), else drawn anew.
    """

    base: Finite
    per_halving: AtLeast0
    hidden: AtLeast0
    spread: AtLeast0
    burst_s: Positive

    def log_odds(self, size_px: float, hidden: float) -> float:
        """Of a miss, for an object of the middle of the spread."""
        return self.base + self.per_halving * log2(TYPICAL_PX / max(size_px, 1.0)) + self.hidden * hidden


class Jitter(_Strict):
    """How far edges are off: ``lasting`` for as long as the object stands, ``passing`` from look to look, the latter
    with the correlation exp(-dt / ``correlation_s``). Standard deviations. ``yields``: how far an edge follows a
    cover, 0 not at all, 1 until the box holds the visible part only."""

    lasting: Edges
    passing: Edges
    correlation_s: Positive
    yields: Share


class Scores(_Strict):
    """Scores as log-odds: ``mean`` at 32 px, falling by ``per_halving``; ``spread`` between objects, ``sd`` within
    one, correlated over ``correlation_s``. Never below ``floor``, the threshold from which a find counts."""

    mean: Finite
    per_halving: Finite
    spread: AtLeast0
    sd: AtLeast0
    correlation_s: Positive
    floor: Annotated[float, Field(gt=0, lt=1)]


class Swaps(_Strict):
    """Wrong names: ``rate`` of the looks at an ordinary object, ``sticky_rate`` of those at the ``sticky_share`` of
    objects that look like something else; ``into`` holds the wrong names' shares."""

    rate: Share
    sticky_share: Share
    sticky_rate: Share
    into: dict[ObjectClass, Share]


class Doubles(_Strict):
    """Second boxes on one object: in ``rate`` of the looks, ``part`` times its width and height large, its middle
    ``shift`` widths and heights away."""

    rate: Share
    part: tuple[Positive, Positive]
    shift: tuple[AtLeast0, AtLeast0]


class ClassErrors(_Strict):
    """One class. ``borrowed``: no real clip holds it; the numbers are those of ``borrowed_from`` with the odds of a
    miss, over all objects, times ``odds_factor``, for the stated ``reason``. ``objects`` were followed in several
    versions of the clips, each a sequence of looks."""

    source: Literal["measured", "borrowed"]
    borrowed_from: ObjectClass | None = None
    odds_factor: Positive = 1.0
    reason: Annotated[str, Field(max_length=400)] = ""
    objects: Annotated[int, Field(ge=0)]
    sequences: Annotated[int, Field(ge=0)]
    looks: Annotated[int, Field(ge=0)]
    misses: MissChain
    jitter: Jitter
    scores: Scores
    swaps: Swaps
    doubles: Doubles

    @model_validator(mode="after")
    def _says_where_from(self) -> Self:
        if (self.source == "borrowed") != (self.borrowed_from is not None):
            raise ValueError("a borrowed class names borrowed_from, a measured one does not")
        if self.source == "borrowed" and not self.reason:
            raise ValueError("a borrowed class states its reason")
        return self


class Flicker(_Strict):
    """Short-lived sightings of nothing (闪现误检).

    ``rate`` of them in a look anywhere in the picture, each there for ``life_s`` on average; besides ``places``
    spots in a view where they come again, each during ``place_share`` of the time, ``place_life_s`` at once.
    ``size`` is the mean and standard deviation of the natural logarithm of the box's square root of area as a part of
    the frame; ``tall`` those of the logarithm of height by width in pixels; ``score`` those of the score's log-odds.
    ``seen`` counts the sightings behind these numbers.
    """

    object_class: ObjectClass
    rate: AtLeast0
    life_s: Positive
    places: AtLeast0
    place_share: Share
    place_life_s: Positive
    size: tuple[Finite, AtLeast0]
    tall: tuple[Finite, AtLeast0]
    score: tuple[Finite, AtLeast0]
    seen: Annotated[int, Field(ge=0)]


class ConditionEffect(_Strict):
    """What a condition of amount 1 adds: to the log-odds of a miss and of the score, and by which factor jitter and
    flicker grow. Lesser amounts add in proportion."""

    source: Literal["measured", "assumed"]
    miss: Finite
    score: Finite
    jitter: Positive
    flicker: Positive
    note: Annotated[str, Field(max_length=300)] = ""


class Interval(_Strict):
    """Raw counts behind a chain, for readers: consecutive looks ``interval_s`` apart."""

    object_class: ObjectClass
    conditions: Literal["plain", "weakened"]
    interval_s: Positive
    pairs: Annotated[int, Field(ge=0)]
    miss_to_miss: Share | None = None
    hit_to_hit: Share | None = None


class Clip(_Strict):
    """A recording that was looked at."""

    file: str
    sha256: Sha256
    looks: Annotated[int, Field(gt=0)]


class Provenance(_Strict):
    """Where the numbers come from."""

    detector: str
    version: str
    weights_sha256: Sha256
    input_px: tuple[int, int]
    stretched: bool
    thresholds: dict[ObjectClass, float]
    teacher: str
    teacher_sha256: Sha256
    clips: tuple[Clip, ...]
    variants: tuple[str, ...]
    looks: Annotated[int, Field(gt=0)]
    command: str
    fitted_at: Utc
    notes: tuple[str, ...] = ()


class ErrorProfile(_Strict):
    """All errors of one detector, format ``kerbwatch-errors/1`` (JSON, UTF-8)."""

    format: Literal["kerbwatch-errors/1"] = "kerbwatch-errors/1"
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    provenance: Provenance
    classes: dict[ObjectClass, ClassErrors] = Field(min_length=1)
    flicker: tuple[Flicker, ...]
    conditions: dict[ConditionKind, ConditionEffect]
    intervals: tuple[Interval, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for kind, errors in self.classes.items():
            lender = errors.borrowed_from
            if lender is not None and (lender not in self.classes or self.classes[lender].source != "measured"):
                raise ValueError(f"classes.{kind}.borrowed_from {lender} is not measured in this profile")
        return self

    def size_px(self, box: tuple[float, float, float, float], width: int, height: int) -> float:
        """The size, in the detector's input, of a box in fractions of a picture of ``width`` x ``height`` pixels."""
        columns, rows = self.provenance.input_px
        across, down = columns / width, rows / height
        if not self.provenance.stretched:
            across = down = min(across, down)
        area = (box[2] - box[0]) * width * across * (box[3] - box[1]) * height * down
        return float(max(area, 0.0) ** 0.5)


def load_profile(name: str | Path = "kerbwatch-nano") -> ErrorProfile:
    """A profile that comes with the package by its name, or one from a file (``.json``).

    Raises:
        ProfileInvalid: No such profile, or the file is wrong: names field, value and fix.
    """
    shipped = {Path(str(item)).stem: Path(str(item)) for item in _shipped()}
    path = Path(name) if str(name).endswith(".json") else shipped.get(str(name))
    if path is None:
        raise ProfileInvalid(
            f"error profile {str(name)!r}: use one of {sorted(shipped)} or a path ending in .json"
        )
    try:
        return ErrorProfile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ProfileInvalid(f"error profile {path}: {error.strerror}; correct the path") from error
    except ValidationError as error:
        found = "; ".join(_complaint(dict(item)) for item in error.errors(include_url=False)[:5])
        raise ProfileInvalid(f"error profile {path}: {found}") from error


def save_profile(profile: ErrorProfile, path: Path) -> None:
    """Write it as indented JSON."""
    path.write_text(profile.model_dump_json(indent=1, exclude_none=True) + "\n", encoding="utf-8")


def _shipped() -> list[Path]:
    folder = Path(str(files("scenarios"))) / "errors" / "profiles"
    return sorted(folder.glob("*.json"))


def _complaint(error: dict[str, object]) -> str:
    where = error["loc"]
    field = ".".join(str(part) for part in where) if isinstance(where, tuple) and where else "(whole file)"
    given = f" = {error['input']!r}"[:80] if where and error["type"] != "missing" else ""
    return f"{field}{given}: {str(error['msg']).removeprefix('Value error, ')}"
