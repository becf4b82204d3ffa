"""`kerbwatch models list`: every model that a node's configuration can name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Column, Table

from models.catalogue import CatalogueEntry, list_models, unreadable_models
from models.commands.adding import FOLDER_OPTION
from models.commands.surroundings import console
from models.errors import ModelError


@click.command(
    "list", epilog="Examples: kerbwatch models list\n\nkerbwatch models list --json | jq '.models[].name'"
)
@click.option("--json", "as_json", is_flag=True, help="For programs: all that the cards say.")
@FOLDER_OPTION
def list_catalogue(as_json: bool, folder: Path) -> None:
    """Show every model a node's configuration can name: shipped ones, known ones, your own."""
    try:
        entries, broken = list_models(folder), unreadable_models(folder)
    except ModelError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        found = {
            "models": [_row(entry) for entry in entries],
            "unreadable": {one.name: one.reason for one in broken},
        }
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    table = Table(Column("Name", no_wrap=True), "Version", "Weights", "Licence", "Classes")
    for entry in entries:
        card = entry.card
        classes = ", ".join(
            f"{kind} (experimental)" if kind in card.experimental else str(kind)
            for kind in sorted(set(card.classes.values()))
        )
        version, licence = escape(card.version), escape(card.provenance.licence)
        table.add_row(card.name, version, _origin(entry), licence, classes)
    console().print(table)
    for one in broken:
        click.echo(f"not usable: {one.name}: {one.reason}", err=True)


def _origin(entry: CatalogueEntry) -> str:
    if not entry.has_weights:
        return "not here (weights = ..., or fetch)"
    return "yours" if entry.own else "shipped"


def _row(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "name": entry.card.name,
        "has_weights": entry.has_weights,
        "own": entry.own,
        "card_file": str(entry.path),
        "card": entry.card.model_dump(mode="json", by_alias=True),
    }
