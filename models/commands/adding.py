"""`kerbwatch models add` and `remove`: the user's own weights."""

from __future__ import annotations

from pathlib import Path

import click

from models.errors import ModelError
from models.trial import Look, TrialReport
from models.user_folder import FOLDER_VARIABLE, user_folder

FOLDER_OPTION = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=user_folder,
    show_default=f"${FOLDER_VARIABLE}, else ~/.local/share/kerbwatch/models",
    help="Folder of your own models; a node's file names another in [detector] models_dir.",
)


@click.command(
    epilog="Examples: kerbwatch models add mine.toml\n\nkerbwatch models add mine.toml --weights best.onnx"
)
@click.argument("card", type=click.Path(path_type=Path))
@click.option("--weights", type=click.Path(path_type=Path), help="The file; default: the one that the card names.")
@click.option("--trust-code", is_flag=True, help="Allow .pt files, which run code when they are opened.")
@FOLDER_OPTION
@click.pass_obj
def add(look: Look, card: Path, weights: Path | None, trust_code: bool, folder: Path) -> None:
    """Add your own weights: one card file, checked, tried, copied.

    The card must be valid, the weights must match its checksum, open in their backend, and see finite boxes of known
    classes on a test picture. Afterwards a node's file can say model = "NAME".
    """
    from models.adding import add_model

    try:
        added = add_model(card, weights, folder, look, trust_code=trust_code)
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    if not added.reports:
        click.echo(f"{added.card.name}: was there already, the same card and weights")
    for report in added.reports:
        click.echo(told(added.card.name, report))
    click.echo(f'{added.path.parent}\nuse it: [detector] model = "{added.card.name}"')


@click.command(epilog="Example: kerbwatch models remove mine")
@click.argument("name")
@FOLDER_OPTION
def remove(name: str, folder: Path) -> None:
    """Remove one of your own models."""
    from models.adding import remove_model

    try:
        click.echo(f"{remove_model(name, folder)} removed")
    except ModelError as error:
        raise click.ClickException(str(error)) from None


def told(name: str, report: TrialReport) -> str:
    """One line about a trial that was passed."""
    print_ = f", {report.compared} of its card's sightings found again" if report.compared else ""
    return f"{name}: ok in {report.backend.value}, sees {len(report.seen)} objects on the test picture{print_}"
