"""A source's number as a value in the quantity's own unit, or why it is none. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from ingest.sensors.quantities import DEFINITIONS, Definition, Quantity


class NoData(StrEnum):
    """Why a reading is no data (无效数据): it then says nothing about any limit."""

    NOT_A_NUMBER = "not_a_number"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    STUCK = "stuck"
    SILENT = "silent"
    TOO_LITTLE_SEEN = "too_little_seen"  # of a share of time: it is well, but too young to say


@dataclass(frozen=True)
class Gauge:
    """How the numbers of one sensor are meant: quantity, the unit they come in, what they may lie between.

    ``low`` and ``high`` are in the quantity's own unit; None: as far as the quantity allows.
    Raises ValueError where the unit is none of the quantity's, or the range is empty.
    """

    quantity: Quantity
    unit: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.unit not in self.definition.units:
            able = ", ".join(self.definition.units)
            raise ValueError(f"unit {self.unit!r} is none of {self.quantity}'s; give one of {able}")
        low, high = self.range
        if not low < high:
            raise ValueError(f"valid range {low:g} to {high:g} is empty; give the lower one first")

    @property
    def definition(self) -> Definition:
        """The quantity's own unit and limits."""
        return DEFINITIONS[self.quantity]

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest possible value."""
        definition = self.definition
        low = definition.low if self.low is None else max(self.low, definition.low)
        return low, definition.high if self.high is None else min(self.high, definition.high)

    def measure(self, given: float) -> float | NoData:
        """The value in the quantity's own unit, or why it is none."""
        if not math.isfinite(given):
            return NoData.NOT_FINITE
        value = self.definition.units[self.unit](given)
        low, high = self.range
        # Written so that an overflow to infinity is refused too.
        return value if low <= value <= high else NoData.OUT_OF_RANGE
