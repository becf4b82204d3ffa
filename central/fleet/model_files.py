"""Cards and weights that nodes may fetch, by content: ``models/<sha256>`` below the centre's data folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from ingest.fleet import MAX_WEIGHTS_BYTES

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ModelFiles:
    """The folder. Files never change, so many processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where it lies, whether or not it is there. Raises ValueError for what is no sha256."""
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError(f"{sha256[:80]!r} is no sha256")
        return self._folder / sha256

    def size(self, sha256: str) -> int | None:
        """Bytes; None where there is no such file."""
        path = self.path(sha256)
        return path.stat().st_size if path.is_file() else None

    def add(self, content: bytes) -> str:
        """Keep a file, whole or not at all; returns its sha256.

        Raises:
            ValueError: It is empty, or larger than any node takes.
            OSError: The folder cannot be written.
        """
        if not 0 < len(content) <= MAX_WEIGHTS_BYTES:
            raise ValueError(f"{len(content)} bytes; give 1 to {MAX_WEIGHTS_BYTES}")
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if target.is_file():
            return sha256
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".incoming-")
        partial = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.chmod(0o644)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return sha256
