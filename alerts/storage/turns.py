"""Taking turns: whoever waits longest goes first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock handed on in the order it was asked for.

    SQLite's own waiting is by chance: a thread that writes without pause would starve all others.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return len(self._waiting)

    @contextmanager
    def turn(self, timeout_s: float) -> Iterator[None]:
        """Hold the lock for a while.

        Raises:
            TimeoutError: It was not this caller's turn within ``timeout_s`` seconds.
        """
        self._enter(timeout_s)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, timeout_s: float) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(timeout_s):
            return
        with self._lock:
            if not mine.is_set():
                self._waiting.remove(mine)
                raise TimeoutError(f"no turn to write within {timeout_s:.0f} s")

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
