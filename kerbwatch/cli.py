"""The command line (thin): finds the command, imports its room, turns refusals into clear messages."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import click

from ingest.config import ConfigError
from kerbwatch import __version__


@dataclass(frozen=True)
class Room:
    """Where a command lives: module, attribute, the extra that carries what it imports, and one line on it."""

    module: str
    attribute: str
    extra: str
    summary: str


COMMANDS = {
    "demo": Room("kerbwatch.commands.demo", "demo", "demo", "See the whole system work on rendered street clips."),
    "camera": Room("kerbwatch.commands.camera", "camera", "demo", "Draw a camera's zones on a still picture."),
    "edge": Room("kerbwatch.commands.edge", "edge", "edge", "Run the node of an intersection."),
    "doctor": Room("kerbwatch.commands.doctor", "doctor", "edge", "Say in plain words what is wrong with a node."),
    "central": Room("kerbwatch.commands.central", "central", "central", "Run the centre."),
    "check": Room("kerbwatch.commands.check", "check", "central", "Check that nothing was lost or doubled."),
    "models": Room(
        "kerbwatch.commands.models", "models", "edge", "Add, fetch, check, train and measure detectors."
    ),
    "scenarios": Room("scenarios.cli", "scenarios", "evaluate", "Streets with exact truth: list, look, make."),
    "evaluate": Room(
        "scenarios.evaluation.cli",
        "evaluate",
        "evaluate",
        "Find out how much is found, missed, doubled, invented.",
    ),
    "bench": Room(
        "kerbwatch.commands.bench", "bench", "evaluate", "Measure what parts of a node cost and save here."
    ),
    "privacy": Room(
        "scenarios.privacy.cli", "privacy", "evaluate", "Measure how well faces and number plates are hidden."
    ),
    "evidence": Room("kerbwatch.commands.evidence", "evidence", "edge", "Seal and open original pictures."),
    "sensors": Room(
        "kerbwatch.commands.sensors", "sensors", "edge", "Read what a node's sensors left on the box."
    ),
    "schema": Room("kerbwatch.commands.schema", "schema", "edge", "Write the wire contract as JSON Schema."),
}


class Commands(click.Group):
    """A group that imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        room = COMMANDS[cmd_name]
        try:
            command = getattr(importlib.import_module(room.module), room.attribute)
        except ModuleNotFoundError as error:
            return _missing(cmd_name, room.extra, error)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Without this, --help would import every room just to read its first line.
        with formatter.section("Commands"):
            formatter.write_dl([(name, room.summary) for name, room in COMMANDS.items()])


def _missing(name: str, extra: str, error: ModuleNotFoundError) -> click.Command:
    text = f"'{name}' needs {error.name}, which is not installed: pip install 'kerbwatch[{extra}]'"

    @click.command(name, help=f"(not installed: pip install 'kerbwatch[{extra}]')", add_help_option=False)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def missing(arguments: tuple[str, ...]) -> None:
        raise click.ClickException(text)

    missing.context_settings["ignore_unknown_options"] = True
    return missing


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kerbwatch")
def cli() -> None:
    """Kerbwatch: street cameras and sensors into city-management cases.

    \b
    Examples:
      kerbwatch demo                                 see it work
      kerbwatch camera setup rtsp://10.0.0.7/main    draw the zones of a camera
      kerbwatch edge --config node.toml              run a box at an intersection
      kerbwatch central --config central.toml        run the centre
    """


def main() -> None:
    """Entry point of the ``kerbwatch`` script."""
    try:
        cli()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
