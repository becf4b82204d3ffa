"""Waiting on conditions with a deadline: the tests' replacement for sleeping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

HANG_S = 60.0
"""What has not happened by then hangs. It only tells a hang from work: a busy machine needs seconds more, not this."""


def wait_for(condition: Callable[[], T], *, timeout_s: float = HANG_S, what: str = "condition") -> T:
    """The first truthy result of ``condition``; fails the test after ``timeout_s`` seconds."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout_s} s; last value {result!r}")
        pause.wait(0.02)
