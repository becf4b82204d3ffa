"""One process beside this one that does pieces of work, so that a crash in native code costs one item, not the run.

A ``ProcessPoolExecutor`` loses every piece under way when one of its processes dies, and cannot end a piece that
takes too long; hence a process and a pipe of our own.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

LIMIT_S = 3600.0
END_S = 5.0
TRACE_LINES = 6


class WorkError(Exception):
    """A piece of work failed; the message says how and where."""


class Worker:
    """A process, started when first needed and again after it died. One piece at a time; ``close`` from any thread."""

    def __init__(self, *, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._closed = False
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def call(self, function: Callable[..., None], *arguments: object) -> None:
        """Do ``function(*arguments)`` in the process; both must be picklable.

        Raises:
            WorkError: The function raised, the process died, or it took longer than the limit.
        """
        pipe = self._started()
        try:
            pipe.send((function, arguments))
            if not pipe.poll(self._limit_s):
                self._end()
                raise WorkError(f"took longer than {self._limit_s:.0f} s and was ended")
            complaint = pipe.recv()
        except (EOFError, OSError) as error:
            code = self._end()
            raise WorkError(f"its process ended with code {code}") from error
        if complaint is not None:
            raise WorkError(complaint)

    def close(self) -> None:
        """End the process, also in the middle of a piece; nothing is started afterwards."""
        with self._lock:
            self._closed = True
        self._end()

    def _started(self) -> Connection:
        with self._lock:
            if self._closed:
                raise WorkError("the evaluation is ending")
            if self._process is not None and self._process.is_alive() and self._pipe is not None:
                return self._pipe
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            # Ctrl-C reaches the whole group of processes; this one is ended by us, quietly. The mask is inherited,
            # unless the start has to begin the tracker first, which unblocks the signal.
            resource_tracker.ensure_running()
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                self._process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
            self._pipe = ours
            return ours

    def _end(self) -> int | None:
        """The exit code, None where there was no process."""
        with self._lock:
            process, self._process, self._pipe = self._process, None, None
        if process is None:
            return None
        process.join(0.2)  # a process that died by itself keeps its own exit code
        process.terminate()
        process.join(END_S)
        if process.is_alive():
            process.kill()
            process.join(END_S)
        return process.exitcode


def _serve(pipe: Connection) -> None:
    with suppress(EOFError, OSError):  # whoever asked has gone
        while True:
            function, arguments = pipe.recv()
            pipe.send(_complaint(function, arguments))


def _complaint(function: Callable[..., None], arguments: tuple[Any, ...]) -> str | None:
    try:
        function(*arguments)
    except Exception as error:  # noqa: BLE001 - told to the caller, who records it with the item
        trace = traceback.format_exc().strip().splitlines()[-TRACE_LINES - 1 : -1]
        return "\n".join([f"{type(error).__name__}: {error}", *trace])
    return None
