"""Where a sensor's numbers come from: ``[sensor.mqtt]``, ``.modbus``, ``.http``, ``.csv`` of the node's file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from ingest.config import ConfigModel, MqttSettings, is_loopback, read_secret, resolve_existing
from ingest.sensors.numbers import Pointer
from ingest.sensors.registers import DataType, Order
from ingest.wire import Utc

ExistingPath = Annotated[Path, AfterValidator(resolve_existing)]
Timeout = Annotated[float, Field(ge=0.1, le=60)]
Word = Annotated[str, Field(max_length=40), AfterValidator(lambda word: word.strip().lower())]
Words = Annotated[dict[Word, Annotated[float, Field(allow_inf_nan=False)]], Field(max_length=32)]


class JsonMapping(ConfigModel):
    """Where the number stands in a JSON payload, and when it was measured (字段映射).

    ``value`` and ``time`` are JSON pointers; ``time`` leads to an ISO 8601 text with a zone, or to seconds or
    milliseconds since 1970. ``words`` turns words into numbers, for example ``{ on = 1, off = 0 }``.
    """

    value: Pointer = ""
    time: Pointer | None = None
    max_age_s: Annotated[float, Field(gt=0, le=86400)] = Field(
        default=120.0, description="what was measured longer ago, or lies so far ahead, is refused; needs time"
    )
    words: Words = Field(default_factory=dict)


class MqttSource(JsonMapping):
    """JSON over MQTT. ``broker``: where, if it is not the node's own broker."""

    topic: Annotated[str, Field(min_length=1, max_length=500)]
    broker: MqttSettings | None = None

    @field_validator("topic")
    @classmethod
    def _is_filter(cls, topic: str) -> str:
        levels = topic.split("/")
        if "\0" in topic or "#" in levels[:-1]:
            raise ValueError("not a topic filter; # may only come last")
        if any(len(level) > 1 and ("+" in level or "#" in level) for level in levels):
            raise ValueError("not a topic filter; + and # stand for whole levels")
        return topic


class ModbusSource(ConfigModel):
    """Registers of a Modbus TCP device. ``address`` counts from 0, as on the wire (a manual's 40001 is holding 0)."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 502
    unit_id: Annotated[int, Field(ge=0, le=255)] = 1
    register_kind: Literal["holding", "input"] = Field(default="holding", alias="register")
    address: Annotated[int, Field(ge=0, le=65535)]
    data_type: DataType = DataType.UINT16
    word_order: Order = Order.BIG
    byte_order: Order = Order.BIG
    scale: Annotated[float, Field(allow_inf_nan=False)] = 1.0
    offset: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    timeout_s: Timeout = 3.0

    @field_validator("scale")
    @classmethod
    def _says_something(cls, scale: float) -> float:
        if scale == 0:
            raise ValueError("a scale of 0 makes every value the same; give for example 0.1")
        return scale


class HttpSource(JsonMapping):
    """JSON polled over HTTP."""

    url: Annotated[str, Field(max_length=2000)]
    token_file: ExistingPath | None = None
    ca_file: ExistingPath | None = None
    timeout_s: Timeout = 5.0

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if any(ord(character) <= 32 or ord(character) == 127 for character in url):
            raise ValueError("holds blanks or control characters; give http(s)://host[:port]/path")
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError where it is none
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("give http(s)://host[:port]/path, and credentials by token_file, not in the address")
        return url

    @model_validator(mode="after")
    def _no_token_in_clear(self) -> HttpSource:
        parts = urlsplit(self.url)
        token = self.token()
        if token is not None and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("token_file with http:// would send the token readable for all; use https://")
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ValueError("the token in token_file must be printable ASCII: it travels in an HTTP header")
        return self

    @property
    def host(self) -> str:
        """Who is asked."""
        return urlsplit(self.url).hostname or ""

    def token(self) -> str | None:
        """The first line of ``token_file``. Raises ValueError when it has gone or is empty."""
        return None if self.token_file is None else read_secret(self.token_file).strip()


class CsvSource(ConfigModel):
    """A recording: one line per reading, on its own clock, for tests and demos.

    ``time`` and ``value`` are column names. Times are ISO 8601 with a zone, or seconds since ``start_at``.
    """

    file: ExistingPath
    time: Annotated[str, Field(min_length=1, max_length=100)] = "time"
    value: Annotated[str, Field(min_length=1, max_length=100)] = "value"
    start_at: Utc | None = None
    pace: Literal["fast", "realtime"] = "fast"
    words: Words = Field(default_factory=dict)

    @property
    def origin(self) -> str:
        """What a position in it counts from."""
        start: datetime | None = self.start_at
        return f"{self.file}|{self.value}|{start.isoformat() if start else 'written'}"
