"""The parts of a card that a reader weighs: measured figures, variants, and what the model sees on the test picture."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

from ingest.taxonomy import ObjectClass

Share = Annotated[float, Strict(), Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Label = Annotated[str, Field(min_length=1, max_length=200)]


class CardPart(BaseModel):
    """Base of every table of a card: unknown keys refused, values immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(CardPart):
    """One measured figure: one class on one source of pictures, never pooled.

    `kind` keeps real pictures apart from made ones, and labels by hand apart from a teacher's (`pseudo`). `low` and
    `high` are the ends of its 95 % interval; `labels` is the number of labelled objects behind it.
    """

    source: Label
    kind: Literal["real", "pseudo", "composite", "rendered"]
    class_: ObjectClass = Field(alias="class")
    metric: Literal["AP50", "precision", "recall"]
    value: Share
    low: Share | None = None
    high: Share | None = None
    labels: Annotated[int, Strict(), Field(ge=1)]

    @model_validator(mode="after")
    def _lies_in_its_interval(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high belong together; give both or neither")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise ValueError(
                f"value {self.value:g} is not between low {self.low:g} and high {self.high:g}; correct them"
            )
        return self

    @property
    def key(self) -> tuple[str, ObjectClass, str]:
        """What may be stated once only."""
        return self.source, self.class_, self.metric


class Variant(CardPart):
    """These weights are another model's in another precision (an INT8 file of an FP32 one)."""

    of: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]
    precision: Literal["int8", "fp16", "bf16"]
    calibration: Annotated[str, Field(max_length=2000)] = ""


class Sighting(CardPart):
    """One object that the model sees on the test picture (`models.trial_picture`): x1 y1 x2 y2 in fractions."""

    class_: ObjectClass = Field(alias="class")
    score: Share
    box: tuple[Share, Share, Share, Share]

    @model_validator(mode="after")
    def _has_an_area(self) -> Self:
        if not (self.box[0] < self.box[2] and self.box[1] < self.box[3]):
            raise ValueError("box has no area; give x1 < x2 and y1 < y2")
        return self
