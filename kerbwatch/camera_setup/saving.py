"""Where the block goes: a new file, or over an old one only when told so."""

from __future__ import annotations

import os
from pathlib import Path


class TargetError(Exception):
    """A file that is not written; the message says why and what to do."""


def check_target(path: Path, *, force: bool) -> None:
    """Refuse early what :func:`save` would refuse late.

    Raises:
        TargetError: The file exists and ``force`` is not given, or its folder does not.
    """
    if not path.parent.is_dir():
        raise TargetError(f"--out {path}: its folder does not exist; make it first")
    if path.is_dir():
        raise TargetError(f"--out {path}: is a folder; name a file in it")
    if path.exists() and not force:
        raise TargetError(f"--out {path}: exists already; choose another name or add --force")


def save(text: str, path: Path, *, force: bool) -> None:
    """Write ``text``; readable by its owner alone, because a source may hold a camera's password.

    Raises:
        TargetError: The file exists and ``force`` is not given, or the disk refused.
    """
    mode = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        with os.fdopen(os.open(path, mode, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise TargetError(f"--out {path}: exists already; choose another name or add --force") from error
    except OSError as error:
        raise TargetError(f"--out {path}: cannot be written: {error.strerror}") from error
