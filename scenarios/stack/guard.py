"""Ends a program whose starter was killed outright (SIGKILL) and could not end it itself."""

from __future__ import annotations

import subprocess

_WAIT_THEN_END = 'read -r _; kill "$1"'
"""Nothing is ever written to it: reading ends when the starter, the only one who could, is gone."""


class Guard:
    """Watches over a process, by its id, until it is dismissed; dismiss it before the process is ended."""

    def __init__(self, pid: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a fixed line and a number
            ["/bin/sh", "-c", _WAIT_THEN_END, "guard", str(pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Stop watching; safe to call twice."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
