"""The `models` commands, one file each in `models/commands`. Heavy imports wait for the command."""

from __future__ import annotations

import click

from models.commands.adding import add, remove
from models.commands.dataset import dataset
from models.commands.evaluate import evaluate
from models.commands.export import export
from models.commands.fetching import fetch
from models.commands.listing import list_catalogue
from models.commands.split import split
from models.commands.train import train
from models.commands.verifying import verify


@click.group()
def models() -> None:
    """Add, fetch, check, make, train, measure and export models (making them needs the extra: train).

    \b
    Examples:
      kerbwatch models list
      kerbwatch models add mine.toml
      kerbwatch models train --help
      kerbwatch models evaluate --help
    """


for _command in (list_catalogue, add, fetch, verify, remove, dataset, split, train, evaluate, export):
    models.add_command(_command)
