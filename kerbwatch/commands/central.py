"""``kerbwatch central``: run the centre."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

import click
from sqlalchemy.exc import SQLAlchemyError

from central.config import load_central_config
from central.service import CentralService, StartError
from ingest.clock import SystemClock
from ingest.logs import configure_logging
from ingest.progress import Watchdog
from ingest.service_notify import Notifier
from kerbwatch import __version__
from kerbwatch.commands.node_command import node_command


@click.group(invoke_without_command=True)
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, help="The centre's TOML file."
)
@click.option("--check", "check_only", is_flag=True, help="Check the configuration, then exit.")
@click.option("--json-logs/--console-logs", "json_logs", default=None, help="Default: JSON unless on a terminal.")
@click.pass_context
def central(context: click.Context, config_file: Path, check_only: bool, json_logs: bool | None) -> None:
    """Run the centre: take events in, keep cases, serve the API and the console.

    With a command it speaks to a centre that runs.

    \b
    Examples:
      kerbwatch central --config central.toml
      kerbwatch central --config central.toml --check
      kerbwatch central --config central.toml node-command look-again xuhui/junction-17
    """
    configure_logging(as_json=json_logs)
    config = load_central_config(config_file)
    if context.invoked_subcommand is not None:
        context.obj = config
        return
    if check_only:
        click.echo(f"{config_file} is right: {len(config.node)} enrolled node(s)")
        return
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        service = CentralService(config, version=__version__)
        service.start()
    except (StartError, SQLAlchemyError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Kerbwatch centre at {service.url}")
    watchdog = Watchdog(lambda: service.progress, Notifier(), SystemClock())
    watchdog.start()
    try:
        stopping.wait()
    finally:
        watchdog.stop()
        service.stop()


central.add_command(node_command)
