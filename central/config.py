"""The centre's configuration: TOML, strict. A listener that others can reach needs TLS and a token, or is refused."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ingest.config import (
    ConfigModel,
    MqttSettings,
    TlsSettings,
    is_loopback,
    load_config,
    read_secret,
    resolve_existing,
    resolve_path,
)
from ingest.messages import Name

MIN_TOKEN = 16
"""Shortest access token accepted; it is a bearer secret and the console's password."""


class CentreSection(ConfigModel):
    """Where the centre keeps things."""

    data_dir: Path
    database: Annotated[str, Field(min_length=1, max_length=500)] = "sqlite"
    time_zone: str = "Asia/Shanghai"

    @model_validator(mode="after")
    def _resolve(self, info: ValidationInfo) -> CentreSection:
        object.__setattr__(self, "data_dir", resolve_path(self.data_dir, info))
        return self

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value != "sqlite" and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError('give "sqlite", sqlite:///path or postgresql+psycopg://user@host/name')
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("unknown time zone; give an IANA name, for example Asia/Shanghai") from error
        return value

    def database_url(self) -> str:
        """The SQLAlchemy URL."""
        return f"sqlite:///{self.data_dir / 'centre.db'}" if self.database == "sqlite" else self.database


class HttpSection(ConfigModel):
    """Where the API and the console listen."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    names: tuple[str, ...] = Field(default=(), description="host names under which browsers and nodes reach it")
    tls: TlsSettings | None = None
    access_token_file: Path | None = None
    console: bool = True

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> HttpSection:
        if self.access_token_file is not None:
            object.__setattr__(self, "access_token_file", resolve_existing(self.access_token_file, info))
            if len(self.token() or "") < MIN_TOKEN:
                raise ValueError(f"the first line of access_token_file is shorter than {MIN_TOKEN} characters")
        if not self.loopback:
            if self.tls is None or self.tls.cert_file is None:
                raise ValueError(
                    f"host {self.host} can be reached from outside: add tls = {{ cert_file, key_file }}, or "
                    "listen on 127.0.0.1"
                )
            if self.access_token_file is None:
                raise ValueError(
                    f"host {self.host} can be reached from outside: add access_token_file, or listen on 127.0.0.1"
                )
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the listener."""
        return is_loopback(self.host)

    def token(self) -> str | None:
        """The access token: the first line of its file."""
        return None if self.access_token_file is None else read_secret(self.access_token_file).strip()


class TimeSeriesSection(ConfigModel):
    """An endpoint that takes InfluxDB v2 line protocol at ``/api/v2/write``."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+", max_length=300)]
    org: Annotated[str, Field(max_length=100)] = "kerbwatch"
    bucket: Annotated[str, Field(max_length=100)] = "kerbwatch"
    token_file: Path | None = None

    @model_validator(mode="after")
    def _resolve(self, info: ValidationInfo) -> TimeSeriesSection:
        if self.token_file is not None:
            object.__setattr__(self, "token_file", resolve_existing(self.token_file, info))
        return self

    def token(self) -> str:
        """The endpoint's token, empty when it needs none."""
        return "" if self.token_file is None else read_secret(self.token_file).strip()


class EnrolledNode(ConfigModel):
    """A node whose events must carry its signature."""

    site: Name
    name: Name
    public_key: str

    @field_validator("public_key")
    @classmethod
    def _is_key(cls, value: str) -> str:
        try:
            raw = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("not base64; copy the line that the node prints when it starts") from error
        if len(raw) != 32:
            raise ValueError(f"an Ed25519 public key has 32 bytes, this one {len(raw)}")
        return value


class CentralConfig(ConfigModel):
    """The whole file."""

    centre: CentreSection
    mqtt: MqttSettings = MqttSettings()
    http: HttpSection = HttpSection()
    time_series: TimeSeriesSection | None = None
    node: tuple[EnrolledNode, ...] = ()

    @field_validator("node")
    @classmethod
    def _once(cls, nodes: tuple[EnrolledNode, ...]) -> tuple[EnrolledNode, ...]:
        names = [(node.site, node.name) for node in nodes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"node {'/'.join(name)} is listed twice; keep one key")
        return nodes

    def keys(self) -> dict[tuple[str, str], str]:
        """(site, node) -> public key of every enrolled node."""
        return {(node.site, node.name): node.public_key for node in self.node}


def load_central_config(path: Path) -> CentralConfig:
    """Read and check the centre's file. Raises ConfigError."""
    return load_config(path, CentralConfig)
