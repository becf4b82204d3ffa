"""What sensors measure (监测量): their units, and what values are possible at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Quantity(StrEnum):
    """A measured quantity. Values are wire values: never renamed, only added to."""

    NOISE = "noise"  # 噪声
    PM2_5 = "pm2_5"  # 细颗粒物
    PM10 = "pm10"  # 可吸入颗粒物
    BIN_FILL = "bin_fill"  # 垃圾桶满溢度
    WATER_LEVEL = "water_level"  # 积水深度
    LAMP_LIT = "lamp_lit"  # 路灯亮否: 1 lit, 0 dark
    LAMP_RATIO = "lamp_ratio"  # 亮灯率: share of time lit, derived
    ILLUMINANCE = "illuminance"  # 照度
    BAY_OCCUPANCY = "bay_occupancy"  # 泊位占用: share of bays taken; one bay: 1 taken, 0 free
    BAYS_TAKEN = "bays_taken"  # 占用泊位数
    TEMPERATURE = "temperature"  # 气温
    HUMIDITY = "humidity"  # 相对湿度
    TILT = "tilt"  # 倾斜 (a manhole cover, a pole)


class Mean(StrEnum):
    """How values of a window are averaged."""

    ARITHMETIC = "arithmetic"
    ENERGY = "energy"
    """Levels in decibels: the level of the mean energy (等效声级 Leq). The mean of 40 and 80 dB is 77, not 60."""


@dataclass(frozen=True)
class Conversion:
    """``own = given * factor + offset``."""

    factor: float
    offset: float = 0.0

    def __call__(self, given: float) -> float:
        return given * self.factor + self.offset


@dataclass(frozen=True)
class Definition:
    """A quantity's own unit and limits.

    Attributes:
        unit: Its own unit; everything behind a source is in it.
        low, high: What lies outside is no value of a working sensor.
        hysteresis: How far back behind its limit a value must go before an alarm may end, where a rule does not say.
        units: Units it may come in, and how to its own.
    """

    unit: str
    low: float
    high: float
    hysteresis: float
    units: Mapping[str, Conversion]
    mean: Mean = Mean.ARITHMETIC


_SAME = Conversion(1.0)
_SHARE = {"1": _SAME, "ratio": _SAME, "%": Conversion(0.01)}
_DUST = {
    "ug/m3": _SAME,
    "µg/m3": _SAME,
    "μg/m3": _SAME,
    "µg/m³": _SAME,
    "μg/m³": _SAME,
    "mg/m3": Conversion(1000.0),
    "mg/m³": Conversion(1000.0),
}
_SOUND = {"dB(A)": _SAME, "dBA": _SAME, "dB": _SAME}
_LENGTH = {"m": _SAME, "cm": Conversion(0.01), "mm": Conversion(0.001)}
_LIGHT = {"lux": _SAME, "lx": _SAME, "klx": Conversion(1000.0)}
_WARMTH = {
    "degC": _SAME,
    "°C": _SAME,
    "K": Conversion(1.0, -273.15),
    "degF": Conversion(5 / 9, -160 / 9),
    "°F": Conversion(5 / 9, -160 / 9),
}
_COUNT = {"count": _SAME, "1": _SAME}
_ANGLE = {"deg": _SAME, "°": _SAME, "rad": Conversion(57.29577951308232)}

DEFINITIONS: Mapping[Quantity, Definition] = MappingProxyType(
    {
        Quantity.NOISE: Definition("dB(A)", 0.0, 160.0, 2.0, _SOUND, Mean.ENERGY),
        Quantity.PM2_5: Definition("ug/m3", 0.0, 2000.0, 5.0, _DUST),
        Quantity.PM10: Definition("ug/m3", 0.0, 5000.0, 10.0, _DUST),
        Quantity.BIN_FILL: Definition("1", 0.0, 1.2, 0.03, _SHARE),
        Quantity.WATER_LEVEL: Definition("m", -1.0, 20.0, 0.02, _LENGTH),
        Quantity.LAMP_LIT: Definition("1", 0.0, 1.0, 0.0, _SHARE),
        Quantity.LAMP_RATIO: Definition("1", 0.0, 1.0, 0.02, _SHARE),
        Quantity.ILLUMINANCE: Definition("lux", 0.0, 200_000.0, 1.0, _LIGHT),
        Quantity.BAY_OCCUPANCY: Definition("1", 0.0, 1.0, 0.0, _SHARE),
        Quantity.BAYS_TAKEN: Definition("count", 0.0, 10_000.0, 0.0, _COUNT),
        Quantity.TEMPERATURE: Definition("degC", -80.0, 120.0, 0.5, _WARMTH),
        Quantity.HUMIDITY: Definition("1", 0.0, 1.05, 0.02, _SHARE),
        Quantity.TILT: Definition("deg", -180.0, 360.0, 2.0, _ANGLE),
    }
)
"""The low end of water level leaves room for a gauge's zero; fill and humidity may read a little over full."""
