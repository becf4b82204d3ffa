"""What every wire record is made of: its base, its scalar types, a position; records are in its neighbours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ingest.clock import to_millis

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Names of sites, nodes, cameras, zones: also used in topics, paths and metric tags, hence the small alphabet."""

Utc = Annotated[datetime, AfterValidator(to_millis)]
Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0.0, le=1e9, allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=500)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Box = tuple[Fraction, Fraction, Fraction, Fraction]
"""x1, y1, x2, y2 as fractions of the frame, origin top left."""


class WireModel(BaseModel):
    """Base of every wire record: immutable, typed strictly, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class Position(WireModel):
    """A place on the ground. WGS-84 unless ``crs`` says otherwise; ``uncertainty_m`` is one standard deviation."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    uncertainty_m: Annotated[float, Field(ge=0, le=100_000)]
    crs: Literal["WGS-84"] = "WGS-84"
