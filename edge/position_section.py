"""Where something lies, as the node's file writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ingest.config import ConfigModel
from ingest.messages import Position


class PositionSection(ConfigModel):
    """Where a camera's view, or a sensor, lies, WGS-84."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    uncertainty_m: Annotated[float, Field(gt=0, le=100_000)] = 25.0

    def position(self) -> Position:
        """The same for the wire."""
        return Position(**self.model_dump())
