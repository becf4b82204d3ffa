"""`kerbwatch models verify`: are the weights whole, and do they compute here what they should?"""

from __future__ import annotations

from pathlib import Path

import click

from models.catalogue import list_models, resolve, unreadable_models
from models.commands.adding import FOLDER_OPTION, told
from models.errors import ModelError
from models.trial import Look, smoke_lines, try_model


@click.command(
    epilog="Examples: kerbwatch models verify kerbwatch-nano\n\nkerbwatch models verify --all\n\n"
    "kerbwatch models verify mine --smoke >> mine.toml"
)
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every model whose weights are here.")
@click.option("--weights", type=click.Path(path_type=Path), help="The file, where it is not in the catalogue.")
@click.option("--smoke", is_flag=True, help="Write what it sees as [[smoke]] tables for its card.")
@FOLDER_OPTION
@click.pass_obj
def verify(
    look: Look, name: str | None, everything: bool, weights: Path | None, smoke: bool, folder: Path
) -> None:
    """Check a model (a name or a card): checksum, opens, looks, and sees what its card says.

    Every backend that the card names and that is installed is tried. The exit code is 1 when any check fails.
    """
    if (name is None) != everything:
        raise click.UsageError("give the name of a model, or --all")
    if everything and (weights is not None or smoke):
        raise click.UsageError("--weights and --smoke go with one name, not with --all")
    broken: list[tuple[str, str]] = []
    try:
        names = [name] if name is not None else [one.card.name for one in list_models(folder) if one.has_weights]
        if everything:
            broken = [(found.name, found.reason) for found in unreadable_models(folder)]
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    for each in names:
        try:
            model = resolve(each, weights=weights, folder=folder)
            reports = try_model(model, look)
        except ModelError as error:
            broken.append((each, str(error)))
            continue
        if smoke:
            click.echo(smoke_lines(reports[0].seen) or f"# {each} sees nothing surely enough on the test picture")
        else:
            for report in reports:
                click.echo(told(each, report))
    for each, reason in broken:
        click.echo(f"{each}: {reason}", err=True)
    if broken:
        raise click.exceptions.Exit(1)
