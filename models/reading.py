"""Reads files that a stranger may have prepared: regular ones only, and never more than a limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from models.errors import ModelNotFound, ModelRefused

MAX_WEIGHTS_BYTES = 1 << 30
"""Weights are held in memory whole; what is larger does not run on a node's processor in time anyway."""


def read_regular(path: Path, limit: int, what: str, fix: str) -> bytes:
    """All bytes of a regular file, read from one opened file: what was measured is what is read.

    `what` and `fix` begin and end the refusal. Raises ModelNotFound where there is none, ModelRefused for what is
    no regular file (a pipe would never end) or larger than `limit` bytes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise ModelRefused(f"{what}: {path} is no regular file; {fix}")
            if status.st_size > limit:
                raise ModelRefused(f"{what}: {path} has {status.st_size} bytes, more than {limit}; {fix}")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(limit)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ModelNotFound(f"{what}: {path}: {reason}; {fix}") from error


def read_within(folder: Path, name: str, limit: int, what: str) -> bytes:
    """`read_regular` of a file below `folder`, refused where a symbolic link leads out of that folder.

    Raises ModelNotFound or ModelRefused.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelRefused(f"{what}: {path} is a link that leads out of {folder}; put the file itself there")
    return read_regular(path, limit, what, "give the file's path as weights")
