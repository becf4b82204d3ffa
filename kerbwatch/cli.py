"""The command line (thin): finds the command, imports its room, turns refusals into clear messages."""

from __future__ import annotations

import importlib
import sys

import click

from ingest.config import ConfigError
from kerbwatch import __version__

COMMANDS = {
    "edge": ("kerbwatch.commands.edge", "edge", "edge"),
    "central": ("kerbwatch.commands.central", "central", "central"),
    "demo": ("kerbwatch.commands.demo", "demo", "demo"),
    "camera": ("kerbwatch.commands.camera", "camera", "demo"),
    "check": ("kerbwatch.commands.check", "check", "central"),
    "schema": ("kerbwatch.commands.schema", "schema", "edge"),
    "models": ("models.cli", "models", "edge"),
    "scenarios": ("scenarios.cli", "scenarios", "edge"),
}
"""Command name -> module, attribute, and the extra that carries what it imports."""


class Commands(click.Group):
    """A group that imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, extra = COMMANDS[cmd_name]
        try:
            command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            return _missing(cmd_name, extra, error)
        assert isinstance(command, click.Command)
        return command


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
