"""Configuration files: TOML checked by strict models; every refusal names the field, the value and the fix."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from ingest.sanitise import sanitise

BASE_DIR = "base_dir"
"""Validation-context key: the folder of the configuration file, to which relative paths belong."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a configuration."""

    field: str
    value: str
    fix: str

    def __str__(self) -> str:
        return f"{self.field} = {self.value}: {self.fix}"


class ConfigError(Exception):
    """A configuration that is refused.

    Attributes:
        source: The file.
        problems: Everything found wrong with it, in file order.
    """

    def __init__(self, source: str, problems: list[Problem]) -> None:
        super().__init__("\n".join([f"{source} is refused:", *(f"  {problem}" for problem in problems)]))
        self.source = source
        self.problems = problems


class ConfigModel(BaseModel):
    """Base of every configuration section: unknown keys refused, values immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)


Model = TypeVar("Model", bound=ConfigModel)


def load_config(path: Path, model: type[Model]) -> Model:
    """Read and check a TOML file. Relative paths in it are relative to its folder.

    Raises:
        ConfigError: The file cannot be read, is not TOML, or says something that cannot be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [Problem("(file)", str(path), f"cannot be read: {error}")]) from error
    return parse_config(text, model, source=str(path), base_dir=path.resolve().parent)


def parse_config(text: str, model: type[Model], *, source: str, base_dir: Path) -> Model:
    """Check TOML text; see :func:`load_config`."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a bare ValueError
        raise ConfigError(source, [Problem("(file)", source, f"not valid TOML: {error}")]) from error
    try:
        return model.model_validate(raw, context={BASE_DIR: base_dir})
    except ValidationError as error:
        raise ConfigError(source, problems_of(error)) from error


def problems_of(error: ValidationError) -> list[Problem]:
    """What a model found wrong, each naming the field, the value (no secret) and the fix."""
    return [_problem(dict(item)) for item in error.errors(include_url=False)]


def resolve_path(value: Path, info: ValidationInfo) -> Path:
    """``value`` relative to the configuration file's folder (for ``AfterValidator``)."""
    base = (info.context or {}).get(BASE_DIR)
    try:
        expanded = value.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{value}: no such user; give a path without ~") from error
    return expanded if expanded.is_absolute() or base is None else Path(base) / expanded


def resolve_existing(value: Path, info: ValidationInfo) -> Path:
    """Like :func:`resolve_path`; refuses a path where nothing is."""
    path = resolve_path(value, info)
    try:
        path.stat()
    except FileNotFoundError:
        raise ValueError(
            f"no such file: {path}; give a path that exists, relative to this configuration file"
        ) from None
    except OSError as error:
        raise ValueError(
            f"{path} cannot be reached: {error.strerror}; correct the path or its permissions"
        ) from error
    return path


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or an address) is this machine and nobody else can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_secret(path: Path) -> str:
    """The first line of a file that holds a password or token.

    Raises:
        ValueError: It cannot be read, or its first line is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as text: {error}") from error
    if not lines or not lines[0].strip():
        raise ValueError(f"{path}: its first line is empty; put the secret there")
    return lines[0]


_SECRET_FIELD = re.compile(r"pass|pwd|secret|token|credential", re.IGNORECASE)
"""A secret written where a file name belongs must not reach the log with the refusal."""

_FIXES = {
    "extra_forbidden": "unknown key; remove it or correct its spelling",
    "missing": "missing; add it",
}


def _problem(item: dict[str, Any]) -> Problem:
    field = ""
    for part in item["loc"]:
        field += f"[{part}]" if isinstance(part, int) else f".{part}" if field else str(part)
    value = "(absent)" if item["type"] == "missing" else sanitise(repr(item["input"]))[:120]
    if item["type"] == "extra_forbidden" and _SECRET_FIELD.search(field):
        value = "(not shown)"
    message = str(item["msg"]).removeprefix("Value error, ")
    return Problem(field or "(whole file)", value, _FIXES.get(item["type"], message[:1].lower() + message[1:]))


class TlsSettings(ConfigModel):
    """Certificates for a TLS connection; paths to PEM files."""

    ca_file: Path | None = Field(default=None, description="authorities to trust; the system's when absent")
    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _resolve(self, info: ValidationInfo) -> TlsSettings:
        for name in ("ca_file", "cert_file", "key_file"):
            path = getattr(self, name)
            if path is not None:
                object.__setattr__(self, name, resolve_existing(path, info))
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together; give both or neither")
        return self


class MqttSettings(ConfigModel):
    """How to reach the broker (MQTT 5)."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: Annotated[str, Field(max_length=200)] | None = None
    password_file: Path | None = Field(default=None, description="file whose first line is the password")
    tls: TlsSettings | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=600)] = 30

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> MqttSettings:
        if self.password_file is not None:
            object.__setattr__(self, "password_file", resolve_existing(self.password_file, info))
            if self.username is None:
                raise ValueError("password_file without username; add username")
            read_secret(self.password_file)
        return self

    def password(self) -> str | None:
        """The first line of ``password_file``. Raises ValueError when it has gone or is empty."""
        return None if self.password_file is None else read_secret(self.password_file)
