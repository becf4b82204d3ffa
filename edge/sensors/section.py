"""``[[sensor]]`` of the node's file."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from detectors.sensors.decisions import Condition
from detectors.sensors.settings import MISSING, LimitRule, LitShare, SensorSettings, place_of
from edge.position_section import PositionSection
from ingest.config import ConfigModel
from ingest.hours import Hours
from ingest.messages import Name, Position
from ingest.sensors.gauge import Gauge
from ingest.sensors.opening import AnySource
from ingest.sensors.quantities import DEFINITIONS, Quantity
from ingest.sensors.settings import CsvSource, HttpSource, ModbusSource, MqttSource

Value = Annotated[float, Field(allow_inf_nan=False)]
Day = Annotated[float, Field(ge=0, le=86400)]
SILENT_AFTER_READINGS = 3


class LimitSection(ConfigModel):
    """``[[sensor.rule]]``. Values are in the quantity's own unit; exactly one of ``above`` and ``below``."""

    name: Name
    above: Value | None = None
    below: Value | None = None
    for_s: Annotated[float, Field(ge=0, le=30 * 86400)] = 0.0
    hysteresis: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    clear_s: Day = 0.0
    max_bridge_s: Annotated[float, Field(ge=0, le=7 * 86400)] = 600.0
    hours: Annotated[tuple[Hours, ...], Field(max_length=32)] = ()

    @model_validator(mode="after")
    def _one_side(self) -> LimitSection:
        if (self.above is None) == (self.below is None):
            raise ValueError(f"rule {self.name!r}: give above or below, and only one of them")
        if self.name == MISSING:
            raise ValueError(f"rule {MISSING!r}: the name belongs to [sensor.missing]; give another")
        return self

    @property
    def limit(self) -> float:
        """The value that is given."""
        given = self.above if self.above is not None else self.below
        assert given is not None, "the model refuses a rule without a limit"
        return given

    def rule(self, quantity: Quantity) -> LimitRule:
        """The same for the rule engine."""
        own = DEFINITIONS[quantity].hysteresis
        return LimitRule(
            name=self.name,
            beyond=Condition.ABOVE if self.above is not None else Condition.BELOW,
            limit=self.limit,
            for_s=self.for_s,
            hysteresis=own if self.hysteresis is None else self.hysteresis,
            clear_s=self.clear_s,
            max_bridge_s=self.max_bridge_s,
            hours=self.hours,
        )


class MissingSection(ConfigModel):
    """``[sensor.missing]``: no valid reading for so long is an alarm (数据缺失报警)."""

    after_s: Annotated[float, Field(gt=0, le=30 * 86400)]


class LitSection(ConfigModel):
    """``[sensor.lit]``: the share of time in which what comes in is above ``above`` (亮灯率)."""

    quantity: Quantity = Quantity.LAMP_LIT
    unit: Annotated[str, Field(max_length=20)] | None = None
    above: Value = 0.5
    window_s: Annotated[float, Field(ge=60, le=30 * 86400)] = 3600.0
    least_seen: Annotated[float, Field(gt=0, le=1)] = 0.5
    hours: Annotated[tuple[Hours, ...], Field(max_length=32)] = ()

    def share(self) -> LitShare:
        """The same for the rule engine. Raises ValueError for a unit that is none of the quantity's."""
        unit = self.unit or DEFINITIONS[self.quantity].unit
        return LitShare(Gauge(self.quantity, unit), self.above, self.window_s, self.least_seen, self.hours)


