"""Numbers become values in known units, or no data; nothing else."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sensors.gauge import Gauge, NoData
from ingest.sensors.quantities import DEFINITIONS, Quantity
from scenarios.language.sensors import UNIT_OF

ALL = [(quantity, unit) for quantity, definition in DEFINITIONS.items() for unit in definition.units]


@pytest.mark.parametrize(
    ("quantity", "unit", "given_", "own"),
    [
        (Quantity.WATER_LEVEL, "cm", 27.0, 0.27),
        (Quantity.WATER_LEVEL, "mm", 270.0, 0.27),
        (Quantity.BIN_FILL, "%", 85.0, 0.85),
        (Quantity.PM2_5, "mg/m3", 0.075, 75.0),
        (Quantity.PM10, "µg/m³", 150.0, 150.0),
        (Quantity.TEMPERATURE, "degF", 212.0, 100.0),
        (Quantity.TEMPERATURE, "K", 273.15, 0.0),
        (Quantity.ILLUMINANCE, "klx", 1.5, 1500.0),
        (Quantity.TILT, "rad", math.pi / 2, 90.0),
        (Quantity.NOISE, "dBA", 55.0, 55.0),
    ],
)
def test_units_are_converted(quantity: Quantity, unit: str, given_: float, own: float) -> None:
    assert Gauge(quantity, unit).measure(given_) == pytest.approx(own)


@given(st.sampled_from(ALL), st.floats())
def test_what_is_measured_lies_in_range_and_all_else_has_a_reason(
    pair: tuple[Quantity, str], number: float
) -> None:
    gauge = Gauge(*pair)
    value = gauge.measure(number)
    low, high = gauge.range
    if isinstance(value, NoData):
        assert value in (NoData.NOT_FINITE, NoData.OUT_OF_RANGE)
        assert (value is NoData.NOT_FINITE) == (not math.isfinite(number))
    else:
        assert low <= value <= high


def test_a_range_of_ones_own_narrows_and_never_widens() -> None:
    assert Gauge(Quantity.NOISE, "dB", 20.0, 130.0).measure(10.0) is NoData.OUT_OF_RANGE
    assert Gauge(Quantity.BIN_FILL, "1", -5.0, 9.0).measure(5.0) is NoData.OUT_OF_RANGE


@pytest.mark.parametrize("gauge", [("noise", "lux", None, None), ("noise", "dB", 90.0, 20.0)])
def test_what_cannot_be_meant_is_refused(gauge: tuple[str, str, float | None, float | None]) -> None:
    name, unit, low, high = gauge
    with pytest.raises(ValueError, match="give"):
        Gauge(Quantity(name), unit, low, high)


def test_scenarios_use_the_quantities_own_units() -> None:
    assert {str(quantity): DEFINITIONS[Quantity(quantity.value)].unit for quantity in UNIT_OF} == {
        str(quantity): unit for quantity, unit in UNIT_OF.items()
    }
