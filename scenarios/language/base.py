"""What all parts of a scenario share: units, names, strict models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ingest.config import ConfigModel
from ingest.messages import Fraction, Name

FORMAT: Literal["kerbwatch-scenario/1"] = "kerbwatch-scenario/1"

Seconds = Annotated[float, Field(ge=0, le=31 * 86400)]
"""Seconds since the scenario's start."""
Span = Annotated[float, Field(gt=0, le=31 * 86400)]
"""A length of time in seconds."""
Metres = Annotated[float, Field(ge=-1000, le=1000)]
"""Street frame: x to the right across the street, y along it; ground at height 0."""
GroundPoint = tuple[Metres, Metres]
Degrees = Annotated[float, Field(ge=-360, le=360)]
Share = Annotated[float, Field(ge=0, le=1)]
Range = tuple[Annotated[float, Field(ge=0, le=86400)], Annotated[float, Field(ge=0, le=86400)]]
"""From and to; a value is drawn evenly between them."""
Box = tuple[Fraction, Fraction, Fraction, Fraction]
"""x1, y1, x2, y2 as fractions of the frame, origin top left."""
Seed = Annotated[int, Field(ge=0, lt=2**31)]

__all__ = [
    "FORMAT",
    "Box",
    "ConfigModel",
    "Degrees",
    "GroundPoint",
    "Metres",
    "Name",
    "Range",
    "Seconds",
    "Seed",
    "Share",
    "Span",
    "check_order",
]


def check_order(name: str, low: float, high: float) -> None:
    """Raises ValueError unless ``low`` <= ``high``."""
    if low > high:
        raise ValueError(f"{name}: {low:g} to {high:g} runs backwards; give the smaller value first")
