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
from ingest.logs import configure_logging
from kerbwatch import __version__


@click.command()
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, help="The centre's TOML file."
)
@click.option("--check", "check_only", is_flag=True, help="Check the configuration, then exit.")
@click.option("--json-logs/--console-logs", "json_logs", default=None, help="Default: JSON unless on a terminal.")
def central(config_file: Path, check_only: bool, json_logs: bool | None) -> None:
    """Run the centre: take events in, keep cases, serve the API and the console.

    \b
    Examples:
      kerbwatch central --config central.toml
      kerbwatch central --config central.toml --check
    """
    configure_logging(as_json=json_logs)
    config = load_central_config(config_file)
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
    try:
        stopping.wait()
    finally:
        service.stop()
