"""``kerbwatch doctor``: say in plain words what is wrong with a node."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from edge.alive import alive_file, is_alive
from edge.config import NodeConfig, load_node_config
from edge.doctor.finding import Finding, Level, ok, problem
from edge.doctor.judging import judge_clock
from edge.doctor.local import examine_cameras, examine_data, examine_model
from edge.doctor.network import examine_broker, examine_centre
from edge.fleet.kernel_time import kernel_synchronised
from ingest.config import ConfigError
from ingest.logs import quiet

_MARKS = {Level.OK: "ok      ", Level.WARNING: "warning ", Level.PROBLEM: "PROBLEM "}


@click.command()
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, help="The node's TOML file."
)
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON, for programs.")
@click.option("--no-cameras", is_flag=True, help="Leave the cameras out: some allow one viewer only.")
@click.option("--alive", is_flag=True, help="Only whether the running node makes progress (for containers).")
def doctor(config_file: Path, as_json: bool, no_cameras: bool, alive: bool) -> None:
    """Examine a node: configuration, clock, disk, spool, model, broker, centre, certificates, cameras.

    It changes nothing and may run beside the node. Exit 0: all well, or warnings only; 1: there is a problem.

    \b
    Examples:
      kerbwatch doctor --config node.toml
      kerbwatch doctor --config node.toml --json --no-cameras
    """
    try:
        config = load_node_config(config_file)
    except ConfigError as error:
        findings = [
            problem("configuration", "config_refused", f"{item.field} = {item.value}", item.fix)
            for item in error.problems
        ]
    else:
        with quiet():
            findings = [_alive(config)] if alive else _examine(config_file, config, cameras=not no_cameras)
    if as_json:
        worst = max((finding.level for finding in findings), key=list(Level).index)
        click.echo(json.dumps({"worst": worst, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.level]}{finding.check}: {finding.text}")
            if finding.fix:
                click.echo(f"        -> {finding.fix}")
    if any(finding.level is Level.PROBLEM for finding in findings):
        raise click.exceptions.Exit(1)


def _examine(config_file: Path, config: NodeConfig, *, cameras: bool) -> list[Finding]:
    centre, differs_s = examine_centre(config.centre)
    return [
        ok("configuration", f"{config_file} is right: {len(config.cameras)} camera(s)"),
        judge_clock(datetime.now(UTC), kernel=kernel_synchronised(), centre_differs_s=differs_s),
        *examine_data(config),
        examine_model(config),
        *examine_broker(config),
        *centre,
        *(examine_cameras(config) if cameras else ()),
    ]


def _alive(config: NodeConfig) -> Finding:
    path = alive_file(config.node.data_dir)
    if is_alive(path, time.monotonic()):
        return ok("node", "it runs and makes progress")
    return problem("node", "node_not_alive", f"{path} is not fresh: it does not run, or hangs", "look at its log")
