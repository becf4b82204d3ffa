"""However the demo ends, nothing of it keeps running and no verdict is claimed."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from kerbwatch.commands import demo as command
from kerbwatch.demo import show
from kerbwatch.demo.centre_client import CentreSilentError
from scenarios.stack import processes
from scenarios.stack.processes import Household, Program, ProgramEndedError


class FakeBroker:
    name = "fake"
    port = 1

    def __init__(self) -> None:
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """The demo takes signals over; the test runner wants its own back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


ENDLESS = """
import signal, sys, threading
from kerbwatch.commands import demo as command

def run_for_ever(*_arguments):
    print("running", flush=True)
    threading.Event().wait(60)

# Whoever runs the tests under nohup, or in the background, hands ignored signals down.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
command.run_live = command.run_once = run_for_ever
command.demo(sys.argv[1:])
"""
"""A demo that would never end by itself, in a process of its own: signals are not for the test runner."""


def ended_by(number: signal.Signals, *options: str) -> tuple[int, str]:
    """Exit code and last words of a demo that got a signal while it ran."""
    command_line = [sys.executable, "-c", ENDLESS, *options]
    with subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
        assert demo.stdout is not None
        assert demo.stdout.readline().strip() == "running"
        demo.send_signal(number)
        output, _ = demo.communicate(timeout=30)
    return demo.returncode, output.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_live_demo_in_order(number: signal.Signals) -> None:
    assert ended_by(number) == (0, "Ended.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_verdict_is_no_success(number: signal.Signals) -> None:
    assert ended_by(number, "--once")[0] == 130


def test_a_silent_centre_is_a_message_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_arguments: object) -> None:
        raise CentreSilentError("/api/v1/cases: refused")

    monkeypatch.setattr(command, "run_once", silent)
    answer = CliRunner().invoke(command.demo, ["--once"])
    assert answer.exit_code == 1
    assert "Error: /api/v1/cases: refused" in answer.output


def test_the_broker_ends_when_the_centre_does_not_come_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = FakeBroker()
    monkeypatch.setattr(show, "make_clips", lambda _seed, _directory: {})
    monkeypatch.setattr("kerbwatch.demo.plan.CAMERAS", {})
    monkeypatch.setattr(show, "start_broker", lambda _directory: broker)
    monkeypatch.setattr(processes, "COMMAND", ["/bin/false"])
    with pytest.raises(ProgramEndedError, match="centre ended with code 1"):
        show.run_once(1, tmp_path, Console(quiet=True))
    assert broker.stopped


def test_a_second_interrupt_leaves_no_program_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "COMMAND", ["/bin/sleep"])
    stop = Program.stop

    def interrupted(program: Program) -> None:
        if program.name == "node":
            raise KeyboardInterrupt
        stop(program)

    monkeypatch.setattr(Program, "stop", interrupted)
    started: list[Program] = []
    with pytest.raises(KeyboardInterrupt), Household() as household:
        started += [household.start(name, tmp_path / name, "60") for name in ("centre", "node")]
    assert [program.exit_code for program in started] == [-signal.SIGKILL, -signal.SIGKILL]
