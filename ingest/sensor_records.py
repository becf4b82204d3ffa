"""What the wire says about sensors (传感器): their readings, what an alarm is about, how each does."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from ingest.wire import Name, Position, Seconds, Utc, WireModel

QuantityName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
UnitName = Annotated[str, Field(max_length=20)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


class Reading(WireModel):
    """Sensor values (传感读数): one value, or what a window of them comes to.

    ``at`` is when the value was measured; of a window (``window_s`` is set) it is when that began, and ``value`` is its
    mean: of dB(A) the energy mean (Leq), else the arithmetic one. Windows are aligned to the wall clock (UTC).
    """

    TYPE: ClassVar[str] = "kerbwatch.reading"
    sensor: Name
    quantity: QuantityName
    unit: UnitName
    value: Number
    at: Utc
    position: Position | None = None
    window_s: Seconds | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    count: Annotated[int, Field(ge=1)] | None = Field(default=None, description="Values in the window.")
    refused: Count | None = Field(default=None, description="Values of the window that were no data.")

    @model_validator(mode="after")
    def _whole_window(self) -> Reading:
        told = [part is not None for part in (self.window_s, self.minimum, self.maximum, self.count)]
        if any(told) and not all(told):
            raise ValueError("window_s, minimum, maximum and count belong together; give all or none")
        return self


class SensorAlarm(WireModel):
    """What a sensor's alarm is about (传感报警). Values are in ``unit``, the quantity's own.

    ``condition`` ``missing``: no data came; then there is no limit. ``value`` is the newest valid value, ``extreme``
    the furthest beyond the limit so far.
    """

    quantity: QuantityName
    unit: UnitName
    condition: Literal["above", "below", "missing"]
    limit: Number | None = None
    value: Number | None = None
    extreme: Number | None = None


class SensorStatus(WireModel):
    """How one sensor does. ``silent``: nothing valid came for longer than it may take."""

    name: Name
    quantity: QuantityName
    unit: UnitName
    state: Literal["starting", "reading", "alarm", "silent", "ended", "failed"]
    last_reading: Utc | None = None
    value: Number | None = None
    readings: Count = 0
    refused: Count = 0
    detail: Annotated[str, Field(max_length=300)] = ""
