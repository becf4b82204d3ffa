"""Sensors of a scenario and the courses of their values (传感器)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from scenarios.language.base import ConfigModel, Metres, Name, Seconds, check_order


class Quantity(StrEnum):
    """What is measured; the unit is part of the definition."""

    PM2_5 = "pm2_5"  # µg/m³
    PM10 = "pm10"  # µg/m³
    NOISE = "noise"  # dB(A)
    BIN_FILL = "bin_fill"  # share 0..1
    WATER_LEVEL = "water_level"  # m


UNIT_OF: dict[Quantity, str] = {
    Quantity.PM2_5: "ug/m3",
    Quantity.PM10: "ug/m3",
    Quantity.NOISE: "dB(A)",
    Quantity.BIN_FILL: "1",
    Quantity.WATER_LEVEL: "m",
}


class SensorRule(ConfigModel):
    """Alarm when the value stays beyond ``limit`` for ``for_s`` seconds."""

    beyond: Literal["above", "below"] = "above"
    limit: float
    for_s: Annotated[float, Field(ge=0, le=86400)] = 0.0


class Sensor(ConfigModel):
    """A sensor that reports every ``every_s`` seconds. ``course`` is (second, value), straight lines between them;
    ``noise`` the standard deviation added; ``missing`` are spans (from, to) without readings."""

    name: Name
    node: Name = "node-1"
    quantity: Quantity
    x: Metres = 0.0
    y: Metres = 0.0
    every_s: Annotated[float, Field(ge=1, le=86400)] = 60.0
    seed: Annotated[int, Field(ge=0)] = 0
    course: Annotated[tuple[tuple[Seconds, float], ...], Field(min_length=1, max_length=1000)]
    noise: Annotated[float, Field(ge=0)] = 0.0
    missing: tuple[tuple[Seconds, Seconds], ...] = ()
    rule: SensorRule | None = None

    @model_validator(mode="after")
    def _in_time(self) -> Sensor:
        times = [second for second, _ in self.course]
        if times != sorted(set(times)):
            raise ValueError(f"sensor {self.name!r}: the course's seconds must grow")
        for begin, end in self.missing:
            check_order(f"sensor {self.name!r} missing", begin, end)
        shares = [value for _, value in self.course] + ([self.rule.limit] if self.rule else [])
        if self.quantity is Quantity.BIN_FILL and not all(0 <= share <= 1 for share in shares):
            raise ValueError(f"sensor {self.name!r}: bin_fill runs from 0 to 1; give 0.9 for 90 %")
        return self
