"""`kerbwatch models fetch`: known public weights by name."""

from __future__ import annotations

from pathlib import Path

import click
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.table import Column, Table

from models.commands.adding import FOLDER_OPTION, told
from models.commands.surroundings import console
from models.errors import ModelError
from models.trial import Look


@click.command(
    epilog="Examples: kerbwatch models fetch\n\nkerbwatch models fetch omz-2004\n\n"
    "kerbwatch models fetch ours --index https://mirror.city.example/models/index.toml"
)
@click.argument("name", required=False)
@click.option("--index", "place", help="Index of a mirror, a file or an https address; default: the shipped one.")
@FOLDER_OPTION
@click.pass_obj
def fetch(look: Look, name: str | None, place: str | None, folder: Path) -> None:
    """Fetch public weights by name; without a name, show which there are.

    A broken download goes on where it ended. The files get their name only when their checksums are right and the
    model passed a trial. Proxies: HTTPS_PROXY and NO_PROXY.
    """
    from models.fetching.fetch import Manner, fetch_model, open_index
    from models.fetching.index import Index, IndexFile, file_name
    from models.fetching.rules import Patience

    def show(index: Index) -> None:
        table = Table(Column("Name", no_wrap=True), "MB", "Licence", "Address")
        for entry in index.model:
            size = sum(file.bytes for file in entry.files) / 1e6
            table.add_row(entry.name, f"{size:.1f}", escape(entry.licence), entry.address)
        console().print(table)

    try:
        index = open_index(place, Patience())
        if name is None:
            show(index)
            return
        click.echo(f"checksum: {index.entry(name).known_from}; address: {index.entry(name).address}")
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Bars(*columns, console=console()) as bars:
            tasks = {
                file.sha256: bars.add_task(escape(file_name(file.url)), total=file.bytes)
                for file in index.entry(name).files
            }

            def progress(file: IndexFile, there: int) -> None:
                bars.update(tasks[file.sha256], completed=there)

            added = fetch_model(index.entry(name), folder, look, Manner(progress=progress))
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    if not added.reports:
        click.echo(f"{name}: was there already")
    for report in added.reports:
        click.echo(told(added.card.name, report))
    click.echo(f"{added.path.parent}")
