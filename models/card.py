"""The model card (模型卡): everything a detector must know about a weights file, and where it came from."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Strict, ValidationError, field_validator, model_validator

from ingest.taxonomy import ObjectClass
from models.card_figures import CardPart, Figure, Sighting, Variant
from models.errors import CardInvalid
from models.reading import read_regular

MAX_CARD_BYTES = 1 << 20
"""No card needs more; a larger file is something else."""

Fraction = Annotated[float, Strict(), Field(gt=0.0, le=1.0)]
Finite = Annotated[float, Strict(), Field(allow_inf_nan=False)]
PositiveInt = Annotated[int, Strict(), Field(gt=0, le=16384)]
PerChannel = tuple[Finite, Finite, Finite]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds unprintable characters, which could steer a terminal; remove them")
    return text


Line = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
"""Text that is shown to the user as it is."""


class Backend(StrEnum):
    """The programs that can run a weights file."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"
    ULTRALYTICS = "ultralytics"


class OutputLayout(StrEnum):
    """How the numbers that leave the graph are to be read (shapes: `detectors.runtime.layouts`)."""

    YOLOX = "yolox"
    YOLO_RAW = "yolo_raw"
    YOLO_END2END = "yolo_end2end"
    OMZ_2000 = "omz_2000"
    SSD = "ssd"


BACKENDS_OF_SUFFIX: dict[str, frozenset[Backend]] = {
    ".onnx": frozenset({Backend.ONNXRUNTIME, Backend.OPENVINO}),
    ".xml": frozenset({Backend.OPENVINO}),
    ".pt": frozenset({Backend.ULTRALYTICS}),
}


_COVERED = (ObjectClass.PERSON, ObjectClass.TWO_WHEELER, ObjectClass.VEHICLE)
"""What is pixelated in evidence."""


class InputSpec(CardPart):
    """What goes into the graph: value = (pixel * scale - mean) / std, per channel in `colour` order.

    `width` and `height` are pixels of the graph's input.
    """

    width: PositiveInt
    height: PositiveInt
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colour: Literal["BGR", "RGB"]
    scale: Finite = 1.0
    mean: PerChannel = (0.0, 0.0, 0.0)
    std: PerChannel = (1.0, 1.0, 1.0)
    resize: Literal["letterbox", "stretch"]
    pad_value: Annotated[int, Strict(), Field(ge=0, le=255)] = 114
    pad_anchor: Literal["top_left", "centre"] = "top_left"

    @field_validator("std")
    @classmethod
    def _std_divides(cls, std: PerChannel) -> PerChannel:
        if any(value <= 0 for value in std):
            raise ValueError("every value must be above 0, pixels are divided by it")
        return std


class OutputSpec(CardPart):
    """What comes out of the graph."""

    layout: OutputLayout
    box_tensor: Text | None = None
    label_tensor: Text | None = None
    strides: tuple[PositiveInt, ...] = (8, 16, 32)
    decoded: Annotated[bool, Strict()] = False


class Thresholds(CardPart):
    """Scores are 0..1. `privacy` is the lower floor used to find what must be pixelated."""

    score: Fraction
    nms_iou: Fraction
    privacy: Fraction = 0.10
    per_class: dict[ObjectClass, Fraction] = Field(default_factory=dict)

    def of(self, kind: ObjectClass) -> float:
        """The score from which a sighting of this class counts."""
        return self.per_class.get(kind, self.score)


class Provenance(CardPart):
    """Where the weights come from, under which terms, and how good they are."""

    sources: tuple[Text, ...] = Field(min_length=1)
    licences: tuple[Text, ...] = Field(min_length=1)
    licence: Line
    settings: tuple[str, ...] = ()
    data_sheets: tuple[Text, ...] = ()
    command: str = ""
    accuracy: tuple[str, ...] = ()
    notes: str = ""


