"""A place memory that raises one incident per look, each at a place of its own: what went through shows by count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from detectors.attention.closely import CloseLook
from detectors.incidents import Opened, OpenReason, Transition
from detectors.places.sighting import Looked, everywhere
from detectors.types import Detections, Frame
from edge.config import CameraSection
from ingest.clock import uuid7
from tests.edge.doubles import CountingMemory, standing

COLUMNS = 12


class GridMemory(CountingMemory):
    """Look number n opens an incident in cell n of a grid."""

    def look(
        self,
        frame: Frame,
        at: datetime,
        detections: Detections,
        *,
        looked: Looked = everywhere,
        closely: Sequence[CloseLook] | None = None,
        steady_s: float | None = None,
    ) -> list[Transition]:
        self.looks += 1
        column, row = self.looks % COLUMNS, self.looks // COLUMNS
        box = (column / COLUMNS, row / COLUMNS, (column + 0.8) / COLUMNS, (row + 0.8) / COLUMNS)
        where = standing(self._zone, at, box=box, place_id=UUID(int=self.looks), incident_id=uuid7(at))
        return [Opened(at, where, OpenReason.DWELL_EXCEEDED)]


def grid_memory(camera: CameraSection, snapshot: bytes | None) -> GridMemory:
    """A ``MemoryFactory``."""
    return GridMemory(camera, snapshot)
