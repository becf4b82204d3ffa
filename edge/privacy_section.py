"""``[privacy]`` of the node's file: for whom originals are sealed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pydantic import AfterValidator, field_validator

from ingest.config import ConfigModel, resolve_existing
from ingest.sealed import SealError, load_public_key


class PrivacySection(ConfigModel):
    """Pictures leave the node with faces and plates covered. With ``sealed_for`` (the authority's X25519 public key,
    PEM) the original of each incident's crop goes along, encrypted for the holder of the private key.
    """

    sealed_for: Annotated[Path, AfterValidator(resolve_existing)] | None = None

    @field_validator("sealed_for")
    @classmethod
    def _is_public_key(cls, path: Path | None) -> Path | None:
        if path is not None:
            _read(path)
        return path

    def authority_key(self) -> X25519PublicKey | None:
        """For whom originals are sealed; None: there are none. Raises ValueError where the file has changed."""
        return None if self.sealed_for is None else _read(self.sealed_for)


def _read(path: Path) -> X25519PublicKey:
    try:
        return load_public_key(path.read_bytes())
    except OSError as error:
        raise SealError(f"{path} cannot be read ({error.strerror})") from error