class ModelCard(CardPart):
    """One model. `file` is relative to the card; for OpenVINO IR it is the .xml, its .bin lies beside it.

    `experimental` names classes that are known too badly to be relied on; `robustness` says where the curves are;
    `smoke` is what the model sees on the test picture.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)]
    version: Line
    file: Text
    sha256: Sha256
    weights_sha256: Sha256 | None = None
    backends: tuple[Backend, ...] = Field(min_length=1)
    input: InputSpec
    output: OutputSpec
    classes: dict[Annotated[int, Field(ge=0)], ObjectClass] = Field(min_length=1)
    thresholds: Thresholds
    provenance: Provenance
    experimental: tuple[ObjectClass, ...] = ()
    variant: Variant | None = None
    figures: tuple[Figure, ...] = ()
    robustness: tuple[Text, ...] = ()
    smoke: tuple[Sighting, ...] = Field(default=(), max_length=64)

    @field_validator("name")
    @classmethod
    def _is_no_path(cls, name: str) -> str:
        if name.endswith(".toml"):
            raise ValueError("ends in .toml, which would be read as the path of a card; leave that off")
        return name

    @field_validator("file")
    @classmethod
    def _stays_beside_the_card(cls, file: str) -> str:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts or "\\" in file:
            raise ValueError("must be a path below the card's own folder, without '..'")
        if not file.isprintable() or any(part.startswith((".", "-")) for part in path.parts):
            raise ValueError(
                "holds unprintable characters, or a part that begins with '.' or '-'; rename the file"
            )
        if len(file.encode()) > 200:
            raise ValueError("is longer than 200 bytes; shorten it")
        if path.suffix not in BACKENDS_OF_SUFFIX:
            raise ValueError(f"must end in one of {', '.join(BACKENDS_OF_SUFFIX)}")
        return file

    @field_validator("classes")
    @classmethod
    def _names_what_models_see(cls, classes: dict[int, ObjectClass]) -> dict[int, ObjectClass]:
        if ObjectClass.UNKNOWN in classes.values():
            raise ValueError("'unknown' is what no model names; leave that index out")
        return classes

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        able = BACKENDS_OF_SUFFIX[PurePosixPath(self.file).suffix]
        if unable := sorted(set(self.backends) - able):
            raise ValueError(f"backends {unable} cannot run {self.file!r}; use {sorted(able)}")
        if self.file.endswith(".xml") and self.weights_sha256 is None:
            raise ValueError("an OpenVINO IR keeps its weights in the .bin; add weights_sha256")
        if unseen := sorted(set(self.thresholds.per_class) - set(self.classes.values())):
            raise ValueError(f"thresholds.per_class names {unseen}, which no index of [classes] yields")
        self._check_privacy()
        self._check_grid()
        self._check_figures()
        return self

    def _check_figures(self) -> None:
        kinds = set(self.classes.values())
        stated = {"experimental": self.experimental, "smoke": tuple(seen.class_ for seen in self.smoke)}
        stated["figures"] = tuple(figure.class_ for figure in self.figures)
        for field, named in stated.items():
            if unseen := sorted(set(named) - kinds):
                raise ValueError(f"{field} names {unseen}, which no index of [classes] yields")
        keys = [figure.key for figure in self.figures]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"figures state {list(twice[0])} twice; keep one")
        if self.variant is not None and self.variant.of == self.name:
            raise ValueError("variant.of names this very card; name the model that the weights were made from")

    def _check_privacy(self) -> None:
        """What is raised as an incident must also be found when its picture is pixelated."""
        lowest = min(self.thresholds.of(kind) for kind in _COVERED)
        if self.thresholds.privacy > lowest:
            raise ValueError(
                f"thresholds.privacy {self.thresholds.privacy:g} is above the {lowest:g} from which people and "
                "vehicles count; lower it"
            )

    def _check_grid(self) -> None:
        if self.output.layout is not OutputLayout.YOLOX or self.output.decoded:
            return
        strides = self.output.strides
        if not strides or any(self.input.width % s or self.input.height % s for s in strides):
            raise ValueError(
                f"output.strides {list(strides)} must each divide the input of "
                f"{self.input.width}x{self.input.height}; correct the strides or the input size"
            )


_FIXES: dict[str, str] = {
    "missing": "add it",
    "extra_forbidden": "remove it or correct its spelling",
    "string_pattern_mismatch": "correct its spelling",
}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "..."


def _complaint(error: dict[str, Any]) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "card"
    given = "" if error["type"] == "missing" or field == "card" else f" = {_short(error['input'])}"
    reason = error["msg"].removeprefix("Value error, ")
    fix = _FIXES.get(error["type"])
    return f"{field}{given}: {reason}" + (f"; {fix}" if fix else "")


def complaints(error: ValidationError) -> str:
    """Every wrong field with its value and what would be right, in one line."""
    return "; ".join(_complaint(dict(item)) for item in error.errors(include_url=False))


def parse_card(text: str, *, origin: str) -> ModelCard:
    """Read a card from TOML text; `origin` is named in errors.

    Raises CardInvalid, naming every wrong field with its value and what would be right.
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a bare ValueError
        raise CardInvalid(f"{origin}: not TOML: {error}; correct that line") from error
    try:
        return ModelCard.model_validate(content)
    except ValidationError as error:
        raise CardInvalid(f"{origin}: {complaints(error)}") from error


def load_card(path: Path) -> ModelCard:
    """Read a card file (UTF-8 TOML). Raises CardInvalid, or ModelNotFound where there is no such file."""
    content = read_regular(path, MAX_CARD_BYTES, f"model card {path}", "correct the path")
    return decode_card(content, origin=str(path))


def decode_card(content: bytes, *, origin: str) -> ModelCard:
    """Read a card from the bytes of its file. Raises CardInvalid."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CardInvalid(f"{origin}: not UTF-8 at byte {error.start}; save the card as UTF-8") from error
    return parse_card(text, origin=origin)
