"""The node's data folder, held by one process at a time."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class NodeError(Exception):
    """A node that cannot start; the message says what to do."""


def hold(data_dir: Path) -> int:
    """Hold the data folder for this process: two nodes on one spool would number events twice."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / "node.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NodeError(
            f"node.data_dir = {data_dir}: {error.strerror}; give a folder this user may write to"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise NodeError(
            f"{data_dir} is in use by another node process; stop it or give another data_dir"
        ) from error
    return descriptor
