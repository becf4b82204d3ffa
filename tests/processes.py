"""Processes that tests start, and which of them run: none may outlive its test."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.waiting import HANG_S

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


def end(process: subprocess.Popen[bytes], with_signal: signal.Signals = signal.SIGTERM) -> None:
    """End a child. One that hangs is killed, so that it fails this test and no later one."""
    process.send_signal(with_signal)
    try:
        process.wait(HANG_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"did not end on {with_signal.name}: {process.args}") from None


def children(parent: int) -> set[int]:
    """The running children of a process."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _after_name(stat)
        if fields is not None and int(fields[1]) == parent and fields[0] != "Z":
            found.add(int(stat.parent.name))
    return found


def alive(pid: int) -> bool:
    """Whether it still runs; where nobody collects orphans, an ended one leaves an entry behind."""
    fields = _after_name(Path(f"/proc/{pid}/stat"))
    return fields is not None and fields[0] != "Z"


def _after_name(stat: Path) -> list[str] | None:
    """State, parent and so on; None where it has ended."""
    try:
        return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
