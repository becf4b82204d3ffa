"""`kerbwatch models dataset`: foreign picture sets become data-set folders."""

from __future__ import annotations

from pathlib import Path

import click
from rich.progress import Progress

from models.commands.surroundings import checked_extra, console

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_COUNT = click.IntRange(min=0)
_NEW = click.Path(path_type=Path)


@click.command(
    epilog="Example: kerbwatch models dataset --data ~/data --out datasets\n\n"
    "The rendered sets are made by the scenarios package; put them beside as rendered and rendered_val."
)
@click.option(
    "--data", type=_FOLDER, required=True, help="Folder with the foreign sets and the teachers' weights."
)
@click.option("--out", type=_NEW, default=Path("datasets"), show_default=True, help="Where the data sets go.")
@click.option(
    "--composites", type=_COUNT, default=1500, show_default=True, help="How many composites to train on."
)
@click.option(
    "--composites-val", type=_COUNT, default=150, show_default=True, help="How many composites to measure on."
)
@click.option("--seed", default=1, show_default=True)
def dataset(data: Path, out: Path, composites: int, composites_val: int, seed: int) -> None:
    """Turn the foreign sets into data-set folders: import, pseudo-label, compose."""
    checked_extra()
    from models.training.build import build
    from models.training.folder import LabelError

    try:
        with Progress(console=console()) as progress:
            for line in build(data, out, composites, composites_val, seed, progress):
                progress.console.print(line)
    except LabelError as error:
        raise click.ClickException(str(error)) from None
