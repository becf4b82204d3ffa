"""``kerbwatch edge``: run a node."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

import click

from detectors.types import DetectorError
from edge.alive import alive_file, say_alive
from edge.config import NodeConfig, load_node_config
from edge.data_folder import NodeError
from edge.database import DatabaseError
from edge.fleet.assembly import FleetOptions
from edge.node import EdgeNode, NodeOptions, Outcome
from ingest.clock import SystemClock
from ingest.log_ring import LogRing
from ingest.logs import configure_logging
from ingest.progress import Watchdog
from ingest.service_notify import Notifier
from ingest.signing import KeyFileError
from models.errors import ModelError

_WAIT_STEP_S = 0.5


@click.command()
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, help="The node's TOML file."
)
@click.option(
    "--exit-at-end",
    is_flag=True,
    help="Exit 0 when all files and folders are over and the centre has every event; 1 when not.",
)
@click.option(
    "--deadline",
    "deadline_s",
    type=click.FloatRange(min=1),
    default=3600.0,
    show_default=True,
    help="With --exit-at-end: give up after so many seconds.",
)
@click.option("--check", "check_only", is_flag=True, help="Check configuration and model, then exit.")
@click.option("--json-logs/--console-logs", "json_logs", default=None, help="Default: JSON unless on a terminal.")
def edge(
    config_file: Path, exit_at_end: bool, deadline_s: float, check_only: bool, json_logs: bool | None
) -> None:
    """Run an edge node: look at its cameras, keep events safe, send them to the centre.

    \b
    Examples:
      kerbwatch edge --config node.toml
      kerbwatch edge --config node.toml --check
      kerbwatch edge --config node.toml --exit-at-end --deadline 600
    """
    log_ring = LogRing()
    configure_logging(as_json=json_logs, remember=log_ring)
    config = load_node_config(config_file)
    finite = [camera.name for camera in config.cameras if not camera.address.live]
    if exit_at_end and not finite + [sensor.name for sensor in config.sensor if sensor.finite]:
        raise click.UsageError(
            "--exit-at-end needs a camera whose source is a file or a folder, or a sensor that replays; "
            "live ones never end"
        )
    try:
        if check_only:
            model = config.model()
            for doubt in config.doubts():
                click.echo(f"Warning: {config_file}: {doubt}", err=True)
            sensors = f"{len(config.sensor)} sensor(s), " if config.sensor else ""
            click.echo(
                f"{config_file} is right: {len(config.cameras)} camera(s), {sensors}model {model.card.name}"
            )
            return
        node = EdgeNode(config, options=NodeOptions(fleet=FleetOptions(log_ring=log_ring)))
    except (DatabaseError, DetectorError, KeyFileError, ModelError, NodeError) as error:
        raise click.ClickException(str(error)) from error
    outcome = _run(node, config, deadline_s if exit_at_end else None)
    if outcome is not Outcome.DRAINED:
        raise click.ClickException(f"ended with {outcome.value}")


def _run(node: EdgeNode, config: NodeConfig, deadline_s: float | None) -> Outcome:
    """Until a signal comes, or with a deadline until everything is sent."""
    # A queue and not an event: its put() may interrupt itself, as a second signal does; Event.set() would hang.
    stopping: SimpleQueue[int] = SimpleQueue()

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.put(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    told = alive_file(config.node.data_dir)
    watchdog = Watchdog(
        lambda: node.progress, Notifier(), SystemClock(), alive=lambda steady_s: say_alive(told, steady_s)
    )
    node.start()
    watchdog.start()
    try:
        if deadline_s is None:
            stopping.get()
            return Outcome.DRAINED
        return _wait(node, stopping, deadline_s)
    finally:
        watchdog.stop()
        node.stop()


def _wait(node: EdgeNode, stopping: SimpleQueue[int], deadline_s: float) -> Outcome:
    result: list[Outcome] = []
    waiter = threading.Thread(target=lambda: result.append(node.wait_finished(deadline_s)), daemon=True)
    waiter.start()
    while waiter.is_alive() and stopping.empty():
        waiter.join(_WAIT_STEP_S)
    return result[0] if result else Outcome.NOT_DRAINED
