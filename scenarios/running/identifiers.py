"""Identifiers that are the same in every run."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import numpy as np

from ingest.clock import uuid7


def ids(*words: str | int) -> Callable[[datetime], UUID]:
    """Makes identifiers from the time and from dice that always fall alike."""
    rng = np.random.default_rng([zlib.crc32(str(word).encode()) for word in words])
    return lambda at: uuid7(at, rng.bytes(10))