class SensorSection(ConfigModel):
    """A sensor: what it measures, where its numbers come from, its rules."""

    name: Name
    quantity: Quantity
    unit: Annotated[str, Field(max_length=20)] | None = None
    every_s: Annotated[float, Field(ge=0.1, le=86400)] = 60.0
    mqtt: MqttSource | None = None
    modbus: ModbusSource | None = None
    http: HttpSource | None = None
    csv: CsvSource | None = None
    position: PositionSection | None = None
    camera: Name | None = None
    snapshot_within_m: Annotated[float, Field(ge=0, le=10_000)] = 200.0
    window_s: Annotated[float, Field(ge=1, le=86400)] = 60.0
    keep_raw: Annotated[int, Field(ge=0, le=1_000_000)] = 10_000
    valid: tuple[Value, Value] | None = None
    silent_after_s: Annotated[float, Field(gt=0, le=30 * 86400)] | None = None
    stuck_after_s: Annotated[float, Field(gt=0, le=30 * 86400)] | None = None
    lit: LitSection | None = None
    missing: MissingSection | None = None
    rules: Annotated[tuple[LimitSection, ...], Field(max_length=16, alias="rule")] = ()

    @model_validator(mode="after")
    def _fits(self) -> SensorSection:
        given = [name for name in ("mqtt", "modbus", "http", "csv") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(
                f"sensor {self.name!r} has the sources: {found}; give one of [sensor.mqtt], .modbus, .http, .csv"
            )
        if self.silence_s < self.every_s:
            raise ValueError(f"silent_after_s {self.silence_s:g} is shorter than every_s {self.every_s:g}")
        if self.missing is not None and self.missing.after_s < self.every_s:
            raise ValueError(f"missing.after_s {self.missing.after_s:g} is shorter than every_s {self.every_s:g}")
        self._check_derivation()
        self._check_rules()
        return self

    def _check_derivation(self) -> None:
        if (self.quantity is Quantity.LAMP_RATIO) != (self.lit is not None):
            raise ValueError("lamp_ratio is derived: it and [sensor.lit] belong together; give both or neither")
        if self.lit is not None:
            self.lit.share()
            if self.unit is not None:
                raise ValueError("the unit that comes in belongs to [sensor.lit]; remove it from the sensor")

    def _check_rules(self) -> None:
        low, high = self.gauge.range
        names = [rule.name for rule in self.rules]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two rules are named {', '.join(sorted(twice))}; rename one")
        for rule in self.rules:
            if not low <= rule.limit <= high:
                own = self.gauge.definition.unit
                raise ValueError(
                    f"rule {rule.name!r}: {rule.limit:g} lies outside of what {self.quantity} can be, {low:g} to "
                    f"{high:g} {own}; limits are in that unit"
                )

    @property
    def source(self) -> AnySource:
        """Where its numbers come from."""
        found = self.mqtt or self.modbus or self.http or self.csv
        assert found is not None, "the model refuses a sensor without a source"
        return found

    @property
    def host(self) -> str | None:
        """The machine that is asked for readings, where one is named."""
        if self.mqtt is not None:
            return None if self.mqtt.broker is None else self.mqtt.broker.host
        if self.modbus is not None:
            return self.modbus.host
        return None if self.http is None else self.http.host

    @property
    def finite(self) -> bool:
        """Whether its source has an end."""
        return self.csv is not None

    @property
    def gauge(self) -> Gauge:
        """Quantity, unit and valid range. Raises ValueError where they do not fit together."""
        low, high = self.valid or (None, None)
        return Gauge(self.quantity, self.unit or DEFINITIONS[self.quantity].unit, low, high)

    @property
    def silence_s(self) -> float:
        """Without a valid reading for so long it counts as silent."""
        return self.silent_after_s or SILENT_AFTER_READINGS * self.every_s

    def fixed_position(self) -> Position | None:
        """Where it lies."""
        return None if self.position is None else self.position.position()

    def settings(self, site: str, node: str, time_zone: ZoneInfo) -> SensorSettings:
        """The same for the rule engine."""
        return SensorSettings(
            gauge=self.gauge,
            place=lambda rule: place_of(site, node, self.name, rule),
            rules=tuple(rule.rule(self.quantity) for rule in self.rules),
            silent_after_s=self.silence_s,
            missing_after_s=None if self.missing is None else self.missing.after_s,
            stuck_after_s=self.stuck_after_s,
            window_s=self.window_s,
            lit=None if self.lit is None else self.lit.share(),
            time_zone=time_zone,
        )
