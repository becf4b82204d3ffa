"""``[fleet]`` of the node's file: whose orders it obeys, and how careful it is with them."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from ingest.config import ConfigModel, resolve_existing

MOST_KEYS = 8


class FleetSection(ConfigModel):
    """Without ``centre_key_file`` (the centre's public keys, base64, one a line) the node obeys no orders.

    A new configuration or model is on probation until every camera that looked before has looked again;
    ``probation_looks`` failed ones, or ``probation_s`` seconds, are enough to go back.
    """

    centre_key_file: Annotated[Path, AfterValidator(resolve_existing)] | None = None
    probation_looks: Annotated[int, Field(ge=3, le=1000)] = 10
    probation_s: Annotated[float, Field(ge=5, le=3600)] = 180.0

    @field_validator("centre_key_file")
    @classmethod
    def _holds_keys(cls, path: Path | None) -> Path | None:
        if path is not None:
            read_keys(path)
        return path

    def keys(self) -> tuple[str, ...]:
        """The centre's public keys, read anew: one that was added or struck out counts at once. Raises ValueError."""
        return () if self.centre_key_file is None else read_keys(self.centre_key_file)


def read_keys(path: Path) -> tuple[str, ...]:
    """Keys of a file; empty lines and those that begin with # do not count. Raises ValueError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as text: {error}") from error
    keys = tuple(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
    if not 0 < len(keys) <= MOST_KEYS:
        raise ValueError(f"{path}: holds {len(keys)} keys; give 1 to {MOST_KEYS}, one a line")
    for number, key in enumerate(keys, 1):
        try:
            raw = base64.b64decode(key, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"{path}: key {number} is not base64; copy what the centre prints") from error
        if len(raw) != 32:
            raise ValueError(f"{path}: key {number} has {len(raw)} bytes; an Ed25519 public key has 32")
    return keys
