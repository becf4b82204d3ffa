"""Settings of a training run, read from TOML; unknown keys are refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.training.augment import Augment


class RecipeError(ValueError):
    """The recipe file cannot be used; the message names file and field."""


class Recipe(BaseModel):
    """One run. Input size in pixels, rates per step of one batch, folders relative to the datasets folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int = Field(512, multiple_of=32, ge=64)
    height: int = Field(288, multiple_of=32, ge=64)
    steps: int = Field(2400, ge=1)
    batch: int = Field(16, ge=1)
    rate: float = Field(1.5e-3, gt=0)
    backbone_rate: float = Field(5e-4, gt=0)
    final_rate_share: float = Field(0.03, gt=0, le=1)
    warm_up: int = Field(100, ge=0)
    weight_decay: float = Field(0.02, ge=0)
    average_decay: float = Field(0.998, gt=0, lt=1)
    decay_share: float = Field(0.35, ge=0, le=1)  # last part of the run: the rate falls
    plain_share: float = Field(0.15, ge=0, le=1)  # last part of the run: no mosaic, L1 term on
    bfloat16: bool = True  # forward and backward where the machine computes in bfloat16; weights stay float32
    frozen: tuple[str, ...] = ("backbone.stem", "backbone.dark2")  # prefixes of layers that keep their weights
    clip: float = Field(20.0, gt=0)
    seed: int = 1
    save_every: int = Field(100, ge=1)
    folders: dict[str, float] = Field(min_length=1)
    evaluate_on: tuple[str, ...] = ()  # held-out folders on which the thresholds are chosen, too
    measure_on: tuple[str, ...] = ()  # held-out folders that nothing is chosen by
    augment: Augment = Augment()


def read_recipe(path: Path) -> Recipe:
    """Raises RecipeError naming the file and the field that is wrong."""
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))} = {item['input']!r}: {item['msg']}" for item in error.errors()
        )
        raise RecipeError(f"{path}: {wrong}") from None
