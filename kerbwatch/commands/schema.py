"""``kerbwatch schema``: the wire contract as JSON Schema files, generated from the models."""

from __future__ import annotations

from pathlib import Path

import click

from ingest.schemas import schema_files


@click.command("schema")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("docs/schemas"),
    show_default=True,
    help="Folder the files are written to.",
)
def schema(out: Path) -> None:
    """Write one JSON Schema per message type.

    \b
    Example:
      kerbwatch schema --out docs/schemas
    """
    out.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (out / name).write_text(text, encoding="utf-8")
        click.echo(out / name)
