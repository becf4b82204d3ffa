"""A starter that is killed outright takes its programs with it."""

from __future__ import annotations

import subprocess
import sys

from scenarios.stack.guard import Guard
from tests.processes import alive, needs_proc
from tests.waiting import wait_for

STARTER = """
import subprocess, sys, time
from scenarios.stack.guard import Guard
program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
guard = Guard(program.pid)
print(program.pid, flush=True)
time.sleep(600)
"""


@needs_proc
def test_a_program_ends_when_its_starter_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        program = int(starter.stdout.readline())
        assert alive(program)
        starter.kill()
    wait_for(lambda: not alive(program), what="the end of the program")


def test_a_dismissed_guard_leaves_the_program_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        guard = Guard(program.pid)
        guard.dismiss()
        guard.dismiss()
        assert program.poll() is None
        program.communicate(b"\n")
        assert program.returncode == 0
