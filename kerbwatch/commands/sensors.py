"""``kerbwatch sensors``: what a node's sensors left on the box."""

from __future__ import annotations

import csv
import sqlite3
import sys
from datetime import datetime
from pathlib import Path

import click

from edge.config import load_node_config
from edge.sensors.raw import FILE, RawReading, read_raw
from ingest.clock import to_millis


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return to_millis(datetime.fromisoformat(str(value)))
        except ValueError:
            return self.fail(
                f"{value!r} is no time with a zone; give for example 2026-01-31T08:00:00Z", param, ctx
            )


@click.group()
def sensors() -> None:
    """Look at what a node's sensors left on the box.

    \b
    Example:
      kerbwatch sensors raw pm-north --config node.toml
    """


@sensors.command()
@click.argument("sensor")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), required=True, help="The node's TOML file."
)
@click.option("--since", type=_Moment(), help="From this moment on, for example 2026-01-31T08:00:00Z.")
@click.option("--until", type=_Moment(), help="Up to before this moment.")
def raw(sensor: str, config_file: Path, since: datetime | None, until: datetime | None) -> None:
    """Print a sensor's raw readings as CSV: time, as given, in the quantity's own unit, why it is no data.

    The node may run meanwhile. It keeps the newest keep_raw readings of each sensor.

    \b
    Example:
      kerbwatch sensors raw pm-north --config node.toml --since 2026-01-31T08:00:00+08:00
    """
    config = load_node_config(config_file)
    names = [one.name for one in config.sensor]
    if sensor not in names:
        raise click.ClickException(f"{config_file} has no sensor {sensor!r}; it has {', '.join(names) or 'none'}")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("time", "given", "value", "note"))
    try:
        for reading in read_raw(config.node.data_dir / FILE, sensor, since=since, until=until):
            writer.writerow(_row(reading))
    except FileNotFoundError as error:
        raise click.ClickException(f"no raw readings yet: {error} does not exist") from error
    except sqlite3.Error as error:
        raise click.ClickException(f"the raw readings cannot be read: {error}") from error


def _row(reading: RawReading) -> tuple[str, object, object, str]:
    at = reading.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    given = "" if reading.given is None else reading.given
    return at, given, "" if reading.value is None else reading.value, reading.note
