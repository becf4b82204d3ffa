"""``kerbwatch demo``: see the whole system work on one machine."""

from __future__ import annotations

import signal
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from kerbwatch.demo.centre_client import CentreSilentError
from kerbwatch.demo.show import DemoError, run_live, run_once
from scenarios.stack.broker import BrokerError
from scenarios.stack.processes import ProgramEndedError

_INTERRUPTED = 130
"""Exit code of a verdict that was never reached."""


@click.command("demo")
@click.option("--once", is_flag=True, help="Play the clips at full speed, compare cases with the truth, exit.")
@click.option(
    "--seed", type=click.IntRange(0, 999_999), default=1, show_default=True, help="Which streets to make."
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything in this (new or empty) folder. Default: a temporary one.",
)
def demo(once: bool, seed: int, directory: Path | None) -> None:
    """Broker, centre and two edge nodes on rendered street clips.

    With --once the exit code is 0 only if every true problem became exactly one case and no other case exists.

    \b
    Examples:
      kerbwatch demo                    live; open the printed address in a browser
      kerbwatch demo --once --seed 4    a verdict in about a minute
      kerbwatch demo --dir ./try        keep configurations, clips, databases and logs
    """
    console = Console()
    _end_on_termination()
    with _folder(directory) as folder:
        try:
            if once:
                sys.exit(0 if run_once(seed, Path(folder), console).exact else 1)
            run_live(seed, Path(folder), console)
        except KeyboardInterrupt:
            console.print("Ended.")
            if once:
                sys.exit(_INTERRUPTED)
        except (BrokerError, CentreSilentError, DemoError, ProgramEndedError) as error:
            raise click.ClickException(str(error)) from error


def _end_on_termination() -> None:
    """A closed terminal or a plain ``kill`` ends the demo like Ctrl-C: its programs must not outlive it."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup wants to outlive its terminal
            signal.signal(number, interrupt)


def _folder(directory: Path | None) -> AbstractContextManager[str]:
    if directory is None:
        return tempfile.TemporaryDirectory(prefix="kerbwatch-demo-")
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise click.BadParameter(f"{directory} is not empty; name a new folder", param_hint="--dir")
    return nullcontext(str(directory.resolve()))
