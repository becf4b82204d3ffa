"""Programs as child processes, the same commands a city would run."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from scenarios.stack.guard import Guard

COMMAND = (sys.executable, "-m", "kerbwatch")
STOP_TIMEOUT_S = 15.0


class ProgramEndedError(Exception):
    """A program ended although it should run; the message holds the end of its log."""


class Program:
    """One ``kerbwatch`` command with its log file."""

    def __init__(self, name: str, log: Path, *arguments: str) -> None:
        self.name = name
        self._log = log
        command = [*COMMAND, *arguments]
        with log.open("wb") as file:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._guard = Guard(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """``None`` while it runs."""
        return self._process.poll()

    def require_healthy(self, *, may_end: bool = False) -> None:
        """Raise ProgramEndedError when it failed, or ended although it may not."""
        code = self.exit_code
        if code is None or (code == 0 and may_end):
            return
        raise ProgramEndedError(f"{self.name} ended with code {code}; the end of {self._log}:\n{self.tail()}")

    def tail(self, size: int = 3000) -> str:
        """The end of its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-size:]

    def stop(self) -> None:
        """SIGTERM, then SIGKILL; safe to call twice."""
        self._guard.dismiss()
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL; safe to call twice."""
        self._guard.dismiss()
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_S)


class Household:
    """Programs that are stopped together, last started first."""

    def __init__(self) -> None:
        self._programs: list[Program] = []

    def start(self, name: str, log: Path, *arguments: str) -> Program:
        """Start one more."""
        program = Program(name, log, *arguments)
        self._programs.append(program)
        return program

    def __enter__(self) -> Household:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for program in reversed(self._programs):
                program.stop()
        finally:
            # Somebody in a hurry presses Ctrl-C again: nothing may be left running then, either.
            for program in self._programs:
                program.kill()
